import type { Digest } from '../../../oci/digest.ts';
import type { ManifestView } from './repository-view.ts';

/** Adds up what manifests of one view take: each manifest and each blob once. */
export class Contents {
  /** By the place of a manifest in its view. */
  readonly #manifests: boolean[] = [];
  readonly #blobs = new Set<Digest>();
  #bytes = 0;

  /** What was added so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds one manifest with its blobs, and gives the bytes that were not there before. */
  add(view: ManifestView): number {
    if (this.#manifests[view.index] === true) return 0;
    this.#manifests[view.index] = true;
    const before = this.#bytes;
    this.#bytes += view.manifest.size;
    for (const { digest, size } of view.manifest.blobs ?? []) {
      if (this.#blobs.has(digest)) continue;
      this.#blobs.add(digest);
      this.#bytes += size;
    }
    return this.#bytes - before;
  }

  /** Adds a manifest with everything that an index lists and that is attached, however deep. */
  addWhole(view: ManifestView): void {
    const open = [view];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (this.#manifests[next.index] === true) continue;
      this.add(next);
      for (const child of next.children) open.push(child);
      for (const referrer of next.referrers) open.push(referrer);
    }
  }

  /** True when a blob was added. */
  hasBlob(digest: Digest): boolean {
    return this.#blobs.has(digest);
  }
}
