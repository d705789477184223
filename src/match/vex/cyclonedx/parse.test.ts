import assert from 'node:assert/strict';
import test from 'node:test';
import { cycloneDxVex } from '../../../../testing/vex-documents.ts';
import type { VexProduct, VexStatus } from '../../../finding/vex.ts';
import { parsePackageUrl } from '../../../package/package-url.ts';
import { VexError } from '../error.ts';
import { parseBomLink } from './bom-link.ts';
import { bomFactsOf } from './bom-parts.ts';
import { parseCycloneDxVex } from './parse.ts';

const serial = '3e671687-395b-41f5-a30f-a58921a69b79';
const serialNumber = `urn:uuid:${serial.toUpperCase()}`;
const lodash = parsePackageUrl('pkg:npm/lodash@4.17.20');
const image = parsePackageUrl('pkg:oci/app?repository_url=ghcr.io/team/app');

function flaw(
  refs: readonly (string | object)[],
  analysis: object | null = { state: 'not_affected' },
  members = {},
): object {
  return { id: 'CVE-1', affects: refs.map((ref) => (typeof ref === 'string' ? { ref } : ref)), analysis, ...members };
}

const component = {
  type: 'library',
  'bom-ref': 'lodash',
  name: 'lodash',
  version: '4.17.20',
  purl: 'pkg:npm/lodash@4.17.20',
};
const subject = {
  type: 'container',
  'bom-ref': 'root',
  name: 'app',
  purl: 'pkg:oci/app?repository_url=ghcr.io/team/app',
};
const plain: VexProduct = { kind: 'purl', purls: [lodash] };
const bom = { serial, version: 1 };

const products: readonly (readonly [
  what: string,
  document: object,
  expected: readonly VexProduct[],
  unusable?: number,
])[] = [
  ['package URLs', cycloneDxVex([flaw(['pkg:npm/lodash@4.17.20'])]), [plain]],
  [
    'BOM-Links',
    cycloneDxVex([flaw([`urn:cdx:${serial}/1#pkg%3Anpm/lodash%404.17.20`, `urn:cdx:${serial}/2`])]),
    [
      { kind: 'bom', bom, ref: 'pkg:npm/lodash@4.17.20' },
      { kind: 'bom', bom: { serial, version: 2 } },
    ],
  ],
  [
    'its own components',
    cycloneDxVex([flaw(['lodash'])], { components: [{ ...component, 'bom-ref': 'x', components: [component] }] }),
    [plain],
  ],
  [
    'its own components as parts of what it is about',
    cycloneDxVex([flaw(['lodash', 'root'])], { metadata: { component: subject }, components: [component] }),
    [
      { kind: 'purl', purls: [image], subcomponents: [lodash] },
      { kind: 'purl', purls: [image] },
    ],
  ],
  [
    'its own components in itself where nothing says what it is about',
    cycloneDxVex([flaw(['lodash', 'root'])], {
      serialNumber,
      metadata: { component: { ...subject, purl: undefined } },
      components: [component],
    }),
    [
      { kind: 'bom', bom, ref: 'lodash' },
      { kind: 'bom', bom },
    ],
  ],
  [
    'no names that nothing has, or two have',
    cycloneDxVex([flaw(['nobody', 'lodash'])], { components: [component, { ...component, purl: 'pkg:npm/other' }] }),
    [],
    1,
  ],
  [
    'versions that are not affected, and no others',
    cycloneDxVex([
      flaw([
        {
          ref: 'pkg:npm/lodash',
          versions: [
            { version: '4.17.20', status: 'unaffected' },
            { version: '4.17.19', status: 'affected' },
            { version: '4.17.18' },
            { range: 'vers:npm/<4', status: 'unaffected' },
          ],
        },
      ]),
    ]),
    [plain],
    1,
  ],
];

for (const [what, document, expected, unusable = 0] of products) {
  test(`parseCycloneDxVex() takes ${what} for products`, () => {
    const read = parseCycloneDxVex(document, 'a.json');
    assert.deepEqual(
      read.statements.flatMap((statement) => statement.products),
      expected,
    );
    assert.equal(read.unusable, unusable);
  });
}

