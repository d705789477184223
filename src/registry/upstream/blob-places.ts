import type { Clock } from '../../net/clock.ts';
import { upstreamLimits } from './limits.ts';

/** What a blob that is being fetched says of itself. */
export interface BlobPlace {
  /** So many bytes of it came. */
  came(bytes: number): void;
}

interface Holder {
  /** Since when less than the least rate came, and what came of it since. */
  since: number;
  bytes: number;
}

/**
 * The places of blobs that are fetched from one upstream at a time, given in the order in which they are asked for.
 *
 * A blob of which next to nothing comes keeps its connection, since what it has would be lost otherwise, but its place goes to one that waits:
 * so blobs that stall keep nobody from those that do not. As soon as it comes again, it counts again. How many are under way in all is
 * bounded too (`placesLent`).
 */
export class BlobPlaces {
  readonly #width: number;
  readonly #clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly #holders = new Set<Holder>();
  readonly #waiting: ((holder: Holder) => void)[] = [];
  #isLooking = false;

  constructor(width: number, clock: Pick<Clock, 'monotonic' | 'sleep'>) {
    this.#width = width;
    this.#clock = clock;
  }

  /** Runs a call in its turn. */
  async run<Result>(call: (place: BlobPlace) => Promise<Result>): Promise<Result> {
    const holder = await this.#enter();
    try {
      return await call({ came: (bytes) => this.#came(holder, bytes) });
    } finally {
      this.#holders.delete(holder);
      this.#admit();
    }
  }

  #enter(): Promise<Holder> {
    const turn = new Promise<Holder>((resolve) => void this.#waiting.push(resolve));
    this.#admit();
    void this.#look();
    return turn;
  }

  #admit(): void {
    while (this.#waiting.length > 0 && this.#hasRoom()) {
      const holder: Holder = { since: this.#clock.monotonic(), bytes: 0 };
      this.#holders.add(holder);
      this.#waiting.shift()?.(holder);
    }
  }

  #hasRoom(): boolean {
    if (this.#holders.size >= this.#width * (1 + upstreamLimits.placesLent)) return false;
    const late = this.#clock.monotonic() - upstreamLimits.placeTime;
    let counted = 0;
    for (const { since } of this.#holders) if (since > late) counted += 1;
    return counted < this.#width;
  }

  #came(holder: Holder, bytes: number): void {
    holder.bytes += bytes;
    if (holder.bytes < upstreamLimits.placeBytes) return;
    holder.since = this.#clock.monotonic();
    holder.bytes = 0;
  }

  /** While somebody waits, looks for places to lend; those that are given back are given on at once. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#waiting.length > 0) {
      await this.#clock.sleep(upstreamLimits.placeLook);
      this.#admit();
    }
    this.#isLooking = false;
  }
}
