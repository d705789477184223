import type { Network, NetworkOptions } from '../net/network.ts';
import type { ClientCertificate, ClusterConfig } from './config/model.ts';
import { kubernetesLimits as limits } from './limits.ts';

/** What holds for all connections to a cluster; the configuration adds whom to trust and who to be. */
export type ConnectionOptions = Omit<NetworkOptions, 'tls' | 'widthPerHost'>;

/** Opens the network: `openNetwork` of `net/`. */
export type OpenNetwork = (options: NetworkOptions) => Network;

/** Watches stay under way for minutes and must not take the places of requests. */
export type Lane = 'request' | 'watch';

/** Keeps so many certificates' connections: watches may still run on those of the last one. */
const keptGenerations = 2;

interface Generation {
  readonly certificate: ClientCertificate | undefined;
  readonly networks: Readonly<Record<Lane, Network>>;
}

/** The connections to one cluster. They belong to a client certificate, and others are opened when that changes. */
export class Connections implements AsyncDisposable {
  readonly #config: ClusterConfig;
  readonly #options: ConnectionOptions;
  readonly #open: OpenNetwork;
  readonly #host: string;
  /** Newest first. */
  #generations: readonly Generation[] = [];

  constructor(config: ClusterConfig, options: ConnectionOptions, open: OpenNetwork) {
    this.#config = config;
    this.#options = options;
    this.#open = open;
    const url = new URL(config.server);
    // With its port, whatever the scheme: the certificate is for this server and for none beside it.
    this.#host = `${url.hostname}:${url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port}`;
  }

  /** The network for requests with this certificate. @throws NetError for a certificate that is none */
  network(lane: Lane, certificate: ClientCertificate | undefined): Network {
    const newest = this.#generations[0];
    if (newest !== undefined && isSame(newest.certificate, certificate)) return newest.networks[lane];
    const networks = {
      request: this.#open(this.#networkOptions(certificate, limits.requests)),
      watch: this.#open(this.#networkOptions(certificate, limits.watches)),
    };
    const all = [{ certificate, networks }, ...this.#generations];
    this.#generations = all.slice(0, keptGenerations);
    for (const generation of all.slice(keptGenerations)) void close(generation);
    return networks[lane];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = this.#generations;
    this.#generations = [];
    for (const generation of all) await close(generation);
  }

  #networkOptions(certificate: ClientCertificate | undefined, widthPerHost: number): NetworkOptions {
    const { tls, proxy } = this.#config;
    const hosts = [this.#host];
    return {
      ...this.#options,
      ...(proxy === undefined ? {} : { proxy: { http: proxy, https: proxy } }),
      widthPerHost,
      tls: {
        ...(tls.authority === undefined
          ? {}
          : { authorities: [{ name: "the cluster's authority", pem: tls.authority }], onlyAuthorities: true }),
        ...(tls.insecure ? { insecureHosts: hosts } : {}),
        ...(tls.serverName === undefined ? {} : { serverNames: [{ hosts, name: tls.serverName }] }),
        ...(certificate === undefined ? {} : { clientCertificates: [{ hosts, ...certificate }] }),
      },
    };
  }
}

async function close({ networks }: Generation): Promise<void> {
  await networks.request[Symbol.asyncDispose]();
  await networks.watch[Symbol.asyncDispose]();
}

function isSame(one: ClientCertificate | undefined, other: ClientCertificate | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.certificate.equals(other.certificate) && one.key.equals(other.key);
}
