import type { Check } from '../../../check.ts';
import type { Manifest } from '../../manifest.ts';
import { anyVerb, type Grant, ofGrant } from '../../rbac-rules.ts';

const secrets: Grant = { groups: [''], resources: ['secrets'], verbs: anyVerb };

/** KSV-0041: all secrets of the cluster. */
export const clusterSecrets: Check<Manifest> = ofGrant(
  'KSV-0041',
  'CRITICAL',
  {
    name: 'no-manage-secrets',
    title: 'May use all secrets of the cluster',
    description: 'Among the secrets of a cluster are tokens of those who may do everything.',
    resolution: 'Remove secrets from the ClusterRole, or give a Role in the namespace that needs them.',
    kinds: ['ClusterRole'],
  },
  secrets,
);

/** KSV-0113: all secrets of a namespace. */
export const namespaceSecrets: Check<Manifest> = ofGrant(
  'KSV-0113',
  'MEDIUM',
  {
    name: 'no-manage-ns-secrets',
    title: 'May use secrets of its namespace',
    description: 'Who may read the secrets of a namespace has the passwords and tokens of everything in it.',
    resolution:
      'Remove secrets from the Role, or name those that are needed in resourceNames and set this check aside.',
    kinds: ['Role'],
  },
  secrets,
);
