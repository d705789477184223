import type { Digest } from '../../../src/oci/digest.ts';
import type { ImageScans, ScanFacts, ScanWish } from '../../../src/registry/gate/model.ts';

/** Scans whose outcome a test decides. */
export class KnownScans implements ImageScans {
  readonly wishes: ScanWish[] = [];
  /** Those that are tried again, although they failed, when somebody asks. */
  readonly again: Set<Digest> = new Set();
  readonly #facts = new Map<Digest, ScanFacts>();
  #told: PromiseWithResolvers<void> = Promise.withResolvers();

  /** How often it was said that a scan will be asked for. */
  prepared = 0;
  /** Happens whenever somebody has looked. */
  afterFind: (() => void) | undefined;
  readonly #waiting = new Map<Digest, number>();

  /** How often somebody began to wait for an image. */
  waiting(digest: Digest): number {
    return this.#waiting.get(digest) ?? 0;
  }

  /** Lets everybody know what came of a scan. */
  set(digest: Digest, facts: ScanFacts): void {
    this.#facts.set(digest, facts);
    this.#told.resolve();
    this.#told = Promise.withResolvers();
  }

  find(digest: Digest): Promise<ScanFacts> {
    const found = this.#facts.get(digest) ?? { state: 'absent' };
    this.afterFind?.();
    return Promise.resolve(found);
  }

  async revision(digest: Digest): Promise<string | undefined> {
    const found = await this.find(digest);
    return found.state === 'known' ? found.revision : undefined;
  }

  async request(wish: ScanWish): Promise<void> {
    this.wishes.push(wish);
    const isWanted = (await this.find(wish.digest)).state === 'absent' || this.again.delete(wish.digest);
    if (isWanted) this.#facts.set(wish.digest, { state: 'pending' });
  }

  prepare(): void {
    this.prepared += 1;
  }

  stalled(): Promise<void> {
    return Promise.resolve();
  }

  async settled(digest: Digest, signal: AbortSignal): Promise<void> {
    this.#waiting.set(digest, this.waiting(digest) + 1);
    while ((await this.find(digest)).state === 'pending') {
      const told = this.#told.promise;
      await new Promise<void>((resolve, reject) => {
        const abort = (): void => reject(signal.reason as Error);
        if (signal.aborted) return abort();
        signal.addEventListener('abort', abort, { once: true });
        void told.then(resolve);
      });
    }
  }
}
