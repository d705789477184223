import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { digestOfText } from '../../testing/registry/own-registry.ts';
import { assertOneError, type Ended, run, type Running, start } from './program.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';

/** A registry that the program serves over a folder. */
interface Served extends AsyncDisposable {
  readonly url: string;
}

async function serve(data: string, home: string): Promise<Served> {
  const running: Running = start(['registry', 'serve', '--listen', '127.0.0.1:0', '--data', data], {
    cwd: home,
    env: { HOME: home },
  });
  const url = await Promise.race([
    once(running.child.stdout, 'data').then(([line]) => String(line).trim()),
    running.ended.then(({ stderr }) => Promise.reject(new Error(`The registry ended: ${stderr}`))),
  ]);
  return {
    url,
    async [Symbol.asyncDispose]() {
      running.child.kill('SIGTERM');
      await running.ended;
    },
  };
}

async function pushImage(url: string, repository: string, tag: string): Promise<string> {
  const described = async (bytes: string | Buffer): Promise<{ digest: string; size: number }> => {
    const digest = digestOfText(bytes);
    const place = `${url}/v2/${repository}/blobs/uploads/?digest=${digest}`;
    assert.equal((await fetch(place, { method: 'POST', body: bytes })).status, 201);
    return { digest, size: Buffer.byteLength(bytes) };
  };
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...(await described('{}')) },
    layers: [
      { mediaType: 'application/vnd.oci.image.layer.v1.tar', ...(await described(Buffer.alloc(80_000, `of ${tag}`))) },
    ],
  });
  const headers = { 'content-type': imageType };
  const { status } = await fetch(`${url}/v2/${repository}/manifests/${tag}`, { method: 'PUT', body, headers });
  assert.equal(status, 201);
  return digestOfText(body);
}

test('a registry is backed up while images are pushed to it, and what was pushed before is all there again', async () => {
  using folder = temporaryDirectory();
  const inFolder = (...args: readonly string[]): Promise<Ended> =>
    run(['registry', ...args], { cwd: folder.path, env: { HOME: folder.path } });
  const before = new Map<string, string>();
  {
    await using registry = await serve(join(folder.path, 'data'), folder.path);
    for (let at = 0; at < 10; at += 1)
      before.set(`before-${at}`, await pushImage(registry.url, 'team/app', `before-${at}`));
    let over = false;
    const load = (async () => {
      for (let at = 0; !over; at += 1) await pushImage(registry.url, 'team/app', `during-${at}`);
    })();
    for (let at = 0; at < 2; at += 1) {
      const ended = await inFolder('backup', 'backup', '--data', 'data', ...(at === 0 ? ['--copy'] : []));
      assert.equal(ended.status, 0, ended.stderr);
      assert.match(ended.stderr, /^The backup of \S+ holds \d+ blobs with /);
    }
    over = true;
    await load;
    const whole = await inFolder('scrub', '--data', 'data');
    assert.deepEqual([whole.status, whole.stdout], [0, ''], whole.stderr);
  }
  assert.equal((await inFolder('verify-backup', 'backup')).status, 0);
  assert.equal((await inFolder('restore', 'backup', '--data', 'restored')).status, 0);
  assertOneError(
    await inFolder('restore', 'backup', '--data', 'restored'),
    'RESTORE_REFUSED',
    /restored\/registry\.db/,
  );
  const scrubbed = await inFolder('scrub', '--data', 'restored', '--format', 'json');
  assert.equal(scrubbed.status, 0, scrubbed.stderr);
  assert.deepEqual((JSON.parse(scrubbed.stdout) as { findings: unknown }).findings, []);
  assert.equal((await inFolder('audit', 'verify', '--data', 'restored')).status, 0);
  await using restored = await serve(join(folder.path, 'restored'), folder.path);
  for (const [tag, digest] of before) {
    const answer = await fetch(`${restored.url}/v2/team/app/manifests/${tag}`, { headers: { accept: imageType } });
    assert.deepEqual([answer.status, answer.headers.get('docker-content-digest')], [200, digest], tag);
    const { layers } = (await answer.json()) as { readonly layers: readonly { readonly digest: string }[] };
    const layer = await fetch(`${restored.url}/v2/team/app/blobs/${layers[0]?.digest}`);
    assert.equal(digestOfText(Buffer.from(await layer.arrayBuffer())), layers[0]?.digest);
  }
});

test('damage ends a scrub with 20, and a backup of it too', async () => {
  using folder = temporaryDirectory();
  const inFolder = (...args: readonly string[]): Promise<Ended> =>
    run(['registry', ...args], { cwd: folder.path, env: { HOME: folder.path } });
  await using registry = await serve(join(folder.path, 'data'), folder.path);
  await pushImage(registry.url, 'team/app', 'v1');
  const hex = digestOfText(Buffer.alloc(80_000, 'of v1')).slice('sha256:'.length);
  rmSync(join(folder.path, 'data/blobs/blobs/sha256', hex.slice(0, 2), hex));
  for (const flags of [[], ['--fast'], ['--repair'], ['--repair', '--rate', '1GiB']]) {
    const ended = await inFolder('scrub', '--data', 'data', ...flags);
    assert.equal(ended.status, 20, ended.stderr);
    assert.ok(ended.stdout.includes(hex) && ended.stdout.includes('team/app'), ended.stdout);
  }
  const backup = await inFolder('backup', 'backup', '--data', 'data');
  assert.deepEqual([backup.status, /1 blob of the registry itself is damaged/.test(backup.stderr)], [20, true]);
  await pushImage(registry.url, 'team/app', 'v1');
  assert.equal((await inFolder('scrub', '--data', 'data')).status, 0);
});

test('what is no database, an empty one and one without its blobs are no registry', async () => {
  using folder = temporaryDirectory();
  const data = join(folder.path, 'data');
  const scrub = (): Promise<Ended> =>
    run(['registry', 'scrub', '--data', 'data'], { cwd: folder.path, env: { HOME: folder.path } });
  {
    await using registry = await serve(data, folder.path);
    await pushImage(registry.url, 'team/app', 'v1');
  }
  rmSync(join(data, 'blobs'), { recursive: true });
  assertOneError(await scrub(), 'STORE_ABSENT', /disk is mounted/);
  mkdirSync(join(data, 'blobs'));
  assertOneError(await scrub(), 'STORE_ABSENT', /disk is mounted/);
  assert.ok(!existsSync(join(data, 'blobs', 'blobs')));
  writeFileSync(join(data, 'blobs', 'blob-store.json'), '{"format":"seaworthy-blobs","version":1}\n');
  writeFileSync(join(data, 'registry.db'), '');
  assertOneError(await scrub(), 'STORE_ABSENT', /empty/);
  rmSync(join(data, 'registry.db'));
  writeFileSync(join(data, 'registry.db'), 'no database '.repeat(100));
  assertOneError(await scrub(), 'STORE_DAMAGED', /restore a backup/);
});
