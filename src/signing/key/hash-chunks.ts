import { createHash } from 'node:crypto';
import type { HashAlgorithm } from './key-type.ts';

/** Reads what is too large to be held whole, once, and gives its digests. @throws what reading throws, the signal's reason */
export async function hashChunks<Algorithm extends HashAlgorithm>(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  algorithms: readonly Algorithm[],
  signal?: AbortSignal,
): Promise<Readonly<Record<Algorithm, Buffer>>> {
  const hashes = algorithms.map((algorithm) => ({ algorithm, hash: createHash(algorithm) }));
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    for (const { hash } of hashes) hash.update(chunk);
  }
  const digests = hashes.map(({ algorithm, hash }) => [algorithm, hash.digest()] as const);
  return Object.fromEntries(digests) as Record<Algorithm, Buffer>;
}
