import type { Digest } from '../../oci/digest.ts';
import type { Verdict } from '../../policy/verdict.ts';

/** A verdict about an image that is kept: that it may pass, or, where that was said before, that it may no longer. Times are in milliseconds since 1970. */
export interface KeptVerdict {
  /** What was asked (`questionKey`). */
  readonly key: string;
  /** The same whichever vulnerability database was asked; absent in what was kept by older programs. */
  readonly standing?: string;
  readonly digest: Digest;
  /** The image, for people: `ghcr.io/org/app@sha256:…`. */
  readonly image: string;
  readonly verdict: Verdict;
  /** When it was judged. */
  readonly at: number;
  /** From then on it is judged anew. */
  readonly until: number;
  /** Until then it counts where that cannot be done. */
  readonly staleUntil: number;
}

/**
 * Where verdicts are kept besides a process's memory, so that other replicas and the next start know them. What it cannot do
 * it tells; a gate without it judges anew.
 */
export interface VerdictStore {
  /** Keeps a verdict, as soon as it can. Never throws, and never waits. */
  put(kept: KeptVerdict): void;
  /**
   * Gives what is kept already, by whomever, and then what comes; ends when the signal says so.
   *
   * @param read is told once what was kept already was given
   */
  follow(take: (kept: KeptVerdict) => void, signal: AbortSignal, read?: () => void): Promise<void>;
}
