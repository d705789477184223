import { createHash } from 'node:crypto';

/** The hash of a leaf (RFC 6962, 2.1). */
export function hashLeaf(entry: Uint8Array): Buffer {
  return createHash('sha256')
    .update(Buffer.from([0]))
    .update(entry)
    .digest();
}

/** The root of a tree, as RFC 6962 (2.1) defines it: by halves, the left one a power of two. */
export function treeRoot(leaves: readonly Buffer[]): Buffer {
  const [only, ...others] = leaves;
  if (only === undefined) return createHash('sha256').digest();
  if (others.length === 0) return only;
  const half = halfOf(leaves.length);
  return join(treeRoot(leaves.slice(0, half)), treeRoot(leaves.slice(half)));
}

/** The path of a leaf, as RFC 6962 (2.1.1) defines it. */
export function treePath(leaves: readonly Buffer[], index: number): Buffer[] {
  if (leaves.length < 2) return [];
  const half = halfOf(leaves.length);
  return index < half
    ? [...treePath(leaves.slice(0, half), index), treeRoot(leaves.slice(half))]
    : [...treePath(leaves.slice(half), index - half), treeRoot(leaves.slice(0, half))];
}

function halfOf(size: number): number {
  let half = 1;
  while (half * 2 < size) half *= 2;
  return half;
}

function join(left: Buffer, right: Buffer): Buffer {
  return createHash('sha256')
    .update(Buffer.from([1]))
    .update(left)
    .update(right)
    .digest();
}
