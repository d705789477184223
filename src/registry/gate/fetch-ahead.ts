import { mapBounded } from '../../base/concurrency.ts';
import type { Clock } from '../../net/clock.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Origin } from '../pipeline/origin.ts';
import { hasStalled } from '../scanning/has-stalled.ts';
import { gateLimits } from './limits.ts';

type Layer = Pick<Descriptor, 'digest' | 'size'>;

/** An image whose layers are to be fetched. */
interface Ahead {
  readonly key: string;
  readonly repository: string;
  readonly digest: Digest;
  /** No more of them than that: what a manifest says beside it may be megabytes, and many images wait. */
  readonly layers: readonly Layer[];
  /** Layers that are being taken in. */
  readonly under: Set<Digest>;
}

/**
 * Lets the layers of an upstream's image come into the cache while its scan begins, so that its client waits for the longer of both and
 * not for one after the other. The scan reads them as they come, and needs them all.
 *
 * Images come in the order in which they are asked for, some at a time. One of which next to nothing comes is fetched on and lends its
 * place to the next, so that an upstream that stalls keeps no other's images from coming, unless as many of its own stall as may be under
 * way: then these come as their scans read them. When its turn comes to be scanned, it is known then that it has stalled, and it takes no
 * process before others.
 */
export class FetchAhead {
  readonly #origin: Pick<Origin, 'findBlob'>;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #onStalled: (image: Digest) => Promise<void>;
  /** By repository and digest: those that wait, and those that are fetched. */
  readonly #known = new Set<string>();
  readonly #waiting: Ahead[] = [];
  readonly #fetched = new Set<Ahead>();
  /** Those of them that have a place. */
  readonly #placed = new Set<Ahead>();
  /** Of nobody: it ends with the upstream's answers, and when the registry closes. */
  readonly #signal = new AbortController().signal;

  /** @param onStalled is told of images that have stalled, each once; must not throw */
  constructor(
    origin: Pick<Origin, 'findBlob'>,
    clock: Pick<Clock, 'sleep'>,
    onStalled: (image: Digest) => Promise<void>,
  ) {
    this.#origin = origin;
    this.#clock = clock;
    this.#onStalled = onStalled;
  }

  /** Begins in its turn, unless that is under way. What goes wrong is the scan's to tell. */
  begin(repository: string, image: Digest, descriptors: readonly Descriptor[]): void {
    const key = `${repository}@${image}`;
    const layers = descriptors.map(({ digest, size }) => ({ digest, size }));
    const bytes = layers.reduce((sum, { size }) => sum + size, 0);
    if (this.#known.has(key) || this.#waiting.length >= gateLimits.aheadWaiting || bytes > gateLimits.aheadBytes)
      return;
    this.#known.add(key);
    this.#waiting.push({ key, repository, digest: image, layers, under: new Set() });
    this.#admit();
  }

  #admit(): void {
    while (this.#placed.size < gateLimits.aheadImages && this.#fetched.size < gateLimits.aheadMost) {
      const image = this.#waiting.shift();
      if (image === undefined) return;
      this.#placed.add(image);
      this.#fetched.add(image);
      const over = new AbortController();
      void this.#watch(image, over.signal);
      void this.#takeInAll(image).finally(() => {
        over.abort();
        this.#known.delete(image.key);
        this.#placed.delete(image);
        this.#fetched.delete(image);
        this.#admit();
      });
    }
  }

  /** Looks from time to time whether an image has stalled, until it has. */
  async #watch(image: Ahead, over: AbortSignal): Promise<void> {
    for (;;) {
      await this.#clock.sleep(gateLimits.aheadLook, over).catch(() => undefined);
      if (over.aborted) return;
      const onTheirWay = { repository: image.repository, blobs: image.under };
      if (await hasStalled(this.#origin, onTheirWay, this.#signal)) break;
    }
    if (over.aborted) return;
    this.#placed.delete(image);
    this.#admit();
    await this.#onStalled(image.digest);
  }

  async #takeInAll(image: Ahead): Promise<void> {
    // Scans begin with the largest.
    const order = image.layers.toSorted((one, other) => other.size - one.size);
    const all: Promise<void>[] = [];
    await mapBounded(order, gateLimits.aheadLayers, async (layer) => {
      const nearly = Promise.withResolvers<void>();
      all.push(this.#takeIn(image, layer, nearly.resolve).finally(nearly.resolve));
      await nearly.promise;
    });
    await Promise.all(all);
  }

  /**
   * Takes a layer in to its end.
   *
   * @param nearly is called when little of it is left to come: the next one begins then, since it takes a while until its first bytes are
   *   there, in which the link would stand still
   */
  async #takeIn({ repository, under }: Ahead, { digest }: Layer, nearly: () => void): Promise<void> {
    const signal = this.#signal;
    under.add(digest);
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
    } finally {
      under.delete(digest);
    }
  }
}
