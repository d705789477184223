import { parseKindSelector } from '../match/kind-selector.ts';
import type { MatchBlock } from '../document/match/model.ts';
import { filtersOf } from './looked-up.ts';

/** Groups of kinds that Kubernetes comes with and that policies name without one. */
const groups: Readonly<Record<string, string>> = {
  Pod: '',
  PodTemplate: '',
  ReplicationController: '',
  Service: '',
  ConfigMap: '',
  Secret: '',
  ServiceAccount: '',
  Namespace: '',
  Node: '',
  PersistentVolume: '',
  PersistentVolumeClaim: '',
  Deployment: 'apps',
  StatefulSet: 'apps',
  DaemonSet: 'apps',
  ReplicaSet: 'apps',
  Job: 'batch',
  CronJob: 'batch',
};

/** Kinds that a block may be about, as `ResourceRule.kinds` has them, each once. */
export function kindsOf(match: MatchBlock): readonly string[] {
  const filters = filtersOf(match).filter((each) => Object.values(each).some((member) => member !== undefined));
  const found = new Set<string>();
  for (const { resources } of filters) {
    if (resources?.kinds === undefined || resources.kinds.length === 0) {
      // One of `all` that names kinds is enough.
      if (match.all === undefined) found.add('*/*/*');
      continue;
    }
    for (const text of resources.kinds) {
      const selector = parseKindSelector(text);
      if (selector === undefined) continue;
      const { version, kind, subresource } = selector;
      const group = selector.group === '*' && Object.hasOwn(groups, kind) ? (groups[kind] ?? '*') : selector.group;
      const own = `${group}/${version}/${kind}`;
      found.add(subresource === '' ? own : `${own}/${subresource}`);
      if (kind === 'Pod' && group === '' && subresource === '') found.add(`${own}/ephemeralcontainers`);
    }
  }
  return found.size === 0 && filters.length > 0 ? ['*/*/*'] : [...found].sort();
}
