import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashLeaf, hashNode, MerkleTree } from './merkle-tree.ts';

/** The hash as RFC 6962, 2.1, defines it, without anything kept. */
function plainRoot(leaves: readonly Buffer[]): Buffer {
  const [first] = leaves;
  if (leaves.length === 1 && first !== undefined) return first;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return hashNode(plainRoot(leaves.slice(0, split)), plainRoot(leaves.slice(split)));
}

/** The root that a proof leads to (RFC 9162, 2.1.3.2). */
function rootFromProof(index: number, size: number, leaf: Buffer, proof: readonly Buffer[]): Buffer {
  let [at, last, hash] = [index, size - 1, leaf];
  for (const part of proof) {
    if (at % 2 === 1 || at === last) {
      hash = hashNode(part, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1];
    } else hash = hashNode(hash, part);
    [at, last] = [at >> 1, last >> 1];
  }
  assert.equal(last, 0);
  return hash;
}

/** Both roots that a consistency proof leads to (RFC 9162, 2.1.4.2). */
function rootsFromConsistency(first: number, second: number, root: Buffer, proof: readonly Buffer[]): Buffer[] {
  const path = Number.isInteger(Math.log2(first)) ? [root, ...proof] : [...proof];
  let [at, last] = [first - 1, second - 1];
  while (at % 2 === 1) [at, last] = [at >> 1, last >> 1];
  let [small, large] = [path[0] as Buffer, path[0] as Buffer];
  for (const part of path.slice(1)) {
    if (at % 2 === 1 || at === last) {
      [small, large] = [hashNode(part, small), hashNode(part, large)];
      while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1];
    } else large = hashNode(large, part);
    [at, last] = [at >> 1, last >> 1];
  }
  return [small, large];
}

function treeOf(size: number): { tree: MerkleTree; leaves: Buffer[] } {
  const tree = new MerkleTree();
  const leaves = Array.from({ length: size }, (_, index) => hashLeaf(Buffer.from(`leaf ${index}`)));
  for (const [index, leaf] of leaves.entries()) assert.equal(tree.append(leaf), index);
  return { tree, leaves };
}

test('the tree of nothing has the hash of nothing (RFC 6962, 2.1)', () => {
  assert.equal(
    new MerkleTree().root().toString('hex'),
    'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  );
});

test('roots and proofs of every size are those of the definition', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), fc.nat(), (grown, sizeSeed, indexSeed) => {
      const { tree, leaves } = treeOf(grown);
      const size = 1 + (sizeSeed % grown);
      const root = plainRoot(leaves.slice(0, size));
      assert.deepEqual(tree.root(size), root);
      const index = indexSeed % size;
      assert.deepEqual(rootFromProof(index, size, leaves[index] as Buffer, tree.inclusionProof(index, size)), root);
      if (size === grown) return;
      const proof = tree.consistencyProof(size, grown);
      assert.deepEqual(rootsFromConsistency(size, grown, root, proof), [root, plainRoot(leaves)]);
    }),
    { numRuns: 200 },
  );
});

test('a tree is consistent with itself and with nothing, without proof', () => {
  const { tree } = treeOf(5);
  assert.deepEqual(tree.consistencyProof(5, 5), []);
  assert.deepEqual(tree.consistencyProof(0, 5), []);
});
