import type { Progress } from '../base/progress.ts';
import type { FetchBytes } from './fetch-bytes.ts';

/**
 * A source of facts for the vulnerability database: how to get its documents, and a pure function that reads one.
 *
 * `Item` is what a document holds: advisories, exploited flaws, scores.
 */
export interface Feed<Item> {
  /** Stable: `osv:Debian`, `kev`, `epss`. */
  readonly id: string;
  /**
   * Gets what changed since the state that `fingerprint` names, or everything when there is none.
   *
   * @throws AdvisoryError, or the network's own errors
   */
  readonly fetch: (context: FeedContext, fingerprint?: string) => Promise<FetchedFeed | 'unchanged'>;
  /** Reads one document. Bad records are left out and told in `dropped`; only a document that is no such thing throws. */
  readonly parse: (document: FeedDocument) => ParsedDocument<Item>;
}

/** What a feed may use while it fetches. */
export interface FeedContext {
  readonly fetchBytes: FetchBytes;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** What a fetch brought. */
export interface FetchedFeed {
  /** `whole` takes the place of everything known from this feed; `changes` of the records it names. */
  readonly mode: 'whole' | 'changes';
  /** The raw documents, once. */
  readonly documents: AsyncIterable<FeedDocument> | Iterable<FeedDocument>;
  /**
   * Names the state that was fetched, for the next call of `fetch`.
   *
   * @param newest the latest `modified` among the items that were read, RFC 3339
   */
  readonly fingerprint: (newest: string | undefined) => string;
}

/** One raw document of a feed. */
export interface FeedDocument {
  /** For messages: a file's name in a zip, a URL. */
  readonly name: string;
  /** Absent when the feed names the record but no longer has it, or it is overlong. */
  readonly bytes?: Uint8Array;
  /** True when the document is there, but larger than a cap allows to read. */
  readonly overlong?: boolean;
}

/** What a document held. */
export interface ParsedDocument<Item> {
  readonly items: readonly Item[];
  readonly dropped: readonly DroppedRecord[];
}

/** A record, or a part of one, that is not used. */
export interface DroppedRecord {
  /** The record's id, or the document's name when it has none. */
  readonly subject: string;
  readonly reason: DropReason;
}

/** Why a record is not used. */
export type DropReason =
  /** Not what the format says. */
  | 'MALFORMED'
  /** Larger than a cap of `limits.ts`. */
  | 'LIMIT_EXCEEDED'
  /** No scheme is known for the versions of its ecosystem. */
  | 'ECOSYSTEM_UNSUPPORTED'
  /** A version in a range breaks its ecosystem's scheme, so the range cannot be compared. */
  | 'VERSION_UNREADABLE'
  /** A notice (no longer maintained, bug fix), not a flaw. */
  | 'NOT_A_VULNERABILITY';
