import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { digestOf, sampleFinding, samplePackage, sampleReport } from '../../../testing/scan-report.ts';
import { jsonBytes, openVex, openVexStatement } from '../../../testing/vex-documents.ts';
import type { ScanReport } from '../../finding/scan-report.ts';
import type { VexBomProduct, VexStatement } from '../../finding/vex.ts';
import { applyVex } from './apply-vex.ts';
import { purlOrNone } from './document.ts';
import { parseVex } from './parse-vex.ts';
import { indexStatements } from './statement-index.ts';

const report = sampleReport();

type Said = readonly [name: string, products: readonly (string | object)[], members?: object];

/** Ids of what documents set aside, one document for each list. */
function setAside(documents: readonly (readonly Said[])[], scanned: ScanReport = report): string[] {
  const read = documents.map((said, at) =>
    parseVex(
      jsonBytes(openVex(said.map(([name, products, members]) => openVexStatement(name, products, members)))),
      `${at}.json`,
    ),
  );
  return applyVex(scanned.findings, scanned, indexStatements(read)).suppressed.map(({ finding }) => finding.id);
}

const [ssl, tarFlaw, log4shell, go] = ['CVE-2024-5535', 'CVE-2005-2541', 'CVE-2021-44228', 'CVE-2024-24790'] as const;
const shop = `pkg:oci/shop@${digestOf('2')}`;
const part = (...purls: readonly string[]): object => ({
  '@id': shop,
  subcomponents: purls.map((purl) => ({ '@id': purl })),
});
const later = { timestamp: '2026-06-01T00:00:00Z' };
const earlier = { timestamp: '2025-06-01T00:00:00Z' };

const table: readonly (readonly [
  what: string,
  documents: readonly (readonly Said[])[],
  expected: readonly string[],
])[] = [
  ['a package', [[[tarFlaw, ['pkg:deb/debian/tar']]]], [tarFlaw]],
  ['what is fixed', [[[tarFlaw, ['pkg:deb/debian/tar'], { status: 'fixed' }]]], [tarFlaw]],
  ['nothing for another version', [[[tarFlaw, ['pkg:deb/debian/tar@1.35']]]], []],
  ['nothing for another flaw', [[['CVE-2005-2542', ['pkg:deb/debian/tar']]]], []],
  ['nothing for a package of another flaw', [[[tarFlaw, ['pkg:deb/debian/libssl3']]]], []],
  ['nothing that is affected', [[[tarFlaw, ['pkg:deb/debian/tar'], { status: 'affected' }]]], []],
  ['nothing under investigation', [[[tarFlaw, ['pkg:deb/debian/tar'], { status: 'under_investigation' }]]], []],
  [
    'all of an image',
    [
      [
        [tarFlaw, [shop]],
        [ssl, [shop]],
      ],
    ],
    [ssl, tarFlaw],
  ],
  ['nothing of another image', [[[tarFlaw, [`pkg:oci/shop@${digestOf('7')}`, 'pkg:oci/other']]]], []],
  ['a part of an image', [[[tarFlaw, [part('pkg:deb/debian/tar')]]]], [tarFlaw]],
  ['no other part of an image', [[[tarFlaw, [part('pkg:deb/debian/libssl3')]]]], []],
  [
    'no part of another image',
    [[[tarFlaw, [{ '@id': 'pkg:oci/other', subcomponents: [{ '@id': 'pkg:deb/debian/tar' }] }]]]],
    [],
  ],
  [
    'a package that is named as a part of itself',
    [[[tarFlaw, [{ '@id': 'pkg:deb/debian/tar', subcomponents: [{ '@id': 'pkg:deb/debian/tar' }] }]]]],
    [tarFlaw],
  ],
  ['one of several products', [[[tarFlaw, ['pkg:npm/x', 'pkg:deb/debian/tar']]]], [tarFlaw]],
  [
    'by an alias of the finding',
    [[['GHSA-jfh8-c2jp-5v3q', ['pkg:maven/org.apache.logging.log4j/log4j-core']]]],
    [log4shell],
  ],
  [
    'by an alias of the statement',
    [[['X-1', [shop], { vulnerability: { name: 'X-1', aliases: ['cve-2021-44228'] } }]]],
    [log4shell],
  ],
  ["by the vendor's own name", [[['DSA-5764-1', [shop]]]], [ssl]],
  [
    "nothing by a vendor's name that stands for another flaw",
    [[['CVE-1', [shop], { vulnerability: { name: 'CVE-1', aliases: ['DSA-5764-1'] } }]]],
    [],
  ],
  [
    'what the latest says, wherever it stands',
    [
      [
        [tarFlaw, ['pkg:deb/debian/tar'], later],
        [tarFlaw, [shop], { ...earlier, status: 'affected' }],
      ],
    ],
    [tarFlaw],
  ],
  [
    'nothing that the latest takes back',
    [
      [
        [tarFlaw, ['pkg:deb/debian/tar'], earlier],
        [tarFlaw, [shop], { ...later, status: 'under_investigation' }],
      ],
    ],
    [],
  ],
  [
    'nothing that a later document takes back',
    [[[tarFlaw, [shop], { ...later, status: 'affected' }]], [[tarFlaw, [shop], earlier]]],
    [],
  ],
  [
    'what the last says of those of one time',
    [[[tarFlaw, [shop], { status: 'affected' }]], [[tarFlaw, [shop]]]],
    [tarFlaw],
  ],
  [
    'nothing that the last of one time takes back',
    [[[tarFlaw, [shop]]], [[tarFlaw, [shop], { status: 'affected' }]]],
    [],
  ],
  [
    'what others take back of another product',
    [
      [
        [tarFlaw, ['pkg:deb/debian/tar'], earlier],
        [tarFlaw, ['pkg:oci/other'], { ...later, status: 'affected' }],
      ],
    ],
    [tarFlaw],
  ],
  ['what none tells', [[]], []],
];

