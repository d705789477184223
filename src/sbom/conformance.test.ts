import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { Ajv, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import * as fc from 'fast-check';
import { arbitraryInventory } from '../../testing/arbitrary-inventory.ts';
import { needsSharedData, sharedData } from '../../testing/shared-data.ts';
import { documentOfReport } from './from-inventory.ts';
import { isCycloneDxLicenseId, spdxExceptionId, spdxLicenseId } from './license-ids.ts';
import { sbomFormat } from './list.ts';

function schema(...parts: readonly string[]): Record<string, unknown> {
  return JSON.parse(readFileSync(sharedData('schemas', ...parts) as string, 'utf8')) as Record<string, unknown>;
}

function validator(main: Record<string, unknown>, others: readonly Record<string, unknown>[]): ValidateFunction {
  const ajv = new Ajv({ strict: false, validateFormats: true, logger: false });
  addFormats.default(ajv);
  // An IRI is a URI whose other than ASCII characters are still to be percent-encoded (RFC 3987 §3.1).
  const uriReference = ajv.formats['uri-reference'] as RegExp;
  ajv.addFormat('iri-reference', (text: string) =>
    uriReference.test(text.replaceAll(/[^\u0000-\u007f]/gu, (char) => encodeURIComponent(char.toWellFormed()))),
  );
  ajv.addFormat('idn-email', /^[^@\s]+@[^@\s]+$/);
  for (const other of others) ajv.addSchema(other);
  return ajv.compile(main);
}

async function checkAll(format: string, validate: ValidateFunction): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arbitraryInventory, fc.boolean(), async (inventory, isImage) => {
      const digest = `sha256:${'0'.repeat(64)}`;
      const image = {
        imageId: digest,
        platform: { os: 'linux', architecture: 'amd64' },
        repoTags: [],
        repoDigests: [`example.org/a/B@${digest}`],
        layers: [],
        rawConfig: {},
      };
      const artifact = { name: 'a b', type: 'container_image', ...(isImage ? { image } : {}) } as never;
      const report = { artifact, inventory, createdAt: '2026-01-01T00:00:00Z' };
      const document = documentOfReport(report, { tool: { name: 'seaworthy', version: '0.1.0' } });
      const json: unknown = JSON.parse((await sbomFormat(format)?.encode(document)) as string);
      assert.ok(validate(json), JSON.stringify(validate.errors, undefined, 2));
    }),
    { numRuns: 80 },
  );
}

const cycloneDx = ['schemas', 'cyclonedx', 'bom-1.6.schema.json'] as const;

test('cyclonedx-json: encode() is valid against the schema of 1.6', needsSharedData(...cycloneDx), async () => {
  const others = ['spdx.schema.json', 'jsf-0.82.schema.json'].map((name) => schema('cyclonedx', name));
  await checkAll('cyclonedx-json', validator(schema('cyclonedx', 'bom-1.6.schema.json'), others));
});

test('spdx-json: encode() is valid against the schema of 2.3', needsSharedData('schemas', 'spdx'), async () => {
  await checkAll('spdx-json', validator(schema('spdx', 'spdx-2.3.schema.json'), []));
});

test('isCycloneDxLicenseId() accepts what the schema of 1.6 enumerates', needsSharedData(...cycloneDx), () => {
  const ids = schema('cyclonedx', 'spdx.schema.json')['enum'] as string[];
  const unknown = ids.filter((id) => spdxLicenseId(id) === undefined && spdxExceptionId(id) === undefined);
  assert.deepEqual(unknown, []);
  const known = new Set(ids);
  const refused = ids.filter((id) => spdxLicenseId(id) === id && !isCycloneDxLicenseId(id));
  assert.deepEqual(refused, []);
  assert.ok(!isCycloneDxLicenseId('Bugroff') && !known.has('Bugroff'));
});
