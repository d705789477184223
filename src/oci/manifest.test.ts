import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { OciError } from './error.ts';
import { parseManifest } from './manifest.ts';

const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
const ociIndex = 'application/vnd.oci.image.index.v1+json';
const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';
const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
const digest = `sha256:${'0'.repeat(64)}`;
const descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 2 };

function bytes(value: unknown): Buffer {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
}

const read: readonly { title: string; document: object; sent?: string; kind: string; mediaType: string }[] = [
  {
    title: 'OCI',
    document: { mediaType: ociManifest, config: descriptor, layers: [] },
    kind: 'manifest',
    mediaType: ociManifest,
  },
  {
    title: 'a bare OCI manifest',
    document: { config: descriptor, layers: [descriptor] },
    kind: 'manifest',
    mediaType: ociManifest,
  },
  { title: 'layers: null', document: { config: descriptor, layers: null }, kind: 'manifest', mediaType: ociManifest },
  {
    title: 'schema 2',
    document: { mediaType: dockerManifest, config: descriptor, layers: [] },
    kind: 'manifest',
    mediaType: dockerManifest,
  },
  { title: 'a bare index', document: { manifests: [descriptor] }, kind: 'index', mediaType: ociIndex },
  { title: 'an empty index', document: { manifests: null }, sent: ociIndex, kind: 'index', mediaType: ociIndex },
  { title: "Docker's list", document: { mediaType: dockerList, manifests: [] }, kind: 'index', mediaType: dockerList },
  {
    title: 'a type with parameters',
    document: { config: descriptor, layers: [] },
    sent: `${dockerManifest}; charset=utf-8`,
    kind: 'manifest',
    mediaType: dockerManifest,
  },
  {
    title: 'a type that says nothing',
    document: { manifests: [] },
    sent: 'text/plain',
    kind: 'index',
    mediaType: ociIndex,
  },
];

for (const { title, document, sent, kind, mediaType } of read) {
  test(`parseManifest() reads ${title}`, () => {
    const manifest = parseManifest(bytes({ schemaVersion: 2, ...document }), sent);
    assert.equal(manifest.kind, kind);
    assert.equal(manifest.mediaType, mediaType);
  });
}

