import assert from 'node:assert/strict';
import test from 'node:test';
import { openVex, openVexStatement } from '../../../../testing/vex-documents.ts';
import type { VexStatement } from '../../../finding/vex.ts';
import { parsePackageUrl } from '../../../package/package-url.ts';
import { VexError } from '../error.ts';
import { parseOpenVex } from './parse.ts';

const at = Date.parse('2026-01-02T03:04:05Z');
const lodash = parsePackageUrl('pkg:npm/lodash');
const image = parsePackageUrl('pkg:oci/app?repository_url=ghcr.io/team/app');
const usual: VexStatement = {
  id: 'CVE-1',
  aliases: [],
  products: [{ kind: 'purl', purls: [lodash] }],
  status: 'not_affected',
  justification: 'vulnerable_code_not_present',
  at,
  source: 'a.json',
};

const table: readonly (readonly [
  what: string,
  document: object,
  expected: readonly VexStatement[],
  unusable?: number,
])[] = [
  ['a statement', openVex([openVexStatement('CVE-1', ['pkg:npm/lodash'])]), [usual]],
  ['no statements', openVex([]), []],
  [
    'its own times before those of the document',
    openVex([
      openVexStatement('CVE-1', ['pkg:npm/lodash'], { timestamp: '2026-02-01T00:00:00+01:00' }),
      openVexStatement('CVE-1', ['pkg:npm/lodash'], {
        timestamp: '2026-02-01T00:00:00Z',
        last_updated: '2026-03-01T00:00:00Z',
      }),
      openVexStatement('CVE-1', ['pkg:npm/lodash'], { timestamp: 'yesterday' }),
    ]),
    [{ ...usual, at: Date.parse('2026-01-31T23:00:00Z') }, { ...usual, at: Date.parse('2026-03-01T00:00:00Z') }, usual],
  ],
  [
    'aliases, reasons and other statuses',
    openVex([
      openVexStatement('CVE-1', ['pkg:npm/lodash'], {
        vulnerability: { name: 'CVE-1', aliases: ['GHSA-1'] },
        impact_statement: 'compiled out',
      }),
      openVexStatement('CVE-1', ['pkg:npm/lodash'], { status: 'fixed', justification: null, status_notes: 'patched' }),
      openVexStatement('CVE-1', ['pkg:npm/lodash'], { status: 'under_investigation' }),
      openVexStatement('CVE-1', ['pkg:npm/lodash'], { status: 'affected' }),
    ]),
    [
      { ...usual, aliases: ['GHSA-1'], statement: 'compiled out' },
      withoutReason({ ...usual, status: 'fixed', statement: 'patched' }),
      { ...usual, status: 'under_investigation' },
      { ...usual, status: 'affected' },
    ],
  ],
  [
    'parts of products, and identifiers beside names',
    openVex([
      openVexStatement('CVE-1', [
        { '@id': 'pkg:oci/app?repository_url=ghcr.io/team/app', subcomponents: [{ '@id': 'pkg:npm/lodash' }] },
        { '@id': 'https://example.org/lodash', identifiers: { purl: 'pkg:npm/lodash', cpe23: 'cpe:2.3:a:b:c' } },
        { identifiers: { purl: 'pkg:npm/lodash' }, subcomponents: [] },
      ]),
    ]),
    [
      {
        ...usual,
        products: [
          { kind: 'purl', purls: [image], subcomponents: [lodash] },
          { kind: 'purl', purls: [lodash] },
          { kind: 'purl', purls: [lodash] },
        ],
      },
    ],
  ],
  [
    'the plain texts of older versions',
    openVex(
      [
        {
          vulnerability: 'CVE-1',
          products: ['pkg:oci/app?repository_url=ghcr.io/team/app'],
          subcomponents: ['pkg:npm/lodash'],
          status: 'fixed',
        },
      ],
      { '@context': 'https://openvex.dev/ns' },
    ),
    [
      withoutReason({
        ...usual,
        status: 'fixed',
        products: [{ kind: 'purl', purls: [image], subcomponents: [lodash] }],
      }),
    ],
  ],
  [
    'no more into products without a package URL than is there',
    openVex([
      openVexStatement('CVE-1', ['https://example.org/app']),
      openVexStatement('CVE-1', ['pkg:npm/lodash', 'pkg:npm']),
      openVexStatement('CVE-1', [{ '@id': 'pkg:npm/lodash', subcomponents: [{ '@id': 'cpe:2.3:a:b:c' }] }]),
      openVexStatement('CVE-1', [], { products: null }),
      openVexStatement('CVE-1', ['https://example.org/app'], { status: 'affected' }),
    ]),
    [usual],
    4,
  ],
];

test('parseOpenVex() leaves out what says not_affected and not why', () => {
  const bare = { justification: null, impact_statement: undefined };
  const document = openVex([
    openVexStatement('CVE-1', ['pkg:npm/lodash'], bare),
    openVexStatement('CVE-1', ['pkg:npm/lodash'], { ...bare, justification: ' ', status_notes: 'trust me' }),
    openVexStatement('CVE-1', ['pkg:npm/lodash'], { ...bare, impact_statement: 'compiled out' }),
    openVexStatement('CVE-1', ['pkg:npm/lodash'], { ...bare, status: 'fixed' }),
    openVexStatement('CVE-1', ['pkg:npm/lodash']),
  ]);
  const { statements, unusable, unreasoned } = parseOpenVex(document, 'a.json');
  const expected = [
    { ...usual, statement: 'compiled out' },
    { ...usual, status: 'fixed' as const },
  ].map(withoutReason);
  assert.deepEqual([statements, unusable, unreasoned], [[...expected, usual], 0, 2]);
});

function withoutReason(statement: VexStatement): VexStatement {
  const { justification: _, ...rest } = statement;
  return rest;
}

for (const [what, document, expected, unusable = 0] of table) {
  test(`parseOpenVex() reads ${what}`, () => {
    const read = parseOpenVex(document, 'a.json');
    assert.deepEqual(read, { source: 'a.json', statements: expected, unusable, unreasoned: 0 });
  });
}

const refused: readonly (readonly [what: string, document: object, code: string, message: RegExp])[] = [
  [
    'a namespace of another version',
    openVex([], { '@context': 'https://openvex.dev/ns/v1.0.0' }),
    'VEX_VERSION_UNSUPPORTED',
    /a\.json is OpenVEX 1\.0\.0/,
  ],
  ['an odd namespace', openVex([], { '@context': 'https://openvex.dev/nsx' }), 'VEX_VERSION_UNSUPPORTED', /unknown/],
  ['statements that are no list', openVex([], { statements: {} }), 'VEX_MALFORMED', /no list of statements/],
  [
    'a status of its own',
    openVex([openVexStatement('CVE-1', ['pkg:npm/a'], { status: 'ok' })]),
    'VEX_MALFORMED',
    /statement 1/,
  ],
  ['a statement without a flaw', openVex([openVexStatement('', ['pkg:npm/a'])]), 'VEX_MALFORMED', /no usable id/],
];

for (const [what, document, code, message] of refused) {
  test(`parseOpenVex() refuses ${what}`, () => {
    assert.throws(
      () => parseOpenVex(document, 'a.json'),
      (error) => {
        assert.ok(error instanceof VexError);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}
