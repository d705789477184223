import type { Advisory } from '../finding/advisory.ts';
import type { Epss, KnownExploited } from '../finding/vulnerability.ts';

type Stream<Item> = AsyncIterable<Item> | Iterable<Item>;

/** What one feed brings to a build of the database. */
export type FeedUpdate =
  | (ChangedFeed & {
      readonly kind: 'advisories';
      /** `changes`: the advisories take the place of those with their ids, and all others stay. */
      readonly mode: 'whole' | 'changes';
      /** Withdrawn ones only remove what was known. Of several with one id the last one counts. */
      readonly items: Stream<Advisory>;
    })
  | (ChangedFeed & { readonly kind: 'exploited'; readonly items: Stream<ExploitedFlaw> })
  | (ChangedFeed & { readonly kind: 'scores'; readonly items: Stream<ScoredFlaw> })
  | KeptFeed;

/** A feed of which the shards stay: it was asked and has not changed, or it could not be had, and nobody knows whether it has. */
export interface KeptFeed {
  readonly id: string;
  readonly kind: 'unchanged' | 'unavailable';
}

interface ChangedFeed {
  /** The feed's id: `osv:Debian`, `kev`. */
  readonly id: string;
  /** Asked once all items have been taken. */
  readonly outcome: () => FeedOutcome;
}

/** What is known of a feed once it has been read. */
export interface FeedOutcome {
  /** Names the state that was read. */
  readonly fingerprint: string;
  /** Records not used, by reason. */
  readonly dropped: ReadonlyMap<string, number>;
}

/** A flaw that is known to be exploited. */
export interface ExploitedFlaw {
  readonly cve: string;
  readonly exploited: KnownExploited;
}

/** A flaw with its probability of being exploited. */
export interface ScoredFlaw {
  readonly cve: string;
  readonly epss: Epss;
}