const states: Readonly<Record<string, VexStatus | undefined>> = {
  resolved: 'fixed',
  resolved_with_pedigree: 'fixed',
  exploitable: 'affected',
  in_triage: 'under_investigation',
  false_positive: 'not_affected',
  not_affected: 'not_affected',
};

test('parseCycloneDxVex() reads the states of analysis, and nothing where there is none', () => {
  for (const [state, status] of Object.entries(states)) {
    const { statements } = parseCycloneDxVex(cycloneDxVex([flaw(['pkg:npm/lodash@4.17.20'], { state })]), 'a.json');
    assert.deepEqual(
      statements.map((statement) => statement.status),
      [status],
    );
  }
  for (const analysis of [null, {}, { state: null }]) {
    assert.deepEqual(parseCycloneDxVex(cycloneDxVex([flaw(['pkg:npm/lodash'], analysis)]), 'a.json').statements, []);
  }
});

test('parseCycloneDxVex() reads reasons, times and other names', () => {
  const analysis = { state: 'not_affected', justification: 'code_not_reachable', detail: 'never called' };
  const [first, second] = parseCycloneDxVex(
    cycloneDxVex([
      flaw(
        ['pkg:npm/lodash@4.17.20'],
        { ...analysis, lastUpdated: '2026-05-01T00:00:00Z' },
        { references: [{ id: 'GHSA-1' }] },
      ),
      flaw(['pkg:npm/lodash@4.17.20'], analysis),
    ]),
    'a.json',
  ).statements;
  assert.deepEqual(first, {
    id: 'CVE-1',
    aliases: ['GHSA-1'],
    products: [plain],
    status: 'not_affected',
    justification: 'code_not_reachable',
    statement: 'never called',
    at: Date.parse('2026-05-01T00:00:00Z'),
    source: 'a.json',
  });
  assert.equal(second?.at, Date.parse('2026-01-02T03:04:05Z'));
});

const refused: readonly (readonly [what: string, document: object, code: string])[] = [
  ['version 1.3', cycloneDxVex([], { specVersion: '1.3' }), 'VEX_VERSION_UNSUPPORTED'],
  [
    'a list of components alone',
    cycloneDxVex([], { vulnerabilities: undefined, components: [component] }),
    'VEX_UNRECOGNISED',
  ],
  ['a state of its own', cycloneDxVex([flaw(['pkg:npm/a'], { state: 'fine' })]), 'VEX_MALFORMED'],
  ['a flaw without an id', cycloneDxVex([flaw(['pkg:npm/a'], { state: 'resolved' }, { id: '' })]), 'VEX_MALFORMED'],
];

for (const [what, document, code] of refused) {
  test(`parseCycloneDxVex() refuses ${what}`, () => {
    assert.throws(
      () => parseCycloneDxVex(document, 'a.json'),
      (error) => error instanceof VexError && error.code === code,
    );
  });
}

test('parseBomLink() reads links to documents and to their parts', () => {
  assert.deepEqual(parseBomLink(`URN:CDX:${serial.toUpperCase()}/1#a%20b`), { kind: 'bom', bom, ref: 'a b' });
  assert.deepEqual(parseBomLink(`urn:cdx:${serial}/1#100%`), { kind: 'bom', bom, ref: '100%' });
  for (const text of ['', `urn:cdx:${serial}`, `urn:cdx:${serial}/0`, 'urn:cdx:x/1', `urn:uuid:${serial}`]) {
    assert.equal(parseBomLink(text), undefined);
  }
});

test('bomFactsOf() tells what a bill of materials calls its parts', () => {
  assert.deepEqual(bomFactsOf({ specVersion: '1.6', serialNumber, version: 3, components: [component] }), {
    serial,
    version: 3,
    purls: new Map([['lodash', 'pkg:npm/lodash@4.17.20']]),
  });
  assert.equal(bomFactsOf({ specVersion: '1.6', components: [component] }), undefined);
  assert.equal(bomFactsOf(undefined), undefined);
});
