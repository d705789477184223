import { createHash } from 'node:crypto';
import { CodecError } from '../../codec/error.ts';

/** What makes up a path from a leaf to the root. */
export interface InclusionPath {
  readonly index: bigint;
  /** Leaves of the tree. */
  readonly size: bigint;
  readonly leaf: Buffer;
  /** From the leaf up. */
  readonly hashes: readonly Buffer[];
}

const hashBytes = 32;
const leafPrefix = Buffer.from([0]);
const nodePrefix = Buffer.from([1]);

/** The hash of an entry as a leaf (RFC 6962, 2.1). */
export function leafHash(entry: Uint8Array): Buffer {
  return createHash('sha256').update(leafPrefix).update(entry).digest();
}

/** The hash of two subtrees (RFC 6962, 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return createHash('sha256').update(nodePrefix).update(left).update(right).digest();
}

/**
 * The root of the tree that has the leaf at this index (RFC 9162, 2.1.3.2). The path must have exactly as many hashes as
 * the tree demands, so that no other position in no other tree gives the same root.
 *
 * @throws CodecError MALFORMED when there is no such path
 */
export function rootOfPath({ index, size, leaf, hashes }: InclusionPath): Buffer {
  if (index < 0n || index >= size) throw malformed(`has index ${index} in a tree of ${size} leaves`);
  let node = index;
  let last = size - 1n;
  let root = leaf;
  for (const hash of hashes) {
    if (hash.length !== hashBytes) throw malformed(`has a hash of ${hash.length} bytes`);
    if (last === 0n) throw malformed('has too many hashes');
    if ((node & 1n) === 1n || node === last) {
      root = nodeHash(hash, root);
      // A node that is the last of its level and has no sibling there is the same node one level higher.
      while ((node & 1n) === 0n && node !== 0n) {
        node >>= 1n;
        last >>= 1n;
      }
    } else root = nodeHash(root, hash);
    node >>= 1n;
    last >>= 1n;
  }
  if (last !== 0n) throw malformed('has too few hashes');
  return root;
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The inclusion proof ${what}`);
}
