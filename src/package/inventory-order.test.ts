import assert from 'node:assert/strict';
import test from 'node:test';
import { compareInventoryPackages } from './inventory-order.ts';
import type { InventoryPackage } from './package.ts';

const base: InventoryPackage = {
  type: 'maven',
  name: 'b',
  version: '2',
  licenses: [],
  cataloger: 'java',
  purl: 'pkg:maven/b/b@2',
  locations: [{ path: 'm' }],
};

/** Each before {@link base}, the earlier field deciding against the later ones. */
const earlier: readonly Partial<InventoryPackage>[] = [
  { type: 'deb', name: 'z' },
  { name: 'a', version: '9' },
  { name: 'B', version: '9' },
  { version: '10', locations: [{ path: 'z' }] },
  { locations: [{ path: 'a' }], innerPath: 'z' },
];

test('compareInventoryPackages() orders by type, name, version and path', () => {
  for (const change of earlier) {
    const other = { ...base, ...change };
    assert.ok(compareInventoryPackages(other, base) < 0, JSON.stringify(change));
    assert.ok(compareInventoryPackages(base, other) > 0, JSON.stringify(change));
  }
});

test('compareInventoryPackages() tells packages of one file apart by architecture and place in an archive', () => {
  for (const change of [{ arch: 'amd64' }, { innerPath: 'lib/a.jar' }]) {
    assert.ok(compareInventoryPackages(base, { ...base, ...change }) < 0);
  }
  assert.equal(compareInventoryPackages(base, { ...base }), 0);
});
