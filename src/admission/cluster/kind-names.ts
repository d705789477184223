import type { Logger } from '../../base/logger.ts';
import { RememberedReads } from '../../base/remembered-reads.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { Clock } from '../../net/clock.ts';
import type { RequestedResource } from '../../policy/resource/model.ts';
import { clusterLimits as limits } from './limits.ts';

/** What the kinds of a cluster are learnt with. */
export interface KindNamesParts {
  readonly client: Pick<KubernetesClient, 'discover'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Tells the kind of what is called so in paths; undefined where the cluster does not say. @throws the signal's reason */
export type KindOfResource = (resource: RequestedResource, signal: AbortSignal) => Promise<string | undefined>;

/**
 * The kinds of custom resources by what they are called in paths, as the cluster tells. Whoever defines a kind chooses both (Kubernetes,
 * CustomResourceDefinition `spec.names`), so that the one cannot be made of the other. Nobody is asked about Kubernetes' own, which are regular.
 */
export function kindNames({ client, clock, logger }: KindNamesParts): KindOfResource {
  const known = new RememberedReads<string | undefined>(
    () => clock.now(),
    limits.kinds,
    (kind) => kind !== undefined,
  );
  /** What was told before, for while nothing is. */
  const before = new Map<string, string>();
  return async ({ group, version, resource }, signal) => {
    if (!group.includes('.')) return undefined;
    const key = `${group}/${version}/${resource}`;
    const read = async (): Promise<string | undefined> => {
      try {
        const { resources } = await client.discover();
        const found = resources.find(
          (each) => each.group === group && each.version === version && each.resource === resource,
        );
        if (found !== undefined && (before.has(key) || before.size < limits.kinds.most)) before.set(key, found.kind);
        return found?.kind ?? before.get(key);
      } catch (error) {
        if (!isKubernetesError(error)) throw error;
        logger.warn('It cannot be seen which kinds the cluster has; they are guessed by what they are called', {
          error,
        });
        return before.get(key);
      }
    };
    return await known.get(key, read, signal);
  };
}
