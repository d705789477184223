import type { Clock } from '../../net/clock.ts';
import { podSpecOf } from '../../policy/resource/images.ts';
import { pullWishesOf } from '../../workload/pull-wishes.ts';
import type { ClusterFacts } from '../resource/model.ts';

/** What is known of a cluster by a webhook that has no connection to one: what objects say themselves. */
export function noCluster(clock: Clock): ClusterFacts {
  return {
    look: (lookup) =>
      Promise.resolve({
        state: 'unavailable',
        reason: `${whatOf(lookup)} cannot be looked up without a connection to the cluster`,
      }),
    pullSecrets: (subject) => {
      const secrets = pullWishesOf(podSpecOf(subject) ?? null).secrets.map((name) => `${subject.namespace}/${name}`);
      return Promise.resolve({ state: 'known', value: secrets, at: clock.now() });
    },
  };
}

function whatOf(lookup: Parameters<ClusterFacts['look']>[0]): string {
  switch (lookup.kind) {
    case 'namespaceLabels':
      return `the labels of namespace ${lookup.namespace}`;
    case 'roles':
      return 'the roles of who asks';
    case 'configMap':
      return `the ConfigMap ${lookup.namespace}/${lookup.name}`;
    case 'api':
      return `what the API server has at ${lookup.path}`;
    case 'globalReference':
      return `the global context ${lookup.name}`;
    default:
      return `the image ${lookup.reference}`;
  }
}
