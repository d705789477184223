import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isJsonText, kindOfManifest, type ManifestKind } from './manifest-kind.ts';

const ociConfig = 'application/vnd.oci.image.config.v1+json';
const dockerConfig = 'application/vnd.docker.container.image.v1+json';
const empty = 'application/vnd.oci.empty.v1+json';
const helm = 'application/vnd.cncf.helm.config.v1+json';
const chart = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const signature = 'application/vnd.dev.cosign.simplesigning.v1+json';

const docker = 'application/vnd.docker.distribution.manifest.v2+json';
const oci = 'application/vnd.oci.image.manifest.v1+json';

const cases: readonly (readonly [
  what: string,
  config: string,
  layers: readonly string[],
  kind: ManifestKind,
  manifest?: readonly string[],
])[] = [
  ['an image', ociConfig, ['application/vnd.oci.image.layer.v1.tar+gzip'], 'image'],
  ['an image with zstd', ociConfig, ['application/vnd.oci.image.layer.v1.tar+zstd'], 'image'],
  ['a Docker image', dockerConfig, ['application/vnd.docker.image.rootfs.diff.tar.gzip'], 'image'],
  ['a foreign layer', dockerConfig, ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'], 'image'],
  ['a layer that stays away', ociConfig, ['application/vnd.oci.image.layer.nondistributable.v1.tar'], 'image'],
  ['an image of no layers', ociConfig, [], 'image'],
  ['a layer under an empty config', empty, ['application/vnd.oci.image.layer.v1.tar'], 'image'],
  ['a layer in capitals, with parameters', empty, ['Application/VND.oci.image.layer.v1.TAR; x=y'], 'image'],
  ['a layer beside a signature', empty, [signature, 'application/vnd.oci.image.layer.v1.tar+gzip'], 'image'],
  ['an archive that nobody knows', 'application/x', ['application/vnd.example.tarball'], 'image'],
  ['WebAssembly', 'application/vnd.wasm.config.v0+json', ['application/wasm'], 'image'],
  ['an encrypted layer', ociConfig, ['application/vnd.oci.image.layer.v1.tar+gzip+encrypted'], 'image'],
  ["an image's config over anything else", ociConfig, ['application/vnd.example.thing'], 'image'],
  ["Docker's oldest config over anything else", 'application/octet-stream', ['application/json'], 'image'],
  ['a config in JSON over anything else', 'application/json', ['application/x'], 'image'],
  ['a config that some registry took for a page', 'text/html', ['application/x'], 'image'],
  ['no config type over anything else', '', ['application/json'], 'image'],
  ['a chart', helm, [chart], 'artifact'],
  ['a chart with its provenance', helm, [chart, 'application/vnd.cncf.helm.chart.provenance.v1.prov'], 'artifact'],
  ['an image that calls itself a chart', helm, [chart, 'application/vnd.oci.image.layer.v1.tar'], 'image'],
  ["a chart's archive under an image's config", ociConfig, [chart], 'image'],
  ['a bundle', empty, ['application/vnd.dev.sigstore.bundle.v0.3+json'], 'artifact'],
  ['a bill of materials', empty, ['application/spdx+json'], 'artifact'],
  ['nothing', empty, [], 'artifact'],
  ["a signature under an image's config", ociConfig, [signature], 'claimed'],
  ["statements under an image's config", ociConfig, ['application/vnd.in-toto+json'], 'claimed'],
  ["Docker's own format, whatever its config is", 'application/x', [dockerConfig], 'image', [docker]],
  ["a chart in Docker's own format", helm, [chart], 'image', [docker]],
  ["what is served in Docker's own format", 'application/x', [dockerConfig], 'image', [`${docker}; a=b`, oci]],
  ["a signature in Docker's own format", empty, [signature], 'claimed', [docker]],
  ["a signature and something else under an image's config", ociConfig, [signature, 'application/x'], 'image'],
];

for (const [what, config, layers, kind, manifest = [oci]] of cases) {
  test(`kindOfManifest() finds ${kind} in ${what}`, () => assert.equal(kindOfManifest(config, layers, manifest), kind));
}

test('isJsonText() takes texts in JSON, and no archives', () => {
  const tar = Buffer.alloc(1024);
  tar.write('{"critical":1}');
  for (const [bytes, is] of [
    [Buffer.from('{"critical":{}}\n'), true],
    [tar, false],
    [Buffer.from([0x1f, 0x8b, 8, 0]), false],
    [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), false],
    [Buffer.alloc(0), false],
    [Buffer.from([0x22, 0xff, 0x22]), false],
  ] as const) {
    assert.equal(isJsonText(bytes), is);
  }
});