for (const [what, documents, expected] of table) {
  test(`applyVex() sets aside ${what}`, () => {
    assert.deepEqual(setAside(documents), expected);
  });
}

test('applyVex() tells why, and in which document it is said', () => {
  const documents = ['a.json', 'b.json'].map((source, at) =>
    parseVex(
      jsonBytes(openVex([openVexStatement([tarFlaw, ssl][at] as string, [shop], { impact_statement: 'not built' })])),
      source,
    ),
  );
  const { kept, suppressed } = applyVex(report.findings, report, indexStatements(documents));
  assert.deepEqual(
    suppressed.map(({ finding, ...rest }) => [finding.id, rest]),
    [
      [ssl, { status: 'not_affected', source: 'b.json', statement: 'vulnerable_code_not_present: not built' }],
      [tarFlaw, { status: 'not_affected', source: 'a.json', statement: 'vulnerable_code_not_present: not built' }],
    ],
  );
  assert.deepEqual(
    kept.map(({ id }) => id),
    [log4shell, go],
  );
});

test('applyVex() takes what lies in the file of a product for a part of it', () => {
  const tool = samplePackage('golang', 'example.com/tool', 'v1.0.0', 'usr/bin/tool', { main: true });
  const inTool = samplePackage('golang', 'golang.org/x/net', 'v0.1.0', 'usr/bin/tool');
  const both = { ...inTool, locations: [...inTool.locations, { path: 'usr/bin/other' }] };
  const jar = samplePackage('maven', 'org.example:app', '1', 'srv/app.jar');
  const inner = samplePackage('maven', 'org.example:lib', '2', 'srv/app.jar!/lib/lib.jar');
  const lone = samplePackage('maven', 'org.example:lib', '2', 'srv/lib.jar');
  const packages = [tool, inTool, both, jar, inner, lone];
  const findings = packages.map((pkg, at) => sampleFinding(pkg, `CVE-${at}`));
  const scanned = sampleReport({ inventory: { packages, problems: [] }, findings });
  const everyFlaw = (product: string | object): Said[] => findings.map(({ id }) => [id, [product]]);
  assert.deepEqual(setAside([everyFlaw('pkg:golang/example.com/tool')], scanned), ['CVE-0', 'CVE-1']);
  assert.deepEqual(setAside([everyFlaw('pkg:golang/golang.org/x/net')], scanned), ['CVE-1', 'CVE-2']);
  const toolsNet = {
    '@id': 'pkg:golang/example.com/tool',
    subcomponents: [{ '@id': 'pkg:golang/golang.org/x/net@v0.1.0' }],
  };
  assert.deepEqual(setAside([everyFlaw(toolsNet)], scanned), ['CVE-1']);
  assert.deepEqual(setAside([everyFlaw('pkg:maven/org.example/app@1')], scanned), ['CVE-3', 'CVE-4']);
});

