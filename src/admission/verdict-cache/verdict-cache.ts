import type { KeptVerdict } from './model.ts';

/** Milliseconds by which the clocks of replicas may differ. */
const clockSkew = 60_000;

/** Verdicts in memory; those that were not asked for the longest go first when there are too many. */
export class VerdictCache {
  readonly #kept = new Map<string, KeptVerdict>();
  /** The newest about the same, whichever database was asked. */
  readonly #standing = new Map<string, KeptVerdict>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** A verdict that counts, or counts where it cannot be judged anew; undefined for none. @param now milliseconds since 1970 */
  get(key: string, now: number): { readonly kept: KeptVerdict; readonly fresh: boolean } | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    // What was judged at a time that is long to come was so by a clock that is wrong; its age is not known.
    if (now >= kept.staleUntil || kept.at - now > clockSkew) {
      this.#kept.delete(key);
      return undefined;
    }
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return { kept, fresh: now < kept.until };
  }

  /** The newest verdict about the same, by whichever database, where it still counts since it cannot be judged anew. */
  newest({ key, standing }: Pick<KeptVerdict, 'key' | 'standing'>, now: number): KeptVerdict | undefined {
    const own = this.get(key, now)?.kept;
    const other = standing === undefined ? undefined : this.#standing.get(standing);
    if (other === undefined || now >= other.staleUntil || other.at - now > clockSkew) return own;
    return own === undefined || other.at > own.at ? other : own;
  }

  /** Keeps a verdict, unless a newer one is known. */
  put(kept: KeptVerdict): void {
    this.#putStanding(kept);
    const known = this.#kept.get(kept.key);
    if (known !== undefined && known.at > kept.at) return;
    this.#kept.delete(kept.key);
    this.#kept.set(kept.key, kept);
    if (this.#kept.size <= this.#most) return;
    const [oldest] = this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
  }

  #putStanding(kept: KeptVerdict): void {
    if (kept.standing === undefined) return;
    const known = this.#standing.get(kept.standing);
    if (known !== undefined && known.at > kept.at) return;
    this.#standing.delete(kept.standing);
    this.#standing.set(kept.standing, kept);
    const [oldest] = this.#standing.keys();
    if (this.#standing.size > this.#most && oldest !== undefined) this.#standing.delete(oldest);
  }

  clear(): void {
    this.#kept.clear();
    this.#standing.clear();
  }
}
