import type { Logger } from '../../../base/logger.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isKubernetesError } from '../../../kubernetes/error.ts';
import type { Clock } from '../../../net/clock.ts';
import { gatekeeperLimits as limits } from '../limits.ts';
import { apiVersionOf, type KubernetesObject, type ResourceType } from '../../../kubernetes/model.ts';

/** The kind of objects by which Gatekeeper knows providers (externaldata.gatekeeper.sh). */
const providerType: ResourceType = {
  group: 'externaldata.gatekeeper.sh',
  version: 'v1beta1',
  resource: 'providers',
  kind: 'Provider',
  namespaced: false,
};

/** Who has Gatekeeper trust what is served. */
export interface ProviderBundlesParts {
  readonly client: Pick<KubernetesClient, 'get' | 'patch' | 'discover'>;
  /** Of Provider objects; what they are besides whom they trust is for whoever made them. */
  readonly names: readonly string[];
  /** Whether this replica is the one that writes. */
  readonly leads: () => boolean;
  readonly logger: Logger;
}

/**
 * Keeps whom Gatekeeper trusts (`spec.caBundle` of Providers) what it has to be, by a leader's hand. A Provider that is not there trusts
 * nobody, and whoever makes it gives it a bundle; that is told once, as it may only not be there yet.
 */
export class ProviderBundles {
  readonly #parts: ProviderBundlesParts;
  readonly #absent = new Set<string>();
  #bundle: string | undefined;

  constructor(parts: ProviderBundlesParts) {
    this.#parts = parts;
  }

  /**
   * Has all Providers that are there trust a bundle.
   *
   * @param bundle PEM
   * @returns true when they do
   * @throws KubernetesError where one could not be looked at or written; the others are as they are to be
   */
  async publish(bundle: string): Promise<boolean> {
    const caBundle = Buffer.from(bundle).toString('base64');
    this.#bundle = caBundle;
    let all = true;
    const failures: unknown[] = [];
    for (const name of this.#parts.names) {
      try {
        all = (await this.#publish(name, caBundle)) && all;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    return all;
  }

  /**
   * Gives what was published last to Providers that come to be, or that others write, moments later: until then Gatekeeper asks nobody, and
   * denies.
   */
  async run(clock: Pick<Clock, 'sleep'>, signal: AbortSignal): Promise<void> {
    const { client, names, leads } = this.#parts;
    while (!signal.aborted) {
      await clock.sleep(limits.providerTime, signal).catch(() => undefined);
      const caBundle = this.#bundle;
      if (signal.aborted || caBundle === undefined || !leads()) continue;
      for (const name of names) {
        // What goes wrong is told where the bundle is published, which is done again and again.
        const found = await client.get(providerType, name).catch(() => undefined);
        if (found !== undefined) await this.#give(found, caBundle).catch(() => undefined);
      }
    }
  }

  async #publish(name: string, caBundle: string): Promise<boolean> {
    const { logger } = this.#parts;
    const found = await this.#find(name);
    if (found === undefined) {
      if (!this.#absent.has(name))
        logger.warn('There is no such Provider of Gatekeeper to be given a bundle', { name });
      this.#absent.add(name);
      return true;
    }
    this.#absent.delete(name);
    return await this.#give(found, caBundle);
  }

  async #give(found: KubernetesObject, caBundle: string): Promise<boolean> {
    const { client, leads, logger } = this.#parts;
    const { name } = found.metadata;
    if (bundleOf(found) === caBundle) return true;
    if (!leads()) return false;
    await client.patch(
      providerType,
      name,
      { kind: 'merge', body: { spec: { caBundle } } },
      { fieldManager: 'seaworthy' },
    );
    logger.info('A Provider of Gatekeeper was given the bundle of authorities', { name });
    return true;
  }

  /** A cluster without Gatekeeper does not have the kind: API servers know no such path, and say so when they list what they have. */
  async #find(name: string): Promise<KubernetesObject | undefined> {
    const { client } = this.#parts;
    try {
      return await client.get(providerType, name);
    } catch (error) {
      if (!isKubernetesError(error, 'NOT_FOUND')) throw error;
      const { resources, failures } = await client.discover();
      const isUnknown = failures.some(({ groupVersion }) => groupVersion === apiVersionOf(providerType));
      if (isUnknown || resources.some(isProviderKind)) throw error;
      return undefined;
    }
  }
}

function isProviderKind({ group, version, resource }: Pick<ResourceType, 'group' | 'version' | 'resource'>): boolean {
  return group === providerType.group && version === providerType.version && resource === providerType.resource;
}

function bundleOf({ spec }: KubernetesObject): unknown {
  return typeof spec === 'object' && spec !== null
    ? (spec as Readonly<Record<string, unknown>>)['caBundle']
    : undefined;
}
