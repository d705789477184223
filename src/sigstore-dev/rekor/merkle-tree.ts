import { createHash } from 'node:crypto';

/** A Merkle tree over an append-only list (RFC 6962, 2.1), which keeps every hash of a full subtree. */
export class MerkleTree {
  /** By height: the hashes of full subtrees with 2^height leaves, from the left. */
  readonly #levels: Buffer[][] = [[]];

  get size(): number {
    return this.#levels[0]?.length ?? 0;
  }

  /** Adds a leaf by its hash; tells its index. */
  append(hash: Buffer): number {
    const index = this.size;
    let above = hash;
    for (let height = 0, at = index; ; height += 1, at >>= 1) {
      const level = (this.#levels[height] ??= []);
      level.push(above);
      if (at % 2 === 0) return index;
      above = hashNode(level[at - 1] as Buffer, above);
    }
  }

  /** The hash of the tree when it had so many leaves. */
  root(size: number = this.size): Buffer {
    return size === 0 ? createHash('sha256').digest() : this.#hash(0, size);
  }

  /** The full subtrees of a height, from the left; what tiles are cut out of. */
  level(height: number): readonly Buffer[] {
    return this.#levels[height] ?? [];
  }

  /** That a leaf is in the tree of a size (RFC 6962, 2.1.1), lowest first. */
  inclusionProof(index: number, size: number = this.size): Buffer[] {
    const path: Buffer[] = [];
    let [start, end] = [0, size];
    while (end - start > 1) {
      const middle = start + splitOf(end - start);
      if (index < middle) {
        path.push(this.#hash(middle, end));
        end = middle;
      } else {
        path.push(this.#hash(start, middle));
        start = middle;
      }
    }
    return path.reverse();
  }

  /** That the tree of a size grew out of a smaller one (RFC 6962, 2.1.2). */
  consistencyProof(first: number, size: number = this.size): Buffer[] {
    if (first === 0 || first === size) return [];
    const path: Buffer[] = [];
    let [start, end] = [0, size];
    let whole = true;
    while (first !== end) {
      const middle = start + splitOf(end - start);
      if (first <= middle) {
        path.push(this.#hash(middle, end));
        end = middle;
      } else {
        path.push(this.#hash(start, middle));
        start = middle;
        whole = false;
      }
    }
    return [...(whole ? [] : [this.#hash(start, end)]), ...path.reverse()];
  }

  /** Of the leaves from `start` up to `end`, where `start` is where a subtree of that size begins. */
  #hash(start: number, end: number): Buffer {
    const size = end - start;
    const height = Math.log2(size);
    if (Number.isInteger(height)) return this.#levels[height]?.[start / size] as Buffer;
    const middle = start + splitOf(size);
    return hashNode(this.#hash(start, middle), this.#hash(middle, end));
  }
}

/** The hash of a leaf (RFC 6962, 2.1). */
export function hashLeaf(data: Uint8Array): Buffer {
  return createHash('sha256').update('\0').update(data).digest();
}

/** The hash of what stands above two hashes. */
export function hashNode(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update('\u0001').update(left).update(right).digest();
}

/** The largest power of two below a size of at least 2. */
function splitOf(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1));
}
