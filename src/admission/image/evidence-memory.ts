import type { PlatformEvidence } from './model.ts';

/** What is known of an image, and for how long. Times are in milliseconds since 1970. */
export interface RememberedEvidence {
  readonly platforms: readonly PlatformEvidence[];
  /** When it was gathered. */
  readonly at: number;
  /** From then on it is gathered anew. */
  readonly until: number;
}

/**
 * What was learnt of images, so that several questions about one image cost one look at its registry: a mutating and a validating webhook,
 * and conditions that speak of the object as well. What was not asked for the longest goes first when it is too much.
 */
export class EvidenceMemory {
  readonly #held = new Map<string, { readonly evidence: RememberedEvidence; readonly size: number }>();
  readonly #most: number;
  #size = 0;

  /** @param most of characters of what is held, as JSON */
  constructor(most: number) {
    this.#most = most;
  }

  /** Characters of what is held. */
  get size(): number {
    return this.#size;
  }

  get(key: string, now: number): RememberedEvidence | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    this.#held.delete(key);
    if (now >= held.evidence.until || now < held.evidence.at) {
      this.#size -= held.size;
      return undefined;
    }
    this.#held.set(key, held);
    return held.evidence;
  }

  put(key: string, evidence: RememberedEvidence): void {
    this.#drop(key);
    const size = key.length + JSON.stringify(evidence.platforms).length;
    if (size > this.#most) return;
    this.#held.set(key, { evidence, size });
    this.#size += size;
    for (const oldest of this.#held.keys()) {
      if (this.#size <= this.#most) return;
      this.#drop(oldest);
    }
  }

  clear(): void {
    this.#held.clear();
    this.#size = 0;
  }

  #drop(key: string): void {
    this.#size -= this.#held.get(key)?.size ?? 0;
    this.#held.delete(key);
  }
}