const unsupported = 'MANIFEST_UNSUPPORTED';
const manyAnnotations = Object.fromEntries(Array.from({ length: 16_385 }, (_, at) => [`a${at}`, '']));
const refused: readonly { title: string; document: unknown; sent?: string; code: string }[] = [
  { title: 'what is no JSON', document: '{', code: 'MANIFEST_INVALID' },
  { title: 'deep nesting', document: '['.repeat(1_000_000), code: 'MANIFEST_INVALID' },
  { title: 'a list', document: [], code: 'MANIFEST_INVALID' },
  { title: 'an empty object', document: {}, code: 'MANIFEST_INVALID' },
  { title: 'schema 1', document: { schemaVersion: 1, fsLayers: [] }, code: 'MANIFEST_UNSUPPORTED' },
  {
    title: 'signed schema 1',
    document: { fsLayers: [] },
    sent: 'application/vnd.docker.distribution.manifest.v1+prettyjws',
    code: 'MANIFEST_UNSUPPORTED',
  },
  { title: 'schema 3', document: { schemaVersion: 3, config: descriptor }, code: 'MANIFEST_UNSUPPORTED' },
  { title: 'a schema version that has a toString', document: { schemaVersion: { toString: 1 } }, code: unsupported },
  {
    title: 'a schema version of a million lists',
    document: `{"schemaVersion":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`,
    code: 'MANIFEST_INVALID',
  },
  {
    title: 'a document of another kind',
    document: { mediaType: 'application/vnd.oci.artifact.manifest.v1+json', blobs: [] },
    code: 'MANIFEST_UNSUPPORTED',
  },
  {
    title: 'manifest and index in one',
    document: { config: descriptor, layers: [], manifests: [] },
    code: 'MANIFEST_INVALID',
  },
  {
    title: 'an index that is sent as a manifest',
    document: { manifests: [] },
    sent: ociManifest,
    code: 'MANIFEST_INVALID',
  },
  {
    title: 'types that contradict each other',
    document: { mediaType: ociIndex, manifests: [] },
    sent: ociManifest,
    code: 'MANIFEST_INVALID',
  },
  {
    title: 'a config of no digest',
    document: { config: { ...descriptor, digest: 'sha256:x' } },
    code: 'MANIFEST_INVALID',
  },
  { title: 'a path as a digest', document: { config: { ...descriptor, digest: '../../x' } }, code: 'MANIFEST_INVALID' },
  { title: 'a negative size', document: { config: { ...descriptor, size: -1 } }, code: 'MANIFEST_INVALID' },
  { title: 'a size that is text', document: { config: { ...descriptor, size: '1' } }, code: 'MANIFEST_INVALID' },
  { title: 'a layer that is null', document: { config: descriptor, layers: [null] }, code: 'MANIFEST_INVALID' },
  {
    title: 'too many layers',
    document: { config: descriptor, layers: Array.from({ length: 1025 }, () => descriptor) },
    code: 'MANIFEST_INVALID',
  },
  {
    title: 'too many annotations, of which the last may count',
    document: { config: descriptor, annotations: manyAnnotations },
    code: 'MANIFEST_INVALID',
  },
  {
    title: 'too many annotations of a layer',
    document: { config: descriptor, layers: [{ ...descriptor, annotations: manyAnnotations }] },
    code: 'MANIFEST_INVALID',
  },
  ...['Layers', 'LAYERS', 'layer\u017f', 'Annotations'].map((name) => ({
    title: `${name}, which Go takes for another name`,
    document: { config: descriptor, layers: [], [name]: [] },
    code: 'MANIFEST_INVALID',
  })),
  {
    title: 'a layer whose annotations only Go sees',
    document: { config: descriptor, layers: [{ ...descriptor, Annotations: {} }] },
    code: 'MANIFEST_INVALID',
  },
  {
    title: 'layers twice, of which Go mixes the one and the other',
    document: `{"config":${JSON.stringify(descriptor)},"layers":[{"annotations":{"a":"b"}}],"layers":[]}`,
    code: 'MANIFEST_INVALID',
  },
  {
    title: 'annotations of a layer twice, of which Go keeps all',
    document: JSON.stringify({ config: descriptor, layers: [{ ...descriptor, annotations: {} }] }).replace(
      '"annotations":{}',
      '"annotations":{"a":"b"},"annotations":{}',
    ),
    code: 'MANIFEST_INVALID',
  },
  { title: 'too many bytes', document: ' '.repeat(4 * 1024 * 1024 + 1), code: 'LIMIT_EXCEEDED' },
];

for (const { title, document, sent, code } of refused) {
  test(`parseManifest() refuses ${title}`, () => {
    assert.throws(() => parseManifest(bytes(document), sent), { name: 'OciError', code });
  });
}

test('parseManifest() keeps keys from outside away from prototypes', () => {
  const text = `{"config":${JSON.stringify(descriptor)},"layers":[],"annotations":{"__proto__":"x","a":"b","c":1}}`;
  const { annotations } = parseManifest(bytes(text));
  assert.deepEqual(Object.keys(annotations), ['__proto__', 'a']);
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
});

test('parseManifest() reads annotations that are null as Go does, as empty texts', () => {
  const layer = { ...descriptor, annotations: { a: null, b: 'x', c: 1 } };
  const manifest = parseManifest(bytes({ config: descriptor, layers: [layer], annotations: { d: null } }));
  assert.ok(manifest.kind === 'manifest');
  assert.deepEqual({ ...manifest.layers[0]?.annotations }, { a: '', b: 'x' });
  assert.deepEqual({ ...manifest.annotations }, { d: '' });
});

test('parseManifest() throws nothing but coded errors', () => {
  const value = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(null, 1, -1, 2, 'x', digest, ociManifest, ociIndex, descriptor),
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          'schemaVersion',
          'mediaType',
          'config',
          'layers',
          'manifests',
          'platform',
          'annotations',
          'urls',
          'digest',
          'size',
          '__proto__',
          'toString',
        ),
        tie('node'),
      ),
    ),
  })).node;
  const input = fc.oneof(
    fc.uint8Array().map((array) => Buffer.from(array)),
    value.map((document) => bytes(JSON.stringify(document) ?? '')),
  );
  fc.assert(
    fc.property(input, fc.constantFrom(undefined, ociManifest, ociIndex, 'x/y'), (document, sent) => {
      try {
        parseManifest(document, sent);
      } catch (error) {
        assert.ok(error instanceof OciError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
