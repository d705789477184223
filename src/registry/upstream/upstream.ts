import { errorMessage } from '../../base/error.ts';
import type { Network, NetworkResponse } from '../../net/network.ts';
import type { Credential, Keychain } from '../../oci/client/credential.ts';
import { askCredentialHelper } from '../../oci/client/keychain/credential-helper.ts';
import { dockerHubKey } from '../../oci/client/keychain/registry-key.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import { belongsTogether } from '../../oci/client/token-host.ts';
import { OciError } from '../../oci/error.ts';
import { dockerHub } from '../../oci/reference.ts';
import { returnToBudget, takeFromBudget } from '../../store/metadata/upstream-budgets.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import type { UpstreamConfig } from '../config/upstreams/model.ts';
import { readSecret } from '../config/value/secret.ts';
import { BlobPlaces } from './blob-places.ts';
import { BoundedNetwork, type RequestOutcome } from './bounded-network.ts';
import { Circuit, type RequestKind } from './circuit.ts';
import { upstreamLimits } from './limits.ts';
import { compileRules, type UpstreamRules } from './rules.ts';
import type { UpstreamSurroundings } from './surroundings.ts';
import { UpstreamTrouble } from './trouble.ts';

/** One upstream as this process asks it. */
export class Upstream {
  readonly config: UpstreamConfig;
  readonly rules: UpstreamRules;
  readonly circuit: Circuit;
  /** Blobs that are fetched at a time. */
  readonly blobs: BlobPlaces;
  readonly #network: Network;
  readonly #surroundings: UpstreamSurroundings;
  readonly #database: SqlDatabase;
  #client: RegistryClient | undefined;
  #madeAt = 0;

  constructor(config: UpstreamConfig, surroundings: UpstreamSurroundings, database: SqlDatabase) {
    this.config = config;
    this.rules = compileRules(config);
    this.circuit = new Circuit(config.host, surroundings.clock);
    this.blobs = new BlobPlaces(config.width, surroundings.clock);
    this.#surroundings = surroundings;
    this.#database = database;
    this.#network = new BoundedNetwork({
      network: surroundings.network,
      base: new URL(config.url),
      publicOnly: !config.allowPrivate,
      circuit: this.circuit,
      spend: (kind) => this.#spend(kind),
      refund: () => this.#refund(),
      observe: (kind, outcome, response) => this.#observe(kind, outcome, response),
    });
  }

  /** The repository as the upstream names it. */
  path(repository: string): string {
    return repository.slice(this.config.name.length + 1);
  }

  /**
   * Speaks with it. Its tokens are kept, for each repository and for who asks; after a while another one begins without, so that
   * credentials which changed or ended are looked up again.
   */
  get client(): RegistryClient {
    const now = this.#surroundings.clock.monotonic();
    if (this.#client === undefined || now - this.#madeAt > upstreamLimits.clientAge) this.#client = this.#make(now);
    return this.#client;
  }

  /** Looks credentials up anew for the next request: those of before were refused. False where there are none, or that was done just now. */
  renewClient(): boolean {
    const now = this.#surroundings.clock.monotonic();
    if (this.config.credentials === undefined || now - this.#madeAt <= upstreamLimits.clientRenewal) return false;
    this.#client = this.#make(now);
    return true;
  }

  #make(now: number): RegistryClient {
    const { config } = this;
    this.#madeAt = now;
    const secrets = [...new Set(this.#client?.secrets)].slice(0, upstreamLimits.pastSecrets);
    return new RegistryClient(this.#network, config.host, {
      base: new URL(config.url),
      keychain: this.#keychain(),
      logger: this.#surroundings.logger,
      isTokenHost: (base, realm) => belongsTogether(base, realm, config.tokenHosts),
      secrets,
    });
  }

  /** The same for all repositories: a helper may ask a cloud, and is run once for a client. What is known of clouds is kept by themselves. */
  #keychain(): Keychain {
    const { credentials, url } = this.config;
    if (credentials?.kind === 'cloud') {
      const keychain = this.#surroundings.clouds.of(credentials.provider);
      // Of the host that it is shown to, whatever images call that.
      return { find: (_registry, repository, signal) => keychain.find(new URL(url).host, repository, signal) };
    }
    let found: Promise<Credential | undefined> | undefined;
    return {
      find: (_registry, _repository, signal) => {
        found ??= this.#findCredential(signal);
        found.catch(() => (found = undefined));
        return found;
      },
    };
  }

  async #findCredential(signal: AbortSignal | undefined): Promise<Credential | undefined> {
    const { credentials, host, url } = this.config;
    const { env } = this.#surroundings;
    if (credentials === undefined || credentials.kind === 'cloud') return undefined;
    if (credentials.kind === 'password') {
      const { username, password } = credentials;
      try {
        return { kind: 'password', username, password: await readSecret(password, env) };
      } catch (cause) {
        throw new OciError('CREDENTIALS_UNREADABLE', errorMessage(cause), { cause });
      }
    }
    const server = host === dockerHub ? dockerHubKey : new URL(url).host;
    return askCredentialHelper(credentials.name, server, { environment: env, signal });
  }

  async #spend(kind: RequestKind): Promise<void> {
    const { requests, manifests, perMs: per } = this.config.budget;
    const { host: upstream } = this.config;
    const rules = [
      { kind: 'manifest', limit: kind === 'manifest' ? manifests : undefined },
      { kind: 'request', limit: requests },
    ];
    if (rules.every(({ limit }) => limit === undefined)) return;
    const now = this.#surroundings.clock.now();
    const wait = await this.#database.transaction(
      async (queries) => {
        for (const { kind: name, limit } of rules) {
          if (limit === undefined) continue;
          const left = await takeFromBudget(queries, { upstream, kind: name, limit, per }, now);
          if (left > 0) return left;
        }
        return 0;
      },
      { durable: false },
    );
    if (wait === 0) return;
    throw new UpstreamTrouble('LIMITED', `the budget of requests to ${upstream} is used up`, wait);
  }

  async #refund(): Promise<void> {
    if (this.config.budget.manifests === undefined) return;
    const { host: upstream } = this.config;
    await this.#database.transaction((queries) => returnToBudget(queries, { upstream, kind: 'manifest' }), {
      durable: false,
    });
  }

  #observe(kind: RequestKind, outcome: RequestOutcome, response: NetworkResponse | undefined): void {
    const { metrics } = this.#surroundings;
    const upstream = this.config.host;
    metrics?.add('upstreamRequests', { upstream, kind, outcome });
    for (const [header, name] of [
      ['ratelimit-limit', 'upstreamLimit'],
      ['ratelimit-remaining', 'upstreamRemaining'],
    ] as const) {
      // `100;w=21600` (Docker Hub, "Usage and limits").
      const value = /^(\d{1,12})(?:;|,|$)/.exec(response?.headers.get(header)?.trim() ?? '')?.[1];
      if (value !== undefined) metrics?.set(name, Number(value), { upstream });
    }
  }
}
