import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { buildImage, type BuiltImage, sha256 } from '../../../testing/image/image-builder.ts';
import { estargzLayer, type ListedEntry, zstdChunkedLayer } from '../../../testing/image/table-layer.ts';
import { file, type TarEntry } from '../../../testing/image/tar-writer.ts';
import { apkDatabase, osRelease } from '../../../testing/package-files.ts';
import { startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { startServiceOf } from '../../../testing/registry/service-of-text.ts';
import {
  advisoryUpdate,
  makeAdvisory,
  makeAffected,
  temporaryFolder,
} from '../../../testing/vulnerability-database.ts';
import { buildDatabase } from '../../vulndb/build.ts';

/*
 * Images that some runtimes do not unpack from their layers' tars. What these would run must be what the gate saw, or the image does not
 * pass.
 */

const policy = `
apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  rules:
    - name: no-flaws
      vulnerabilities: { severity: LOW }
`;

/** Bytes that no compression makes smaller: many pieces on their way. */
const noise = Buffer.concat(Array.from({ length: 100_000 }, (_, at) => createHash('sha512').update(`${at}`).digest()));

const entries: readonly TarEntry[] = [
  osRelease('alpine', '3.19.1'),
  apkDatabase({ musl: '1.2.4-r2' }),
  file('usr/bin/noise', noise),
];

/** Takes another file for the last one, as only those see it who go by the table. */
const lie = (all: readonly ListedEntry[]): readonly ListedEntry[] => {
  const other = sha256(Buffer.from('another program'));
  return all.map((entry) =>
    entry['name'] === 'usr/bin/noise' ? { ...entry, digest: other, chunkDigest: other } : entry,
  );
};

/** Of another package of the same release, which nobody has. */
const advisory = makeAdvisory({ id: 'ALPINE-CVE-2026-1', affected: [makeAffected('Alpine:v3.19 zlib', ['0 1.3'])] });

const plain = { tar: entries };
const nydus = 'application/vnd.oci.image.layer.nydus.blob.v1';

const images: readonly (readonly [string, BuiltImage, number, RegExp])[] = [
  ['chunked', buildImage({ layers: [zstdChunkedLayer(entries)] }), 200, /layers/],
  ['stargz', buildImage({ layers: [estargzLayer(entries)] }), 200, /layers/],
  [
    'chunked-liar',
    buildImage({ layers: [zstdChunkedLayer(entries, { entries: lie })] }),
    403,
    /usr\/bin\/noise.* has other content/,
  ],
  [
    'stargz-liar',
    buildImage({ layers: [estargzLayer(entries, { entries: lie })] }),
    403,
    /usr\/bin\/noise.* has other content/,
  ],
  [
    'nydus-layer',
    buildImage({ layers: [{ ...plain, annotations: { 'containerd.io/snapshot/nydus-bootstrap': 'true' } }] }),
    403,
    /marked as one of Nydus/,
  ],
  [
    'soci',
    buildImage({ layers: [plain], manifest: { annotations: { 'com.amazon.soci.index-digest': sha256(noise) } } }),
    403,
    /SOCI index/,
  ],
  ['nydus-blob', buildImage({ layers: [{ ...plain, mediaType: nydus }] }), 403, /a file system that is not read here/],
  [
    'erofs',
    buildImage({ layers: [{ ...plain, mediaType: 'application/vnd.erofs.layer.v1' }] }),
    403,
    /a file system that is not read here/,
  ],
];

test('an image whose layers say otherwise to runtimes that load them lazily is denied on its first pull, and others are not', async () => {
  using database = temporaryFolder();
  await buildDatabase(database.path, [advisoryUpdate([advisory])], { clock: () => new Date() });
  await using upstream = await startOwnRegistry();
  await using service = await startServiceOf(
    `registry:
  listen: 127.0.0.1:0
  scanning: {enabled: true, cache: 100MiB}
  gate: {policies: [policy.yaml], hold: 60s, platforms: [linux/amd64]}
  upstreams:
    registries:
      - {host: "${upstream.host}", name: example.org, url: "${upstream.url}", allowPrivate: true}
`,
    { 'policy.yaml': policy },
    { more: { vulnerabilityDatabase: database.path } },
  );
  for (const [tag, { descriptor, blobs }, status, said] of images) {
    for (const [digest, bytes] of blobs) if (digest !== descriptor.digest) await upstream.pushBlob('app', bytes);
    const put = await upstream.ask('PUT', `app/manifests/${tag}`, {
      body: blobs.get(descriptor.digest) as Buffer,
      headers: { 'content-type': descriptor.mediaType },
    });
    assert.equal(put.status, 201);
    const answer = await service.ask('GET', `/v2/example.org/app/manifests/${tag}`);
    assert.equal(answer.status, status, `${tag}: ${answer.body}`);
    assert.match(answer.body, said, tag);
  }
});
