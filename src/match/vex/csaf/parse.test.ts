import assert from 'node:assert/strict';
import test from 'node:test';
import { csafVex } from '../../../../testing/vex-documents.ts';
import type { VexProduct } from '../../../finding/vex.ts';
import { parsePackageUrl } from '../../../package/package-url.ts';
import { VexError } from '../error.ts';
import { parseCsafVex } from './parse.ts';

const lodash = parsePackageUrl('pkg:npm/lodash');
const image = parsePackageUrl('pkg:oci/app?repository_url=ghcr.io/team/app');
const named = (id: string, purl?: string): object => ({
  product_id: id,
  name: id,
  ...(purl === undefined ? {} : { product_identification_helper: { purl } }),
});
const related = (id: string, category: string, part: string, whole: string): object => ({
  category,
  product_reference: part,
  relates_to_product_reference: whole,
  full_product_name: named(id),
});

const tree = {
  branches: [
    {
      category: 'vendor',
      name: 'Example',
      branches: [
        { category: 'product_name', name: 'app', product: named('app', 'pkg:oci/app?repository_url=ghcr.io/team/app') },
        { category: 'product_name', name: 'os', product: named('os') },
      ],
    },
  ],
  full_product_names: [named('lodash', 'pkg:npm/lodash'), named('odd', 'no purl')],
  relationships: [
    related('app:lodash', 'default_component_of', 'lodash', 'app'),
    related('os:lodash', 'installed_on', 'lodash', 'os'),
    related('app:os:lodash', 'installed_with', 'os:lodash', 'app'),
    related('outside', 'external_component_of', 'lodash', 'app'),
    related('a', 'default_component_of', 'b', 'app'),
    related('b', 'default_component_of', 'a', 'os'),
    related('app:app:lodash', 'default_component_of', 'app:lodash', 'app'),
  ],
  product_groups: [{ group_id: 'both', product_ids: ['app', 'lodash'] }],
};

const products: readonly (readonly [id: string, expected: VexProduct | undefined])[] = [
  ['lodash', { kind: 'purl', purls: [lodash] }],
  ['app', { kind: 'purl', purls: [image] }],
  ['app:lodash', { kind: 'purl', purls: [image], subcomponents: [lodash] }],
  ['app:os:lodash', { kind: 'purl', purls: [image], subcomponents: [lodash] }],
  ['app:app:lodash', undefined],
  ['os', undefined],
  ['os:lodash', undefined],
  ['odd', undefined],
  ['outside', undefined],
  ['a', undefined],
  ['nobody', undefined],
];

for (const [id, expected] of products) {
  test(`parseCsafVex() finds ${expected === undefined ? 'no product' : 'the product'} of ${id}`, () => {
    const document = csafVex(tree, [{ cve: 'CVE-1', product_status: { known_not_affected: [id] } }]);
    const read = parseCsafVex(document, 'a.json');
    assert.deepEqual(
      read.statements.flatMap((statement) => statement.products),
      expected === undefined ? [] : [expected],
    );
    assert.equal(read.unusable, expected === undefined ? 1 : 0);
  });
}

test('parseCsafVex() reads each status, what clears before what warns', () => {
  const lists = [
    'last_affected',
    'under_investigation',
    'first_fixed',
    'known_affected',
    'known_not_affected',
    'fixed',
  ];
  const status = Object.fromEntries(lists.map((name) => [name, ['lodash']]));
  const document = csafVex(tree, [{ cve: 'CVE-1', product_status: { ...status, recommended: ['lodash'] } }]);
  assert.deepEqual(
    parseCsafVex(document, 'a.json').statements.map((statement) => statement.status),
    ['fixed', 'fixed', 'not_affected', 'under_investigation', 'affected', 'affected'],
  );
});

test('parseCsafVex() reads why, for each product', () => {
  const document = csafVex(tree, [
    {
      cve: 'CVE-1',
      ids: [{ system_name: 'Example', text: 'EX-7' }],
      product_status: { known_not_affected: ['lodash', 'app', 'app:lodash'] },
      flags: [
        { label: 'component_not_present', product_ids: ['app:lodash'] },
        { label: 'vulnerable_code_not_present' },
      ],
      threats: [
        { category: 'exploit_status', details: 'none' },
        { category: 'impact', details: 'compiled out', group_ids: ['both'] },
      ],
    },
  ]);
  const usual = {
    id: 'CVE-1',
    aliases: ['EX-7'],
    status: 'not_affected',
    at: Date.parse('2026-01-02T03:04:05Z'),
    source: 'a.json',
  };
  assert.deepEqual(parseCsafVex(document, 'a.json').statements, [
    {
      ...usual,
      products: [
        { kind: 'purl', purls: [lodash] },
        { kind: 'purl', purls: [image] },
      ],
      justification: 'vulnerable_code_not_present',
      statement: 'compiled out',
    },
    {
      ...usual,
      products: [{ kind: 'purl', purls: [image], subcomponents: [lodash] }],
      justification: 'component_not_present',
    },
  ]);
});

test('parseCsafVex() takes ids of others where there is no CVE, and nothing from a flaw without products', () => {
  const status = { fixed: ['lodash'] };
  const document = csafVex(tree, [{ ids: [{ text: 'EX-7' }], product_status: status }, { cve: 'CVE-2' }]);
  assert.deepEqual(
    parseCsafVex(document, 'a.json').statements.map(({ id }) => id),
    ['EX-7'],
  );
});

const refused: readonly (readonly [what: string, document: object, code: string])[] = [
  ['another version', { document: { csaf_version: '2.1' } }, 'VEX_VERSION_UNSUPPORTED'],
  ['a flaw without an id', csafVex(tree, [{ product_status: { fixed: ['lodash'] } }]), 'VEX_MALFORMED'],
  ['a branch that is none', csafVex({ branches: ['x'] }, []), 'VEX_MALFORMED'],
  ['a relationship that is none', csafVex({ relationships: [{}] }, []), 'VEX_MALFORMED'],
  ['a product without an id', csafVex({ full_product_names: [{ name: 'x' }] }, []), 'VEX_MALFORMED'],
  ['a status that is no list', csafVex(tree, [{ cve: 'CVE-1', product_status: { fixed: 'lodash' } }]), 'VEX_MALFORMED'],
];

for (const [what, document, code] of refused) {
  test(`parseCsafVex() refuses ${what}`, () => {
    assert.throws(
      () => parseCsafVex(document, 'a.json'),
      (error) => error instanceof VexError && error.code === code,
    );
  });
}
