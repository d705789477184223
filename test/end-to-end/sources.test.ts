import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import test, { after, describe } from 'node:test';
import {
  attestationEntry,
  buildImage,
  buildIndex,
  encode,
  type BuiltContent,
} from '../../testing/image/image-builder.ts';
import { dockerArchive, layoutFiles, ociArchive, writeFiles } from '../../testing/image/image-files.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';
import type { RegistryStore } from '../../testing/registry/store.ts';
import { idsIn, openWorkplace, packagesIn, sampleFindings, sampleImage, baseLayer, appLayer } from './sample.ts';
import { assertOneError } from './program.ts';

const place = await openWorkplace();
after(() => place[Symbol.dispose]());

function push(store: RegistryStore, repository: string, tag: string, { blobs, descriptor }: BuiltContent): void {
  for (const bytes of blobs.values()) store.putBlob(repository, bytes);
  for (const bytes of blobs.values()) {
    const mediaType = mediaTypeOf(bytes);
    if (mediaType !== undefined) store.putManifest(repository, tag, mediaType, bytes);
  }
  store.putManifest(repository, tag, descriptor.mediaType, blobs.get(descriptor.digest) as Buffer);
}

function mediaTypeOf(bytes: Buffer): string | undefined {
  if (bytes[0] !== 0x7b) return undefined;
  const value = JSON.parse(bytes.toString()) as { schemaVersion?: number; mediaType?: string };
  return value.schemaVersion === 2 ? value.mediaType : undefined;
}

const image = sampleImage();
writeFiles(join(place.path, 'layout'), layoutFiles([{ content: image, refName: 'v1' }]));
place.write('docker.tar', dockerArchive([{ image, repoTags: ['app:v1'] }]));
place.write('docker.tar.gz', dockerArchive([{ image, repoTags: ['app:v1'] }], 'docker', 'gzip'));
place.write('kaniko.tar', dockerArchive([{ image, repoTags: ['app:v1'] }], 'kaniko'));
place.write('skopeo.tar', dockerArchive([{ image, repoTags: ['app:v1'] }], 'skopeo'));
place.write('docker-25.tar', dockerArchive([{ image, repoTags: ['app:v1'] }], 'docker-25'));
place.write('oci.tar', ociArchive([{ content: image, refName: 'v1' }]));
for (const { name, body } of [...baseLayer, ...appLayer]) {
  const path = join(place.path, 'unpacked', name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, body as string);
}

const sources: readonly (readonly string[])[] = [
  ['image', '--input', 'docker.tar'],
  ['image', '--input', 'docker.tar.gz'],
  ['image', '--input', 'oci.tar'],
  ['image', '--input', 'layout'],
  ['image', 'docker-archive:docker.tar'],
  ['image', 'docker-archive:kaniko.tar'],
  ['image', 'docker-archive:skopeo.tar'],
  ['image', 'docker-archive:docker-25.tar'],
  ['image', 'docker-archive:docker.tar:app:v1'],
  ['image', 'oci-archive:oci.tar'],
  ['image', 'oci-archive:oci.tar:v1'],
  ['image', 'oci-dir:layout'],
  ['image', 'oci-dir:layout:v1'],
  ['image', `oci-dir:layout@${image.descriptor.digest}`],
  ['image', 'dir:unpacked'],
  ['rootfs', 'unpacked'],
  ['scan', 'oci-dir:layout'],
  ['scan', 'dir:unpacked'],
];

describe('an image at any source', { concurrency: 2 }, () => {
  for (const source of sources) {
    test(`seaworthy ${source.join(' ').replace(image.descriptor.digest, 'DIGEST')} finds what the image holds`, async () => {
      const { status, stdout, stderr } = await place.run([...source, '-f', 'json', '--list-all-pkgs', '--offline']);
      assert.equal(stderr, '');
      assert.deepEqual(idsIn(stdout), sampleFindings);
      assert.deepEqual(packagesIn(stdout), ['busybox', 'lodash', 'musl', 'zlib']);
      assert.equal(status, 0);
    });
  }
});

test('seaworthy image reads every form that a registry keeps images in', async () => {
  await using registry = await startTestRegistry();
  const forms: Readonly<Record<string, BuiltContent>> = {
    oci: image,
    docker: sampleImage('gzip', { docker: true }),
    plain: sampleImage('none'),
    'gzip-multi': sampleImage('gzip-multi'),
    zstd: sampleImage('zstd'),
    'zstd-multi': sampleImage('zstd-multi'),
  };
  const other = buildImage({ layers: [{ tar: baseLayer }], platform: { os: 'linux', architecture: 's390x' } });
  const own = sampleImage('gzip', { platform: { os: 'linux', architecture: 'amd64' } });
  const index = buildIndex([{ content: other }, { content: own }, attestationEntry(own)]);
  const nested = buildIndex([{ content: other }, { content: index }]);
  const all = { ...forms, index, nested, list: buildIndex([{ content: other }, { content: own }], { docker: true }) };
  for (const [tag, content] of Object.entries(all)) push(registry.store, 'app', tag, content);
  const names = Object.keys(all).map((tag) => `${registry.host}/app:${tag}`);
  const { status, stdout, stderr } = await place.run([
    'image',
    ...names,
    `${registry.host}/app@${image.descriptor.digest}`,
    '--platform',
    'linux/amd64',
    '-f',
    'json',
  ]);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const reports = JSON.parse(stdout) as unknown[];
  assert.equal(reports.length, names.length + 1);
  for (const report of reports) assert.deepEqual(idsIn(JSON.stringify(report)), sampleFindings);
});

