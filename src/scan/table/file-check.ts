import { createHash } from 'node:crypto';
import type { BodySink } from '../../codec/tar/reader.ts';
import { digestAlgorithm, digestHex, isDigest } from '../../oci/digest.ts';
import type { TableFormat } from './promise.ts';
import type { TableChunk, TableEntry } from './table.ts';

/** Says what of a file's content is otherwise in a table than in the tar. */
export type Complain = (what: string) => void;

/**
 * Holds the bytes of a file in the tar against what runtimes verify of it by the table: the whole file in zstd:chunked, as containers/storage
 * does, and in eStargz each piece, as the stargz snapshotter does; there the digest of the whole too where one is written, for
 * containers/storage.
 *
 * @returns undefined where the table alone tells that they differ
 */
export function checkFile(entry: TableEntry, format: TableFormat, complain: Complain): BodySink | undefined {
  const sums: Sum[] = [];
  if (format === 'zstd-chunked') {
    if (entry.digest !== undefined || entry.size > 0) sums.push(new Sum([{ size: entry.size, digest: entry.digest }]));
  } else {
    if (entry.chunks === undefined) {
      complain('has pieces that leave gaps or overlap');
      return undefined;
    }
    sums.push(new Sum(entry.chunks));
    const isSame = entry.chunks.length === 1 && entry.chunks[0]?.digest === entry.digest;
    if (entry.digest !== undefined && !isSame) sums.push(new Sum([{ size: entry.size, digest: entry.digest }]));
  }
  if (sums.some((sum) => !sum.isKnown)) {
    complain('has no digest of its content');
    return undefined;
  }
  return {
    data: (chunk) => {
      for (const sum of sums) sum.update(chunk);
      return true;
    },
    end: () => {
      if (sums.some((sum) => !sum.isRight())) complain('has other content');
    },
  };
}

/** Digests of pieces that lie one behind the other. */
class Sum {
  readonly #chunks: readonly TableChunk[];
  #at = 0;
  #left: number;
  #hash: ReturnType<typeof createHash> | undefined;
  #isWrong = false;

  constructor(chunks: readonly TableChunk[]) {
    this.#chunks = chunks;
    this.#left = chunks[0]?.size ?? 0;
  }

  /** Whether each piece has a digest. */
  get isKnown(): boolean {
    return this.#chunks.every(({ digest }) => digest !== undefined && isDigest(digest));
  }

  update(bytes: Buffer): void {
    let from = 0;
    while (from < bytes.length) {
      const chunk = this.#chunks[this.#at];
      if (chunk === undefined) {
        this.#isWrong = true;
        return;
      }
      const taken = Math.min(this.#left, bytes.length - from);
      this.#hash ??= hashOf(chunk);
      this.#hash.update(bytes.subarray(from, from + taken));
      from += taken;
      this.#left -= taken;
      if (this.#left === 0) this.#finish(chunk);
    }
  }

  /** After the last byte. */
  isRight(): boolean {
    const chunk = this.#chunks[this.#at];
    // Of an empty file.
    if (chunk?.size === 0) this.#finish(chunk);
    return !this.#isWrong && this.#at === this.#chunks.length;
  }

  #finish(chunk: TableChunk): void {
    const seen = (this.#hash ?? hashOf(chunk)).digest('hex');
    if (chunk.digest === undefined || !isDigest(chunk.digest) || seen !== digestHex(chunk.digest)) this.#isWrong = true;
    this.#hash = undefined;
    this.#at += 1;
    this.#left = this.#chunks[this.#at]?.size ?? 0;
  }
}

function hashOf({ digest }: TableChunk): ReturnType<typeof createHash> {
  return createHash(digest !== undefined && isDigest(digest) ? digestAlgorithm(digest) : 'sha256');
}
