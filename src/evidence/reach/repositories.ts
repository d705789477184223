import type { RegistryClient } from '../../oci/client/registry-client.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import type { Clock } from '../../net/clock.ts';
import type { PullAccess } from '../../workload/credentials/pull-access.ts';
import { accessKey } from '../../workload/credentials/access-key.ts';
import { reachLimits } from './limits.ts';
import type { NamedBy } from './model.ts';

/** Opens a client of one registry, which proves who asks as an access says. */
export type OpenRegistry = (registry: string, access: PullAccess, namedBy: NamedBy) => RegistryClient;

/** Repositories of registries. Clients are kept for a while, since each knows its registry's tokens. */
export class Repositories {
  readonly #open: OpenRegistry;
  readonly #clock: Clock;
  readonly #clients = new Map<string, { readonly client: RegistryClient; readonly until: number }>();

  constructor(open: OpenRegistry, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  of({ registry, repository }: Pick<Reference, 'registry' | 'repository'>, access: PullAccess): RemoteRepository {
    return { client: this.#client(registry, access, 'object'), repository };
  }

  /** One that a policy names, with the host: `ghcr.io/org/signatures`. @throws OciError REFERENCE_INVALID */
  named(name: string, access: PullAccess): RemoteRepository {
    const { registry, repository } = parseReference(name);
    return { client: this.#client(registry, access, 'policy'), repository };
  }

  #client(registry: string, access: PullAccess, namedBy: NamedBy): RegistryClient {
    const key = `${registry}\0${namedBy}\0${accessKey(access)}`;
    const now = this.#clock.now();
    const kept = this.#clients.get(key);
    if (kept !== undefined && now < kept.until) return kept.client;
    const client = this.#open(registry, access, namedBy);
    this.#clients.delete(key);
    this.#clients.set(key, { client, until: now + reachLimits.clientTime });
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > reachLimits.clients && oldest !== undefined) this.#clients.delete(oldest);
    return client;
  }
}
