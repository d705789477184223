import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Outcome } from '../../src/registry/pipeline/pipeline.ts';
import { buildImage, encode, sha256 } from '../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { store } from '../../testing/registry/check-layout.ts';
import { layoutClients, openClientHome } from '../../testing/registry/client-programs.ts';
import { startCuttingProxy } from '../../testing/registry/cutting-proxy.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';

/** A layout with one artifact of one large blob; its holes cost nothing on most disks. */
interface LargeLayout {
  readonly digest: string;
  readonly size: number;
}

async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) hash.update(chunk as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

async function writeLargeLayout(folder: string, size: number): Promise<LargeLayout> {
  mkdirSync(join(folder, 'blobs/sha256'), { recursive: true });
  const draft = join(folder, 'draft');
  const handle = openSync(draft, 'w');
  ftruncateSync(handle, size);
  // Not two stretches are alike, so that a chunk in the wrong place is found.
  for (let at = 0; at < size - 16; at += 4_000_037) writeSync(handle, `at ${at}`, at);
  closeSync(handle);
  const digest = await digestOfFile(draft);
  renameSync(draft, join(folder, 'blobs', digest.replace(':', '/')));
  const empty = Buffer.from('{}');
  const manifest = encode({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: 'application/x-large',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: sha256(empty), size: empty.length },
    layers: [{ mediaType: 'application/octet-stream', digest, size }],
  });
  const descriptor = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: sha256(manifest),
    size: manifest.length,
  };
  const blobs = new Map([
    [sha256(empty), empty],
    [descriptor.digest, manifest],
  ]);
  writeFiles(folder, layoutFiles([{ content: { descriptor, blobs }, refName: '1' }]));
  return { digest, size };
}

async function isWhole(folder: string, { digest, size }: LargeLayout): Promise<void> {
  const path = join(folder, 'blobs', digest.replace(':', '/'));
  assert.equal(statSync(path).size, size);
  assert.equal(await digestOfFile(path), digest);
}

async function isStored(own: OwnRegistry, repository: string, { digest, size }: LargeLayout): Promise<void> {
  const response = await fetch(`${own.url}/v2/${repository}/blobs/${digest}`);
  assert.equal(response.headers.get('content-length'), String(size));
  const hash = createHash('sha256');
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) hash.update(chunk);
  assert.equal(`sha256:${hash.digest('hex')}`, digest);
}

const large = 157_286_411;

describe('large blobs', () => {
  for (const { name, push, pull } of layoutClients) {
    test(`${name} pushes and pulls one of 150 MiB`, needsProgram(name), async () => {
      await using own = await startOwnRegistry();
      using home = openClientHome();
      const blob = await writeLargeLayout(home.path('layout'), large);
      await push(home, home.path('layout'), `${own.host}/team/large:1`);
      await isStored(own, 'team/large', blob);
      await pull(home, `${own.host}/team/large:1`, home.path('pulled'));
      await isWhole(home.path('pulled'), blob);
    });
  }

  test('regctl pushes one in chunks', needsProgram('regctl'), async () => {
    const outcomes: Outcome[] = [];
    await using own = await startOwnRegistry({ observe: (outcome) => void outcomes.push(outcome) });
    using home = openClientHome();
    const blob = await writeLargeLayout(home.path('layout'), 40_000_003);
    const chunked = ['--blob-max', '1000000', '--blob-chunk', '8388608'];
    await home.run('regctl', 'registry', 'set', '--tls', 'disabled', '--skip-check', ...chunked, own.host);
    await home.run('regctl', 'image', 'copy', `ocidir://${home.path('layout')}:1`, `${own.host}/team/large:1`);
    const chunks = outcomes.filter(({ method, status }) => method === 'PATCH' && status === 202);
    assert.equal(chunks.length, 5);
    assert.ok(chunks.some(({ request }) => request.headers['content-range'] === '8388608-16777215'));
    await isStored(own, 'team/large', blob);
  });

  test('podman pushes and pulls a layer of 110 MB', needsProgram('podman'), async () => {
    const tar = [file('opt/large', Buffer.alloc(110_000_000, 'large'))];
    const image = buildImage({ layers: [{ tar, compression: 'none' }] });
    await using own = await startOwnRegistry();
    await store(own, 'team/large', '1', image);
    using home = openClientHome();
    const loose = '--tls-verify=false';
    await home.run('podman', 'pull', '--quiet', loose, `${own.host}/team/large:1`);
    await home.run('podman', 'push', '--quiet', loose, image.config.digest, `docker://${own.host}/team/large:2`);
    using empty = openClientHome();
    await empty.run('podman', 'pull', '--quiet', loose, `${own.host}/team/large:2`);
    assert.equal((await empty.run('podman', 'images', '--quiet', '--no-trunc')).trim(), image.config.digest);
  });
});

