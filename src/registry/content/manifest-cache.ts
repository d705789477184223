import type { Digest } from '../../oci/digest.ts';

/** Bytes of manifests by their digest, those asked for last. Whether a repository may show them is asked each time. */
export class ManifestCache {
  readonly #entries = new Map<Digest, Uint8Array>();
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get(digest: Digest): Uint8Array | undefined {
    const bytes = this.#entries.get(digest);
    if (bytes === undefined) return undefined;
    // Moves it to the end: the first entry is the one that was not asked for longest.
    this.#entries.delete(digest);
    this.#entries.set(digest, bytes);
    return bytes;
  }

  set(digest: Digest, bytes: Uint8Array): void {
    if (bytes.length > this.#most / 8 || this.#entries.has(digest)) return;
    this.#entries.set(digest, bytes);
    this.#bytes += bytes.length;
    for (const [oldest, { length }] of this.#entries) {
      if (this.#bytes <= this.#most) return;
      this.#entries.delete(oldest);
      this.#bytes -= length;
    }
  }
}
