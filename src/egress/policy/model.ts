import type { NetworkRange } from '../../net/network-range.ts';
import type { RuntimeName } from '../runtime/runtime.ts';

/** Where a secret lies; the secret itself never stands in a policy. */
export type HeaderSource =
  | { readonly kind: 'env'; readonly name: string }
  /** An absolute path. */
  | { readonly kind: 'file'; readonly path: string };

/** The private registry, as nodes reach it. Files are those of the nodes. */
export interface RegistryAccess {
  /** `http` or `https`. */
  readonly scheme: string;
  /** Host and port. */
  readonly authority: string;
  readonly port: number;
  /** What its name leads to, for firewalls, which know no names. */
  readonly addresses: readonly NetworkRange[];
  /** The certificate of the authority that nodes trust. */
  readonly ca?: string;
  /** What nodes show to the registry. */
  readonly client?: { readonly certificate: string; readonly key: string };
  /** The value of the header Authorization. */
  readonly authorization?: HeaderSource;
  /** Image hosts that are asked for by a path (`/v2/docker.io`) rather than by containerd's parameter `ns`. */
  readonly prefixed: readonly string[];
}

/** A registry that nodes reach directly. */
export interface EgressException {
  /** Host and port, as image names have them. */
  readonly host: string;
  readonly addresses: readonly NetworkRange[];
}

/** A server at a port. */
export interface ServerAddress {
  readonly range: NetworkRange;
  readonly port: number;
}

/** Where nodes may pull from, and what else they may reach. */
export interface EgressPolicy {
  readonly registry: RegistryAccess;
  /** Image hosts that are led to the private registry by runtimes that know no wildcard. */
  readonly hosts: readonly string[];
  readonly exceptions: readonly EgressException[];
  /** Networks of nodes, pods and services. */
  readonly cluster: readonly NetworkRange[];
  readonly apiServer: readonly ServerAddress[];
  readonly dns: readonly NetworkRange[];
  readonly ntp: readonly NetworkRange[];
  /** Metadata services of clouds. */
  readonly metadata: readonly NetworkRange[];
  /**
   * What firewalls keep nodes from reaching elsewhere: `web` is the ports of web servers and registries, QUIC and DNS over TLS; `all` is
   * every new connection.
   */
  readonly ports: 'web' | 'all';
  /** After how many milliseconds a firewall that nobody confirmed is taken away again. */
  readonly rollbackMs: number;
  /** Runtimes that the nodes have; empty: it is not said. */
  readonly runtimes: readonly RuntimeName[];
}
