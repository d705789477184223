import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { arbitraryInventory } from '../../testing/arbitrary-inventory.ts';
import type { Artifact } from '../finding/scan-report.ts';
import type { Digest } from '../oci/digest.ts';
import type { Inventory } from '../package/inventory.ts';
import type { InventoryPackage } from '../package/package.ts';
import { decodeSbom } from './detect.ts';
import { documentOfReport } from './from-inventory.ts';
import { sbomFormats } from './list.ts';
import type { SbomDocument } from './model.ts';
import { inventoryOfDocument } from './to-inventory.ts';

const digest = `sha256:${'ab'.repeat(32)}` as Digest;
const artifact: Artifact = {
  name: 'registry.example/team/app:1',
  type: 'container_image',
  image: {
    imageId: digest,
    manifestDigest: digest,
    platform: { os: 'linux', architecture: 'arm', variant: 'v7' },
    repoTags: ['registry.example/team/app:1'],
    repoDigests: [`registry.example/team/app@${digest}`],
    layers: [{ diffId: digest, digest, size: 12 }],
    rawConfig: { created: '2024-01-26T23:44:47.123456789Z' },
  },
};

function documentOf(inventory: Inventory): SbomDocument {
  const report = { artifact, inventory, createdAt: '2026-01-01T00:00:00Z' };
  return documentOfReport(report, {
    tool: { name: 'seaworthy', version: '0.1.0' },
    scanSignature: '1-0123456789abcdef',
  });
}

/** Two packages may be equal in all that orders them: then only the set counts. */
function asSet(packages: readonly InventoryPackage[]): string[] {
  return packages
    .map((pkg) =>
      JSON.stringify(
        Object.entries(pkg).sort(([a], [b]) => (a < b ? -1 : 1)),
        sortRecord,
      ),
    )
    .sort((a, b) => (a < b ? -1 : 1));
}

function sortRecord(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

for (const format of sbomFormats) {
  test(`${format.id}: encode() and decode() lose nothing of an inventory`, async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryInventory, async (inventory) => {
        const document = documentOf(inventory);
        const written = await format.encode(document);
        const decoded = await decodeSbom(Buffer.from(written));
        const read = inventoryOfDocument(decoded.document);
        assert.equal(decoded.format, format);
        assert.deepEqual(asSet(read.packages), asSet(inventory.packages));
        assert.deepEqual({ ...read, packages: [] }, { ...inventory, packages: [] });
        assert.deepEqual(decoded.document.subject, document.subject);
        assert.deepEqual(
          { ...decoded.document, packages: [], relationships: [], subject: {} },
          { ...document, packages: [], relationships: [], subject: {} },
        );
        assert.equal(await format.encode({ ...document, packages: decoded.document.packages }), written);
      }),
      { numRuns: 150 },
    );
  });

  test(`${format.id}: encode() gives the same bytes whatever order the packages and their keys were found in`, async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryInventory, async (inventory) => {
        const other = inventory.packages
          .toReversed()
          .map(
            (pkg): InventoryPackage => Object.fromEntries(Object.entries(pkg).reverse()) as unknown as InventoryPackage,
          );
        const keys = new Set(
          other.map(({ purl, locations, innerPath }) => JSON.stringify([purl, locations[0]?.path, innerPath])),
        );
        fc.pre(keys.size === other.length);
        const written = await format.encode(documentOf(inventory));
        assert.equal(await format.encode(documentOf({ ...inventory, packages: other })), written);
      }),
      { numRuns: 60 },
    );
  });
}
