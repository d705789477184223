import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { csafVex, cycloneDxVex, jsonBytes, openVex, openVexStatement } from '../../../testing/vex-documents.ts';
import { VexError } from './error.ts';
import { vexLimits } from './limits.ts';
import { parseVex } from './parse-vex.ts';

const open = openVex([
  openVexStatement('CVE-1', [{ '@id': 'pkg:oci/app', subcomponents: [{ '@id': 'pkg:npm/lodash' }] }]),
]);
const cyclone = cycloneDxVex([{ id: 'CVE-1', analysis: { state: 'resolved' }, affects: [{ ref: 'pkg:npm/lodash' }] }]);
const csaf = csafVex(
  {
    full_product_names: [
      { product_id: 'a', name: 'a', product_identification_helper: { purl: 'pkg:npm/lodash' } },
      { product_id: 'b', name: 'b', product_identification_helper: { purl: 'pkg:oci/app' } },
    ],
    relationships: [
      {
        category: 'default_component_of',
        product_reference: 'a',
        relates_to_product_reference: 'b',
        full_product_name: { product_id: 'c', name: 'c' },
      },
    ],
  },
  [{ cve: 'CVE-1', product_status: { known_not_affected: ['a', 'c'] }, flags: [{ label: 'x', product_ids: ['a'] }] }],
);
const mark = Buffer.from([0xef, 0xbb, 0xbf]);

const read: readonly (readonly [what: string, bytes: Buffer, statements: number])[] = [
  ['OpenVEX', jsonBytes(open), 1],
  ['CycloneDX', jsonBytes(cyclone), 1],
  ['CSAF', jsonBytes(csaf), 2],
  ['a document with a byte order mark', Buffer.concat([mark, jsonBytes(open)]), 1],
];

for (const [what, bytes, statements] of read) {
  test(`parseVex() reads ${what}`, () => {
    assert.equal(parseVex(bytes, 'a.json').statements.length, statements);
  });
}

const many = openVex(Array.from({ length: 50 }, () => openVexStatement('CVE-1', ['pkg:npm/lodash'])));

const refused: readonly (readonly [what: string, bytes: Buffer, code: string, message: RegExp])[] = [
  [
    'what is no JSON',
    Buffer.from('CVE-1 not_affected'),
    'VEX_MALFORMED',
    /^The VEX document a\.json breaks its format/,
  ],
  ['nothing', Buffer.alloc(0), 'VEX_MALFORMED', /a\.json/],
  ['half a document', jsonBytes(open).subarray(0, 100), 'VEX_MALFORMED', /a\.json/],
  [
    'a name that stands twice',
    Buffer.from('{"@context":"https://openvex.dev/ns","@context":""}'),
    'VEX_MALFORMED',
    /twice/,
  ],
  ['JSON of another kind', Buffer.from('{"a":1}'), 'VEX_UNRECOGNISED', /neither OpenVEX .*name a VEX document$/],
  ['a list', Buffer.from('[]'), 'VEX_UNRECOGNISED', /neither/],
  [
    'an attestation',
    jsonBytes({ _type: 'https://in-toto.io/Statement/v1', predicateType: 'https://openvex.dev/ns', predicate: open }),
    'VEX_UNRECOGNISED',
    /attestation.*predicate/,
  ],
  [
    'an envelope',
    jsonBytes({ payloadType: 'application/vnd.in-toto+json', payload: '' }),
    'VEX_UNRECOGNISED',
    /attestation/,
  ],
  [
    'too many bytes',
    Buffer.concat([jsonBytes(many), Buffer.alloc(20_000, 0x20)]),
    'VEX_LIMIT_EXCEEDED',
    /more than 20000 bytes/,
  ],
  ['too many values', jsonBytes(many), 'VEX_LIMIT_EXCEEDED', /too many values/],
  [
    'too deep a nesting',
    Buffer.from(`{"a":${'['.repeat(20)}${']'.repeat(20)}}`),
    'VEX_LIMIT_EXCEEDED',
    /nests too deep/,
  ],
];

for (const [what, bytes, code, message] of refused) {
  test(`parseVex() refuses ${what}`, () => {
    const limits = { ...vexLimits, bytes: 20_000, values: 200, depth: 15 };
    assert.throws(
      () => parseVex(bytes, 'a.json', limits),
      (error) => {
        assert.ok(error instanceof VexError, String(error));
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      },
    );
  });
}

test('parseVex() ends in order whatever the bytes are', () => {
  assertSurvives(
    [open, cyclone, csaf].map(jsonBytes),
    (bytes) => parseVex(bytes, 'a.json'),
    ({ statements }) => {
      for (const { id, products, status } of statements) {
        assert.ok(id.length > 0 && products.length > 0, id);
        assert.match(status, /^(?:not_affected|affected|fixed|under_investigation)$/);
      }
    },
  );
});