test('seaworthy rootfs reports the other folders when one cannot be read', async () => {
  const { status, stdout, stderr } = await place.run(['rootfs', 'unpacked', 'nowhere', '-f', 'json']);
  assert.match(stderr, /^nowhere: error DIRECTORY_UNREADABLE: [^\n]+\n$/);
  assert.deepEqual(idsIn(stdout), sampleFindings);
  assert.equal(status, 2);
});

for (const kind of ['docker', 'podman'] as const) {
  test(`seaworthy image ${kind}:NAME asks the daemon at its socket, also when offline`, async () => {
    const socket = join(place.path, `${kind}.sock`);
    const facts = {
      Id: image.config.digest,
      RepoTags: ['app:v1'],
      Os: 'linux',
      Architecture: 'amd64',
      RootFS: { Type: 'layers', Layers: image.diffIds },
    };
    const answers: Readonly<Record<string, Buffer>> = {
      '/images/app:v1/json': encode(facts),
      [`/images/${image.config.digest}/history`]: encode([]),
      [`/images/${image.config.digest}/get`]: dockerArchive([{ image, repoTags: ['app:v1'] }]),
    };
    const server = createServer((request, response) => {
      const path = decodeURIComponent(new URL(request.url ?? '/', 'http://daemon').pathname);
      const answer = answers[path.replace(/^\/v[\d.]+(?:\/libpod)?/, '')];
      response.writeHead(answer === undefined ? 404 : 200, { 'api-version': '1.51' }).end(answer);
    });
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    try {
      const args = ['image', `${kind}:app:v1`, `--${kind}-host`, `unix://${socket}`, '-f', 'json', '--no-cache'];
      const { status, stdout, stderr } = await place.run([...args, '--offline']);
      assert.equal(stderr, '');
      assert.deepEqual(idsIn(stdout), sampleFindings);
      assert.equal(status, 0);
      assertOneError(
        await place.run(['image', `${kind}:other`, `--${kind}-host`, `unix://${socket}`]),
        'IMAGE_NOT_FOUND',
      );
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    assert.deepEqual(readdirSync(join(place.cache, 'spool')), []);
  });
}

test('seaworthy image --platform takes that image of an index, and says which there are', async () => {
  const arm = buildImage({
    layers: [{ tar: baseLayer }],
    platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
  });
  const index = buildIndex([{ content: sampleImage() }, { content: arm }, attestationEntry(arm)]);
  writeFiles(join(place.path, 'index'), layoutFiles([{ content: index }]));
  const found = await place.run(['image', 'oci-dir:index', '--platform', 'linux/arm64', '-f', 'json']);
  assert.deepEqual(idsIn(found.stdout), ['CVE-2024-0001', 'CVE-2024-0002']);
  const missing = await place.run(['image', 'oci-dir:index', '--platform', 'linux/s390x']);
  assertOneError(missing, 'PLATFORM_UNAVAILABLE', /linux\/amd64, linux\/arm64/);
  assert.doesNotMatch(missing.stderr, /unknown/);
});

for (const has of [true, false]) {
  test(`seaworthy image ${has ? 'reads a foreign layer that its registry has' : 'reports a foreign layer that is elsewhere, and lists the rest'}`, async () => {
    await using elsewhere = await startTestRegistry();
    const foreign = buildImage({
      layers: [
        { tar: baseLayer },
        {
          tar: appLayer,
          mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
          urls: [`${elsewhere.url}/layer`],
        },
      ],
      docker: true,
    });
    await using registry = await startTestRegistry();
    const lacking = new Set(has ? [] : [foreign.layers[1]?.digest]);
    const blobs = new Map([...foreign.blobs].filter(([digest]) => !lacking.has(digest)));
    push(registry.store, 'app', 'foreign', { ...foreign, blobs });
    const name = `${registry.host}/app:foreign`;
    const { status, stdout } = await place.run(['image', name, '-o', 'json', '-o', 'table', '--no-cache']);
    assert.match(stdout, /CVE-2024-0002/);
    assert.equal(/CVE-2024-0003/.test(stdout), has);
    assert.equal(/LAYER_FOREIGN/.test(stdout), !has);
    assert.deepEqual(elsewhere.requests, []);
    assert.equal(status, has ? 0 : 2);
  });
}

test('seaworthy sbom gives the same bytes each time, and scan finds in them what the image holds', async () => {
  for (const format of ['cyclonedx-json', 'spdx-json']) {
    const texts: string[] = [];
    for (const source of ['oci-dir:layout', 'oci-dir:layout', 'oci-archive:oci.tar']) {
      const { status, stdout, stderr } = await place.run(['sbom', source, '-o', format, '--no-cache']);
      assert.equal(stderr, '');
      assert.equal(status, 0);
      texts.push(stdout);
    }
    const [first, second, archived] = texts as [string, string, string];
    assert.equal(first, second);
    // The documents are called after what the user named; what they list is the same.
    assert.deepEqual(listed(archived), listed(first));
    place.write(`${format}.json`, first);
    const scanned = await place.run(['scan', `sbom:${format}.json`, '-f', 'json']);
    assert.equal(scanned.stderr, '');
    assert.deepEqual(idsIn(scanned.stdout), sampleFindings);
    assert.equal(scanned.status, 0);
  }
});

function listed(text: string): unknown[] {
  const { components, packages } = JSON.parse(text) as { components?: unknown[]; packages?: { SPDXID: string }[] };
  return components ?? (packages ?? []).filter(({ SPDXID }) => SPDXID.includes('Package'));
}
