import type { Gathered, VulnerabilityFacts } from '../../policy/evidence.ts';
import { findingLimits } from './limits.ts';

interface Held {
  readonly answer: Gathered<VulnerabilityFacts>;
  readonly size: number;
  /** Milliseconds since 1970: from then on it is looked for anew. */
  readonly until: number;
}

/** What was found in images. What was not asked for the longest goes first when it is too much. */
export class RememberedFindings {
  readonly #held = new Map<string, Held>();
  #size = 0;

  get(key: string, now: number): Gathered<VulnerabilityFacts> | undefined {
    const held = this.#held.get(key);
    if (held === undefined) return undefined;
    this.#held.delete(key);
    if (now >= held.until) {
      this.#size -= held.size;
      return undefined;
    }
    this.#held.set(key, held);
    return held.answer;
  }

  put(key: string, answer: Gathered<VulnerabilityFacts>, until: number): void {
    this.#drop(key);
    const size = key.length + JSON.stringify(answer).length;
    this.#held.set(key, { answer, size, until });
    this.#size += size;
    for (const oldest of this.#held.keys()) {
      if (this.#size <= findingLimits.characters && this.#held.size <= findingLimits.images) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#size -= this.#held.get(key)?.size ?? 0;
    this.#held.delete(key);
  }
}
