import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashLeaf, treePath, treeRoot } from '../../../testing/signing/merkle-tree.ts';
import { isSeaworthyError } from '../../base/error.ts';
import { type InclusionPath, leafHash, nodeHash, rootOfPath } from './merkle.ts';

/** The leaves that implementations of RFC 6962 test with, and roots that they give. */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const roots: readonly (readonly [size: number, root: string])[] = [
  [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
];

test('leafHash() and rootOfPath() give the known roots', () => {
  const hashes = leaves.map((leaf) => leafHash(Buffer.from(leaf, 'hex')));
  for (const [size, root] of roots) {
    const some = hashes.slice(0, size);
    for (const [index, leaf] of some.entries()) {
      const path = { index: BigInt(index), size: BigInt(size), leaf, hashes: treePath(some, index) };
      assert.equal(rootOfPath(path).toString('hex'), root, `${index} of ${size}`);
    }
  }
});

/** The root, or undefined where there is none. */
function tryRoot(path: InclusionPath): Buffer | undefined {
  try {
    return rootOfPath(path);
  } catch (error) {
    assert.ok(isSeaworthyError(error) && error.code === 'MALFORMED', String(error));
    return undefined;
  }
}

const trees = fc.tuple(fc.integer({ min: 1, max: 150 }), fc.nat(), fc.nat()).map(([size, seed, pick]) => {
  const all = Array.from({ length: size }, (_, index) => hashLeaf(Buffer.from(`${seed} ${index}`)));
  const index = pick % size;
  const path = { index: BigInt(index), size: BigInt(size), leaf: all[index] as Buffer, hashes: treePath(all, index) };
  return { all, path, root: treeRoot(all) };
});

test('rootOfPath() gives the root of every tree from every leaf', () => {
  fc.assert(fc.property(trees, ({ path, root }) => assert.deepEqual(rootOfPath(path), root)));
});

test('rootOfPath() gives another root, or none, after any change', () => {
  fc.assert(
    fc.property(trees, fc.nat(), fc.nat(), ({ all, path, root }, at, bit) => {
      const { hashes, index, size } = path;
      const flip = (hash: Buffer): Buffer => {
        const copy = Buffer.from(hash);
        copy[(bit >> 3) % copy.length] = (copy[(bit >> 3) % copy.length] as number) ^ (1 << (bit & 7));
        return copy;
      };
      const wrong: InclusionPath[] = [
        { ...path, leaf: flip(path.leaf) },
        { ...path, hashes: [...hashes, hashes[0] ?? path.leaf] },
      ];
      if (hashes.length > 0) {
        wrong.push({ ...path, hashes: hashes.with(at % hashes.length, flip(hashes[at % hashes.length] as Buffer)) });
        wrong.push({ ...path, hashes: hashes.toSpliced(at % hashes.length, 1) });
        wrong.push({ ...path, hashes: hashes.with(0, (hashes[0] as Buffer).subarray(1)) });
        wrong.push({ ...path, index: (index + 1n + (BigInt(at) % (size - 1n))) % size });
        wrong.push({ ...path, leaf: all[(Number(index) + 1) % all.length] as Buffer });
      }
      for (const [place, one] of wrong.entries()) assert.notDeepEqual(tryRoot(one), root, String(place));
    }),
  );
});

test('rootOfPath() refuses places that a tree does not have', () => {
  const leaf = hashLeaf(Buffer.alloc(0));
  const path = { leaf, hashes: [] };
  for (const [index, size] of [
    [0n, 0n],
    [1n, 1n],
    [-1n, 1n],
    [0n, -1n],
    [5n, 5n],
  ] as const) {
    assert.throws(() => rootOfPath({ ...path, index, size }), { code: 'MALFORMED' }, `${index} of ${size}`);
  }
  assert.throws(() => rootOfPath({ ...path, index: 0n, size: 2n }), /too few/);
  for (const length of [0, 31, 33]) {
    assert.throws(() => rootOfPath({ ...path, index: 0n, size: 2n, hashes: [Buffer.alloc(length)] }), /a hash of/);
  }
  assert.throws(() => rootOfPath({ ...path, index: 0n, size: 1n, hashes: [leaf] }), /too many/);
});

test('rootOfPath() works in the largest tree that there can be', () => {
  const size = 2n ** 63n - 1n;
  const hashes = Array.from({ length: 63 }, (_, index) => hashLeaf(Buffer.from([index])));
  let root = hashLeaf(Buffer.alloc(0));
  for (const hash of hashes) root = nodeHash(root, hash);
  assert.deepEqual(rootOfPath({ index: 0n, size, leaf: hashLeaf(Buffer.alloc(0)), hashes }), root);
});
