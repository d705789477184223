import type { ForwardingHeader } from '../../http/forwarded.ts';
import type { ListenAddress } from '../../../net/listen-address.ts';

/** Certificates of the server, as files: they may be replaced while it runs. */
export interface TlsConfig {
  /** The certificate with its chain, in PEM. An absolute path, as all paths of a configuration. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities of client certificates, in PEM; without it, clients are asked for none. */
  readonly clientCaFile?: string;
  /** What these authorities revoked, in PEM. */
  readonly clientCrlFile?: string;
  /** How often the files are looked at, in milliseconds. */
  readonly reloadMs: number;
}

/** Proxies before the registry, which are believed about where requests come from. */
export interface ProxiesConfig {
  /** Addresses, and networks as `10.0.0.0/8`; whatever others say of it is passed over. */
  readonly trusted: readonly string[];
  /** Where they say it. The other header is passed over: a proxy that writes one lets clients write the other. */
  readonly header: ForwardingHeader;
}

/** What clients may make the registry hold or wait for. */
export interface ServerLimits {
  readonly manifestBytes: number;
  /** Entries of a page of tags, repositories or referrers. */
  readonly pageEntries: number;
  /** Connections of one process. */
  readonly connections: number;
  /** Silence in the middle of a body, in milliseconds. */
  readonly idleMs: number;
  /** Bytes a second that a body comes with at least, and an answer is taken with. */
  readonly leastSpeed: number;
}

/** What clients may upload. */
export interface UploadsConfig {
  /** An upload that nobody went on with for this many milliseconds is thrown away. */
  readonly expireAfterMs: number;
  /** Bytes of one blob. */
  readonly maxBytes: number;
}

/** Whether clients may delete at all, whatever is permitted to them. */
export interface DeleteConfig {
  readonly enabled: boolean;
}

/** Where metrics are served: an address of its own, which needs no login. */
export interface MetricsConfig {
  readonly listen: ListenAddress;
}

/** Where traces are sent. */
export interface TracingConfig {
  /** Of a collector that takes OTLP over HTTP as JSON. */
  readonly endpoint: string;
}

/** What is refused unless the configuration says that it is meant. */
export const risks = ['plain-http', 'no-auth', 'anonymous-push', 'empty-repositories'] as const;

/**
 * A risk that its owner accepts: passwords and images go over a network in the clear; everybody who reaches the registry
 * may do everything; everybody may push or delete somewhere; retention may
 * leave nothing of a repository.
 */
export type Risk = (typeof risks)[number];
