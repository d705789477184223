import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildImage, encode, sha256 } from '../../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../../testing/image/image-files.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import type { Digest } from '../digest.ts';
import { openLocalImage } from '../open-local.ts';
import { openLayoutFolder } from './layout-folder.ts';

const image = buildImage({ layers: [{ tar: [file('a', 'a')] }] });
const other = buildImage({ layers: [{ tar: [file('b', 'b')] }] });
const limit = 1_000_000;

function blob(folder: string, digest: string): string {
  return join(folder, 'blobs', 'sha256', digest.slice(7));
}

async function documents(folder: string): Promise<string[]> {
  const digests = [];
  for await (const { descriptor } of openLayoutFolder(folder).documents(limit)) digests.push(descriptor.digest);
  return digests;
}

test('openLayoutFolder() gives the entries, and content that is checked by its reader', async () => {
  using folder = temporaryDirectory();
  writeFiles(folder.path, layoutFiles([{ content: image, refName: 'one' }, { content: other }]));
  const { entries, content } = openLayoutFolder(folder.path);
  assert.deepEqual(
    entries.map(({ digest }) => digest),
    [image.descriptor.digest, other.descriptor.digest],
  );
  const manifest = await content.readContent(image.descriptor, limit);
  assert.deepEqual(manifest, image.blobs.get(image.descriptor.digest));
  const chunks: Uint8Array[] = [];
  const [layer] = image.layers;
  assert.ok(layer !== undefined);
  for await (const chunk of content.openLayer(layer)) chunks.push(chunk);
  assert.deepEqual(Buffer.concat(chunks), image.blobs.get(layer.digest));
  const absent = { mediaType: '', digest: `sha256:${'00'.repeat(32)}` as Digest, size: 1 };
  assert.equal(content.hasBlob?.(absent), false);
  await assert.rejects(async () => await content.readContent(absent, limit), { code: 'BLOB_UNKNOWN' });
  await assert.rejects(
    async () => {
      for await (const _ of content.openLayer(absent));
    },
    { code: 'BLOB_UNKNOWN' },
  );
  for (const path of [join(folder.path, 'none'), join(folder.path, 'blobs')]) {
    assert.throws(() => openLayoutFolder(path), { name: 'OciError' });
  }
});

test('documents() looks at blobs that may be JSON objects, and at nothing that could hurt', async () => {
  using folder = temporaryDirectory();
  writeFiles(folder.path, layoutFiles([{ content: image }]));
  const json = [image.descriptor.digest, image.config.digest].sort();
  assert.deepEqual(await documents(folder.path), json);
  const large = encode({ padding: 'x'.repeat(limit) });
  writeFileSync(blob(folder.path, sha256(large)), large);
  writeFileSync(blob(folder.path, `sha256:${'ab'.repeat(32)}`), '{"another":"digest"}');
  writeFileSync(join(folder.path, 'blobs', 'sha256', 'not-a-digest'), '{}');
  execFileSync('mkfifo', [blob(folder.path, `sha256:${'cd'.repeat(32)}`)]);
  assert.deepEqual(await documents(folder.path), json);
  rmSync(join(folder.path, 'blobs'), { recursive: true });
  assert.deepEqual(await documents(folder.path), []);
});

test('an image that was saved with what is attached to it is opened without being named', async () => {
  using folder = temporaryDirectory();
  const files = layoutFiles([{ content: image }, { content: other }]);
  const [first, second] = [image.descriptor, other.descriptor];
  const kind = 'dev.cosignproject.cosign';
  const name = `sha256-${'ab'.repeat(32)}.sbom`;
  for (const attached of [
    { annotations: { kind: `${kind}/sigs` } },
    { annotations: { kind: `${kind}/atts` } },
    { annotations: { 'org.opencontainers.image.ref.name': name } },
    { artifactType: 'application/vnd.dev.sigstore.bundle.v0.3+json' },
  ]) {
    const manifests = [
      { ...first, annotations: { kind: `${kind}/image` } },
      { ...second, ...attached },
    ];
    files.set('index.json', encode({ schemaVersion: 2, manifests }));
    writeFiles(folder.path, files);
    await using opened = await openLocalImage(folder.path, { defaultPlatform: { os: 'linux', architecture: 'amd64' } });
    assert.equal(opened.manifestDigest, first.digest);
  }
});
