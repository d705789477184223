import type { MatchConstraints } from '../resource/match-constraints/model.ts';

/** Kinds of the resources that policies about images name; of any other, only the API server knows the kind. */
const kindOf: Readonly<Record<string, string>> = {
  pods: 'Pod',
  podtemplates: 'PodTemplate',
  replicationcontrollers: 'ReplicationController',
  daemonsets: 'DaemonSet',
  deployments: 'Deployment',
  replicasets: 'ReplicaSet',
  statefulsets: 'StatefulSet',
  cronjobs: 'CronJob',
  jobs: 'Job',
};

/** Kinds that a policy may be about, as `ResourceRule.kinds` has them, each once. */
export function registeredKinds(constraints: MatchConstraints | undefined): readonly string[] {
  if (constraints === undefined) return ['*/*/*'];
  const found = new Set<string>();
  for (const { apiGroups = [], apiVersions = [], resources = [] } of constraints.resourceRules ?? []) {
    for (const group of apiGroups) {
      for (const version of apiVersions) {
        for (const text of resources) {
          const [resource = '', subresource] = text.split('/', 2);
          const kind = Object.hasOwn(kindOf, resource) ? (kindOf[resource] ?? '*') : '*';
          const own = `${group}/${version}/${kind}`;
          found.add(subresource === undefined ? own : `${own}/${subresource}`);
          if (kind === 'Pod' && subresource === undefined) found.add(`${own}/ephemeralcontainers`);
        }
      }
    }
  }
  return [...found].sort();
}
