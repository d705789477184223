import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofManifests } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { given, ofGrant, rulesOf, writing } from '../../rbac-rules.ts';

/** KSV-0042: what happened is gone. */
export const deleteLogs: Check<Manifest> = ofGrant(
  'KSV-0042',
  'MEDIUM',
  {
    name: 'no-delete-pod-logs',
    title: 'May delete logs of Pods',
    description: 'Who may delete logs can hide what was done.',
    resolution: 'Remove delete and deletecollection of pods/log.',
  },
  { groups: [''], resources: ['pods/log'], verbs: ['delete', 'deletecollection'] },
);

/** KSV-0048: who may start Pods may start any Pod. */
export const workloads: Check<Manifest> = ofGrant(
  'KSV-0048',
  'MEDIUM',
  {
    name: 'deny-create-update-malicious-pod',
    title: 'May change workloads',
    description:
      'Who may make or change Pods may run what they like, with any service account and any secret of the namespace, and on the node if nothing holds them back.',
    resolution: 'Give no more than get, list and watch of workloads.',
  },
  {
    groups: ['', 'apps', 'batch', 'extensions'],
    resources: [
      'pods',
      'deployments',
      'jobs',
      'cronjobs',
      'statefulsets',
      'daemonsets',
      'replicasets',
      'replicationcontrollers',
    ],
    verbs: writing,
  },
);

/** KSV-0053: a shell in each Pod. */
export const execPods: Check<Manifest> = ofGrant(
  'KSV-0053',
  'HIGH',
  {
    name: 'no-getting-shell-pods',
    title: 'May run commands in Pods',
    description:
      'Who may run commands in a Pod has its service account, its secrets, and its node if it is privileged.',
    resolution: 'Remove pods/exec.',
  },
  { groups: [''], resources: ['pods/exec'], verbs: writing },
);

/** KSV-0054: what is typed and told in each Pod. */
export const attachPods: Check<Manifest> = ofManifests(
  describe('KSV-0054', 'HIGH', {
    name: 'no-attaching-shell-pods',
    title: 'May attach to Pods',
    description: 'Who may attach to a Pod reads what its program tells and types what it reads.',
    resolution: 'Remove pods/attach.',
  }),
  (manifest) => {
    const rules = rulesOf(manifest);
    const seesPods = rules.some(
      (rule) => given(rule, { groups: [''], resources: ['pods'], verbs: ['get'] }) !== undefined,
    );
    if (!seesPods) return undefined;
    return rules.flatMap((rule): readonly Flaw[] => {
      const found = given(rule, { groups: [''], resources: ['pods/attach'], verbs: ['create'] });
      return found === undefined ? [] : [{ message: 'A rule allows to attach to Pods', lines: rule.node.lines }];
    });
  },
);