test('applyVex() takes parts of the bill of materials that was scanned, and of no other', () => {
  const serial = '3e671687-395b-41f5-a30f-a58921a69b79';
  const [libssl, tar] = report.findings;
  const purls = new Map([
    ['a', tar?.package.purl ?? ''],
    ['b', libssl?.package.purl ?? ''],
    ['c', libssl?.package.purl ?? ''],
  ]);
  const subject = { purl: 'pkg:npm/shop@1', repoTags: [], repoDigests: [] };
  const document = { subject, bom: { serial, version: 2, purls } };
  const scanned = sampleReport({ artifact: { name: 'a.cdx.json', type: 'cyclonedx', document } });
  const said = (product: VexStatement['products'][number]): string[] => {
    const statements = [tarFlaw, ssl].map((id): VexStatement => ({
      id,
      aliases: [],
      products: [product],
      status: 'fixed',
      source: 'x',
    }));
    const { suppressed } = applyVex(
      scanned.findings,
      scanned,
      indexStatements([{ source: 'x', statements, unusable: 0, unreasoned: 0 }]),
    );
    return suppressed.map(({ finding }) => finding.id);
  };
  const link = (ref?: string, version = 2): VexBomProduct => ({
    kind: 'bom',
    bom: { serial, version },
    ...(ref === undefined ? {} : { ref }),
  });
  assert.deepEqual(said(link()), [ssl, tarFlaw]);
  assert.deepEqual(said(link('a')), [tarFlaw]);
  assert.deepEqual(said(link(tar?.package.purl)), [tarFlaw]);
  assert.deepEqual(said(link(undefined, 1)), []);
  assert.deepEqual(said({ kind: 'bom', bom: { serial: serial.replace('3', '4'), version: 2 } }), []);
  // Two parts have this package URL, and only one is meant.
  assert.deepEqual(said(link('b')), []);
  assert.deepEqual(said(link('d')), []);
  const whole = purlOrNone('pkg:npm/shop');
  assert.ok(whole !== undefined);
  assert.deepEqual(said({ kind: 'purl', purls: [whole] }), [ssl, tarFlaw]);
});

const statement = fc
  .record({
    id: fc.constantFrom(ssl, tarFlaw, log4shell, go, 'GHSA-jfh8-c2jp-5v3q', 'CVE-0'),
    product: fc.constantFrom(
      shop,
      'pkg:oci/other',
      'pkg:deb/debian/tar',
      'pkg:deb/debian/libssl3@1',
      'pkg:golang/stdlib',
    ),
    part: fc.constantFrom(undefined, 'pkg:deb/debian/tar', 'pkg:deb/debian/libssl3'),
    status: fc.constantFrom('not_affected', 'fixed', 'affected', 'under_investigation'),
  })
  .map(({ id, product, part: sub, status }): Said => [
    id,
    [sub === undefined ? product : { '@id': product, subcomponents: [{ '@id': sub }] }],
    { status },
  ]);

test('applyVex() parts findings: none is added, none is lost, none changes', () => {
  fc.assert(
    fc.property(fc.array(fc.array(statement, { maxLength: 6 }), { maxLength: 3 }), (documents) => {
      const aside = new Set(setAside(documents));
      const statements = documents.map((said) =>
        openVex(said.map(([name, products, members]) => openVexStatement(name, products, members))),
      );
      const index = indexStatements(statements.map((document) => parseVex(jsonBytes(document), 'x')));
      const { kept, suppressed } = applyVex(report.findings, report, index);
      assert.deepEqual(
        kept,
        report.findings.filter(({ id }) => !aside.has(id)),
      );
      assert.deepEqual(
        suppressed.map(({ finding }) => finding),
        report.findings.filter(({ id }) => aside.has(id)),
      );
    }),
  );
});

test('applyVex() does not mind the order of statements of different times', () => {
  const shuffled = fc
    .array(statement, { maxLength: 8 })
    .map((all) =>
      all.map(([name, products, members], at): Said => [
        name,
        products,
        { ...members, timestamp: `2026-01-${10 + at}T00:00:00Z` },
      ]),
    )
    .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }), fc.nat(8)));
  fc.assert(
    fc.property(shuffled, ([all, other, cut]) => {
      assert.deepEqual(setAside([other.slice(0, cut), other.slice(cut)]), setAside([all]));
    }),
  );
});
