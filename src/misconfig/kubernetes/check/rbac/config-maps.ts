import type { Check } from '../../../check.ts';
import type { Manifest } from '../../manifest.ts';
import { given, type Grant, ofGrant, ofRules, verbWord, writing } from '../../rbac-rules.ts';

const configMaps: Grant = { groups: [''], resources: ['configmaps'], verbs: writing };

/** KSV-0049: what programs do is what they are told there. */
export const writeConfigMaps: Check<Manifest> = ofGrant(
  'KSV-0049',
  'MEDIUM',
  {
    name: 'no-manage-configmaps',
    title: 'May change ConfigMaps',
    description: 'Who may change ConfigMaps changes what programs do, and at some clouds who may do what.',
    resolution:
      'Give no more than get, list and watch of configmaps, or name those that may be changed and set this check aside.',
  },
  configMaps,
);

/** KSV-0115: who is who in clusters of Amazon. */
export const awsAuth: Check<Manifest> = ofRules(
  'KSV-0115',
  'CRITICAL',
  {
    name: 'eks-iam-configmap',
    title: 'May change who Amazon accounts are in the cluster',
    description: 'In clusters of Amazon, the ConfigMap aws-auth says which of its users are administrators.',
    resolution: 'Remove verbs that change the ConfigMap aws-auth.',
  },
  (rule) => {
    const found = given(rule, configMaps);
    if (found === undefined || !rule.names.has('aws-auth')) return undefined;
    return `A rule allows ${verbWord(found.verb)} of the ConfigMap aws-auth`;
  },
);
