import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { decodeSbom } from './detect.ts';
import { SbomError, type SbomErrorCode } from './error.ts';
import { sbomLimits } from './limits.ts';

const component = { type: 'library', name: 'a', version: '1', purl: 'pkg:npm/a@1', 'bom-ref': 'a' };
const cycloneDx = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  components: [component, { ...component, 'bom-ref': 'b' }],
};
const spdxPackage = {
  SPDXID: 'SPDXRef-a',
  name: 'a',
  versionInfo: '1',
  externalRefs: [{ referenceType: 'purl', referenceLocator: 'pkg:npm/a@1' }],
};
const spdx = {
  spdxVersion: 'SPDX-2.3',
  packages: [spdxPackage, { ...spdxPackage, SPDXID: 'SPDXRef-b' }],
  relationships: [
    { spdxElementId: 'SPDXRef-a', relationshipType: 'DEPENDS_ON', relatedSpdxElement: 'SPDXRef-b' },
    { spdxElementId: 'SPDXRef-a', relationshipType: 'CONTAINS', relatedSpdxElement: 'SPDXRef-b' },
  ],
};

function bytesOf(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

test('decodeSbom() tells the format by the content, a byte order mark or not', async () => {
  for (const [value, id] of [
    [cycloneDx, 'cyclonedx-json'],
    [spdx, 'spdx-json'],
  ] as const) {
    for (const prefix of ['', '\ufeff', ' \r\n\t']) {
      const { format, document } = await decodeSbom(Buffer.concat([bytesOf(prefix), bytesOf(value)]));
      assert.equal(format.id, id);
      assert.deepEqual(
        document.packages.map(({ name, purl }) => [name, purl]),
        [
          ['a', 'pkg:npm/a@1'],
          ['a', 'pkg:npm/a@1'],
        ],
      );
    }
  }
});

const nested = (depth: number): unknown => ({
  ...cycloneDx,
  x: JSON.parse('['.repeat(depth) + ']'.repeat(depth)) as unknown,
});
const refused: readonly (readonly [string, unknown, SbomErrorCode, Partial<typeof sbomLimits>?])[] = [
  ['nothing', '', 'SBOM_UNRECOGNISED'],
  ['text', 'SPDXVersion: SPDX-2.3', 'SBOM_UNRECOGNISED'],
  ['cut JSON', JSON.stringify(cycloneDx).slice(0, -1), 'SBOM_UNRECOGNISED'],
  ['a list', [cycloneDx], 'SBOM_UNRECOGNISED'],
  ['other JSON', { a: 1 }, 'SBOM_UNRECOGNISED'],
  ['components that are no list', { ...cycloneDx, components: 1 }, 'SBOM_MALFORMED'],
  ['packages that are no list', { ...spdx, packages: {} }, 'SBOM_MALFORMED'],
  ['a later CycloneDX', { ...cycloneDx, specVersion: '2.0' }, 'SBOM_VERSION_UNSUPPORTED'],
  ['a later SPDX', { ...spdx, spdxVersion: 'SPDX-3.0' }, 'SBOM_VERSION_UNSUPPORTED'],
  ['too many bytes', cycloneDx, 'LIMIT_EXCEEDED', { bytes: 100 }],
  ['too deep a nesting', nested(64), 'LIMIT_EXCEEDED'],
  ['too many values', cycloneDx, 'LIMIT_EXCEEDED', { values: 10 }],
  ['too many components', cycloneDx, 'LIMIT_EXCEEDED', { components: 1 }],
  ['too many packages', spdx, 'LIMIT_EXCEEDED', { components: 1 }],
  ['too many relationships', spdx, 'LIMIT_EXCEEDED', { edges: 1 }],
  [
    'too many dependencies',
    { ...cycloneDx, dependencies: [{ ref: 'a', dependsOn: ['b', 'a'] }] },
    'LIMIT_EXCEEDED',
    { edges: 1 },
  ],
];

for (const [label, value, code, limits] of refused) {
  test(`decodeSbom() refuses ${label} as ${code}`, async () => {
    await assert.rejects(
      decodeSbom(bytesOf(value), { ...sbomLimits, ...limits }),
      (error) => error instanceof SbomError && error.code === code,
    );
  });
}

test('decodeSbom() reads what nests as deep as allowed, and brackets in strings do not count', async () => {
  const { document } = await decodeSbom(bytesOf({ ...(nested(63) as object), y: '\\"'.repeat(9) + '['.repeat(500) }));
  assert.equal(document.packages.length, 2);
});

test('decodeSbom() reports components that it could not use', async () => {
  const odd = [
    component,
    { type: 'library', name: 'no purl' },
    { ...component, purl: 'pkg:hex/a@1' },
    { name: 1 },
    null,
  ];
  const { document } = await decodeSbom(bytesOf({ ...cycloneDx, components: odd }));
  assert.equal(document.packages.length, 1);
  assert.deepEqual(
    document.problems.map(({ code, message }) => [code, message.split(' ')[0]]),
    [
      ['SBOM_COMPONENTS_UNIDENTIFIED', '2'],
      ['SBOM_COMPONENTS_MALFORMED', '2'],
    ],
  );
});

test('decodeSbom() takes damaged facts of its own as those of a stranger', async () => {
  const properties = [
    { name: 'seaworthy:type', value: 'npm' },
    { name: 'seaworthy:cataloger', value: 'npm' },
    { name: 'seaworthy:locations', value: '[{"path":1}]' },
  ];
  const { document } = await decodeSbom(bytesOf({ ...cycloneDx, components: [{ ...component, properties }] }));
  assert.deepEqual(
    document.packages.map(({ name, cataloger, locations }) => ({ name, cataloger, locations })),
    [{ name: 'a', cataloger: 'sbom', locations: [{ path: '' }] }],
  );
});

test('decodeSbom() lets only its own errors out', async () => {
  const noise = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom(
      'pkg:npm/%zz',
      'pkg:deb/debian/a@1?distro=',
      '__proto__',
      'SPDXRef-a',
      'LicenseRef-a',
      'NOASSERTION',
    ),
  );
  const keys = [...new Set(JSON.stringify([cycloneDx, spdx]).match(/"[A-Za-z-]+"(?=:)/g))].map((key) =>
    key.slice(1, -1),
  );
  const more = [
    'properties',
    'licenses',
    'hashes',
    'metadata',
    'dependencies',
    'evidence',
    'annotations',
    'creationInfo',
  ];
  const mutated = fc
    .tuple(fc.constantFrom(cycloneDx, spdx), fc.dictionary(fc.constantFrom(...keys, ...more), noise), fc.boolean())
    .map(([base, changes, inside]) => {
      const list = 'components' in base ? 'components' : 'packages';
      const first = 'components' in base ? component : spdxPackage;
      return inside ? { ...base, [list]: [{ ...first, ...changes }, changes] } : { ...base, ...changes };
    })
    .map(bytesOf);
  const cut = fc.tuple(mutated, fc.nat(), fc.nat(255)).map(([bytes, at, byte]) => {
    bytes[at % bytes.length] = byte;
    return bytes;
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, cut, fc.uint8Array()), async (bytes) => {
      try {
        await decodeSbom(bytes);
      } catch (error) {
        assert.ok(error instanceof SbomError, String(error));
      }
    }),
    { numRuns: 800 },
  );
});

