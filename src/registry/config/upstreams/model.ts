import type { CloudName } from '../../../cloud/cloud.ts';
import type { SecretReference } from '../value/secret.ts';

/** What proves to an upstream who asks. */
export type UpstreamCredentials =
  | { readonly kind: 'password'; readonly username: string; readonly password: SecretReference }
  /** The program `docker-credential-NAME`. */
  | { readonly kind: 'helper'; readonly name: string }
  /** What the process is at a cloud, whose registry the upstream is. */
  | { readonly kind: 'cloud'; readonly provider: CloudName };

/** What clients may do to the repositories of an upstream, which are otherwise only read. */
export type UpstreamWrite = 'delete' | 'attach';

/** A registry whose images are cached. */
export interface UpstreamConfig {
  /** The first part of the names of its repositories here. */
  readonly name: string;
  /** `host` or `host:port`, as clients name it in `?ns=`. */
  readonly host: string;
  /** Where it is reached: scheme, host and port. */
  readonly url: string;
  /** Patterns of its repositories, as it names them; all when left out. */
  readonly allow?: readonly string[];
  readonly deny: readonly string[];
  /** How long a tag counts without a further look, and how long it is remembered that there is none. */
  readonly ttlMs: number;
  readonly notFoundMs: number;
  /** How long after the last look that succeeded a tag is served while the upstream cannot be asked; for ever when left out. */
  readonly staleForMs?: number;
  readonly credentials?: UpstreamCredentials;
  /** Further hosts that may be asked for tokens. */
  readonly tokenHosts: readonly string[];
  /** Whether it, and what it redirects to, may be in a private network or on this machine. */
  readonly allowPrivate: boolean;
  /** Blobs that are fetched from it at a time, by each process. */
  readonly width: number;
  /** Requests to it in `perMs`, by all processes together. */
  readonly budget: { readonly requests?: number; readonly manifests?: number; readonly perMs: number };
  readonly write: readonly UpstreamWrite[];
}

/** Images that are fetched before anybody asks for them. */
export interface PrefetchConfig {
  /** With the name of its upstream before it: `docker.io/library/nginx`. */
  readonly repository: string;
  /** Names or patterns of tags. */
  readonly tags: readonly string[];
  /** `os/architecture[/variant]`; all that there are when left out. */
  readonly platforms?: readonly string[];
}

/** The pull-through cache. */
export interface UpstreamsConfig {
  readonly registries: readonly UpstreamConfig[];
  readonly spool: { readonly maxBytes: number; readonly abandonAfterMs: number };
  readonly evict: {
    readonly schedule: string;
    readonly maxBytes?: number;
    readonly unusedForMs?: number;
    readonly guardMs: number;
    /** Patterns of repositories of which nothing is taken. */
    readonly keep: readonly string[];
    /** Files, by absolute paths, in which the digests of images stand that run. */
    readonly running: readonly string[];
  };
  readonly prefetch: { readonly schedule: string; readonly images: readonly PrefetchConfig[] };
}
