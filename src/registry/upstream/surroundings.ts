import type { Logger } from '../../base/logger.ts';
import type { CloudKeychains } from '../../cloud/keychains.ts';
import type { Clock } from '../../net/clock.ts';
import type { Network } from '../../net/network.ts';
import type { Digest } from '../../oci/digest.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import type { Content, Journal } from '../content/content.ts';
import type { RegistryMetrics } from '../metrics/registry-metrics.ts';

/** Something that an upstream did which those who run the registry want to know, for the audit trail. */
export interface UpstreamEvent {
  /**
   * `stale`: something was served although the upstream could not be asked. `broken`: what it sent was thrown away. `held`: a tag that it
   * moved stays, by a rule of this registry. `gone`: a tag that it has no more was taken away.
   */
  readonly kind: 'stale' | 'broken' | 'held' | 'gone';
  /** With the name of its upstream before it. */
  readonly repository: string;
  /** A tag or digest. */
  readonly reference: string;
  readonly reason: string;
}

/** What a cache is opened with besides its configuration. */
export interface UpstreamSurroundings {
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For credential helpers, and secrets in variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What this process is at clouds, for upstreams that are registries of theirs. */
  readonly clouds: Pick<CloudKeychains, 'of'>;
  /** The folder of the registry's data; the spool lies in it. */
  readonly folder: string;
  readonly metrics?: Pick<RegistryMetrics, 'add' | 'set'>;
  /** Writes down what is kept and taken away, in the transaction that does it. */
  readonly journal?: Journal;
  readonly observe?: (event: UpstreamEvent) => void;
  /** Told of what claims to be a signature or a statement and has the config of an image, in the transaction that keeps it. */
  readonly attached?: (
    queries: SqlQueries,
    what: { readonly repository: string; readonly digest: Digest },
  ) => Promise<void>;
  /** How clients call this registry, which an `ns` of theirs may name. */
  readonly ownHosts?: () => readonly string[];
}

/** The same, with what is kept, for the parts of the cache. */
export interface UpstreamParts extends Required<
  Omit<UpstreamSurroundings, 'ownHosts' | 'network' | 'env' | 'clouds' | 'folder'>
> {
  readonly content: Content;
  /** Aborted when the cache is closed. */
  readonly closing: AbortSignal;
}