test('decodeSbom() gives each edge once, in the order of ids, however often and in whatever order it is told', async () => {
  const names = Array.from({ length: 30 }, (_, at) => `p${at}`);
  const components = names.map((name) => ({ type: 'library', 'bom-ref': name, name, purl: `pkg:npm/${name}@1` }));
  const dependencies = names.toReversed().map((ref, at) => ({
    ref,
    dependsOn: [1, 7, 1, 0, 20].map((step) => names[(at * step + step) % 30] as string).concat('nowhere'),
  }));
  const { document } = await decodeSbom(bytesOf({ ...cycloneDx, components, dependencies }));
  const ids = new Map(document.packages.map(({ name, id }) => [name, id]));
  const told = dependencies.flatMap(({ ref, dependsOn }) =>
    dependsOn.map((to) => [ids.get(ref), ids.get(to)] as const),
  );
  const expected = told
    .filter(([from, to]) => to !== undefined && from !== to)
    .map((edge) => edge.join(' depends-on '));
  const seen = document.relationships.map(({ from, kind, to }) => `${from} ${kind} ${to}`);
  assert.deepEqual(seen, [...new Set(expected)].sort());
});

test('decodeSbom() hears its signal amid a large document', async () => {
  const components = Array.from({ length: 50_000 }, (_, at) => ({
    type: 'library',
    'bom-ref': `${at}`,
    name: `p${at}`,
    purl: `pkg:npm/p${at}@1`,
  }));
  const stop = new AbortController();
  const decoding = decodeSbom(bytesOf({ ...cycloneDx, components }), sbomLimits, stop.signal);
  setImmediate(() => stop.abort(new Error('enough')));
  await assert.rejects(decoding, { message: 'enough' });
});

test('decodeSbom() refuses more components than any image has, before it takes gigabytes', async () => {
  const components = Array.from({ length: 100_001 }, (_, at) => ({ name: `p${at}`, type: 'library' }));
  await assert.rejects(decodeSbom(bytesOf({ ...cycloneDx, components })), { code: 'LIMIT_EXCEEDED' });
});
