import { mapBounded } from '../../base/concurrency.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Origin } from '../pipeline/origin.ts';
import { gateLimits } from './limits.ts';

/**
 * Lets the layers of an upstream's image come into the cache while its scan begins, so that its client waits for the longer of both and
 * not for one after the other. The scan reads them as they come, and needs them all.
 */
export class FetchAhead {
  readonly #origin: Origin;
  readonly #under = new Set<string>();
  /** Of nobody: it ends with the upstream's answers, and when the registry closes. */
  readonly #signal = new AbortController().signal;

  constructor(origin: Origin) {
    this.#origin = origin;
  }

  /** Begins, unless that is under way. What goes wrong is the scan's to tell. */
  begin(repository: string, image: Digest, layers: readonly Descriptor[]): void {
    const key = `${repository}@${image}`;
    const bytes = layers.reduce((sum, { size }) => sum + size, 0);
    if (this.#under.has(key) || this.#under.size >= gateLimits.aheadImages || bytes > gateLimits.aheadBytes) return;
    this.#under.add(key);
    // Scans begin with the largest.
    const order = layers.toSorted((one, other) => other.size - one.size);
    const all: Promise<void>[] = [];
    void mapBounded(order, gateLimits.aheadLayers, async (layer) => {
      const nearly = Promise.withResolvers<void>();
      all.push(this.#takeIn(repository, layer, nearly.resolve).finally(nearly.resolve));
      await nearly.promise;
    })
      .then(() => Promise.all(all))
      .finally(() => this.#under.delete(key));
  }

  /**
   * Takes a layer in to its end.
   *
   * @param nearly is called when little of it is left to come: the next one begins then, since it takes a while until its first bytes are
   *   there, in which the link would stand still
   */
  async #takeIn(repository: string, { digest }: Descriptor, nearly: () => void): Promise<void> {
    const signal = this.#signal;
    try {
      const found = await this.#origin.findBlob(repository, digest, () => signal);
      if (found.isStored || found.size === 0) return;
      await using open = await found.open();
      const last = found.size - 1;
      for (const at of [Math.max(0, last - gateLimits.aheadRest), last]) {
        // The last byte is there when all are.
        for await (const _ of open.read({ start: at, end: at }, signal)) break;
        nearly();
      }
    } catch {
      // The scan meets the same.
    }
  }
}
