import { listsHost } from '../net/host.ts';
import type { Credential, Keychain } from '../oci/client/credential.ts';
import { OciError } from '../oci/error.ts';
import type { CloudDeps } from './cloud-deps.ts';
import type { Cloud, FindRegistryToken } from './cloud.ts';
import { CloudError } from './error.ts';
import { cloudLimits } from './limits.ts';
import { clouds } from './list.ts';

/**
 * The credentials that this machine or user has at clouds, for their own registries. Whoever else names a host like one of them, such
 * as `x.azurecr.io.evil.tld`, gets nothing (CVE-2025-27403), nor does whoever need not prove by TLS that the name is its own. Tokens are remembered by all keychains of one of these together, and
 * nothing is asked for before somebody wants one.
 */
export class CloudKeychains {
  readonly #deps: CloudDeps;
  readonly #opened = new Map<Cloud, FindRegistryToken>();

  constructor(deps: CloudDeps) {
    this.#deps = deps;
  }

  /**
   * The credentials of one cloud, by its name; none for a name that no cloud has. Having none is told, since somebody says that there
   * are some: OciError CREDENTIALS_UNAVAILABLE.
   */
  of(name: string): Keychain {
    const cloud = clouds.find((one) => one.name === name);
    return { find: (registry, _repository, signal) => this.#find(cloud, registry, signal) };
  }

  /** The credentials of whichever cloud a registry is one of, if there are any: nobody says so. */
  get any(): Keychain {
    return {
      find: async (registry, _repository, signal) => {
        try {
          return await this.#find(
            clouds.find((cloud) => cloud.owns(registry)),
            registry,
            signal,
          );
        } catch (error) {
          const { cause } = error as Error;
          if (cause instanceof CloudError && cause.code === 'CREDENTIALS_ABSENT') return undefined;
          throw error;
        }
      },
    };
  }

  async #find(
    cloud: Cloud | undefined,
    registry: string,
    signal: AbortSignal | undefined,
  ): Promise<Credential | undefined> {
    if (cloud === undefined || this.#isUnproven(registry)) return undefined;
    let find = this.#opened.get(cloud);
    if (find === undefined) this.#opened.set(cloud, (find = cloud.open(this.#deps)));
    try {
      const found = await find(registry, signal);
      if (found === undefined) return undefined;
      const { username, password, expiresAt } = found;
      const { spare, kept } = cloudLimits;
      const staleAt = Math.min(expiresAt - spare, this.#deps.now().getTime() + kept);
      return { kind: 'password', username, password, staleAt };
    } catch (cause) {
      if (!(cause instanceof CloudError)) throw cause;
      const sentence = `There are no credentials for ${registry}: ${cause.message}`;
      throw new OciError('CREDENTIALS_UNAVAILABLE', sentence, { cause });
    }
  }

  #isUnproven(registry: string): boolean {
    const url = URL.parse(`https://${registry}/`);
    return url === null || listsHost(this.#deps.unprovenHosts ?? [], url);
  }
}