describe('connections that break', () => {
  test('regctl goes on with a download from where it broke', needsProgram('regctl'), async () => {
    const outcomes: Outcome[] = [];
    await using own = await startOwnRegistry({ observe: (outcome) => void outcomes.push(outcome) });
    using home = openClientHome();
    const blob = await writeLargeLayout(home.path('layout'), 30_000_001);
    await layoutClients
      .find(({ name }) => name === 'regctl')
      ?.push(home, home.path('layout'), `${own.host}/team/cut:1`);
    await using proxy = await startCuttingProxy(own.host, { down: 9_000_000, times: 2 });
    await home.run('regctl', 'registry', 'set', '--tls', 'disabled', '--skip-check', proxy.host);
    await home.run('regctl', 'image', 'copy', `${proxy.host}/team/cut:1`, `ocidir://${home.path('pulled')}:1`);
    assert.equal(proxy.cuts, 2);
    await isWhole(home.path('pulled'), blob);
    const parts = outcomes.filter(({ request, status }) => request.headers.range !== undefined && status === 206);
    assert.ok(parts.length > 0, 'it asked for the rest, and not for all');
  });

  test('regctl goes on with an upload in chunks from where it broke', needsProgram('regctl'), async () => {
    const outcomes: Outcome[] = [];
    await using own = await startOwnRegistry({ observe: (outcome) => void outcomes.push(outcome) });
    using home = openClientHome();
    const blob = await writeLargeLayout(home.path('layout'), 30_000_001);
    await using proxy = await startCuttingProxy(own.host, { up: 9_000_000, times: 2 });
    const chunked = ['--blob-max', '1000000', '--blob-chunk', '4194304'];
    await home.run('regctl', 'registry', 'set', '--tls', 'disabled', '--skip-check', ...chunked, proxy.host);
    await home.run('regctl', 'image', 'copy', `ocidir://${home.path('layout')}:1`, `${proxy.host}/team/cut:1`);
    assert.equal(proxy.cuts, 2);
    await isStored(own, 'team/cut', blob);
    assert.ok(
      outcomes.some(({ status }) => status === 499),
      'a chunk was cut',
    );
  });

  for (const name of ['crane', 'skopeo', 'oras'] as const) {
    test(
      `what ${name} could not push whole is not there, and comes whole the next time`,
      needsProgram(name),
      async () => {
        await using own = await startOwnRegistry();
        using home = openClientHome();
        const client = layoutClients.find((one) => one.name === name);
        const blob = await writeLargeLayout(home.path('layout'), 30_000_001);
        await using proxy = await startCuttingProxy(own.host, { up: 9_000_000, times: 100 });
        await assert.rejects(Promise.resolve(client?.push(home, home.path('layout'), `${proxy.host}/team/cut:1`)));
        assert.ok(proxy.cuts > 0);
        assert.equal((await own.ask('HEAD', `team/cut/blobs/${blob.digest}`)).status, 404);
        assert.equal((await own.ask('HEAD', 'team/cut/manifests/1')).status, 404);
        await client?.push(home, home.path('layout'), `${own.host}/team/cut:1`);
        await isStored(own, 'team/cut', blob);
      },
    );
  }

  test('curl goes on with a download from where it stopped', needsProgram('curl'), async () => {
    await using own = await startOwnRegistry();
    using home = openClientHome();
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 2_654_435_761) >>> 11));
    const { digest } = await own.pushBlob('team/cut', bytes);
    const url = `${own.url}/v2/team/cut/blobs/${digest}`;
    await home.run('curl', '--silent', '--fail', '--range', '0-999999', '--output', 'part', url);
    assert.equal(statSync(home.path('part')).size, 1_000_000);
    await home.run('curl', '--silent', '--fail', '--continue-at', '-', '--output', 'part', url);
    assert.equal(await digestOfFile(home.path('part')), digest);
  });
});
