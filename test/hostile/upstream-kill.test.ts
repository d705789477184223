import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import type { Digest } from '../../src/oci/digest.ts';
import { scrubRegistry } from '../../src/registry/scrub/scrub.ts';
import { openFilesystemBlobStore } from '../../src/store/blob/filesystem/open.ts';
import { openSqliteDatabase } from '../../src/store/sql/sqlite/open.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { putImage } from '../../testing/registry/own-cache.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';

const child = join(import.meta.dirname, '..', '..', 'testing', 'registry', 'cache-child.ts');
const repository = 'hub.test/team/app';
const size = 2_000_000;

interface CacheProcess extends AsyncDisposable {
  readonly url: string;
  kill(): Promise<void>;
}

async function start(upstream: string, folder: string, ahead: number): Promise<CacheProcess> {
  const started: ChildProcess = spawn(process.execPath, [child, upstream, folder, String(ahead)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(started, 'exit');
  const [url] = (await once(createInterface(started.stdout as NodeJS.ReadableStream), 'line')) as [string];
  const kill = async (): Promise<void> => {
    started.kill('SIGKILL');
    await ended;
  };
  return { url, kill, [Symbol.asyncDispose]: kill };
}

/** Bytes that came before the connection ended. */
async function read(url: string, digest: string, most = Infinity): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    const { body } = await fetch(`${url}/v2/${repository}/blobs/${digest}`);
    for await (const chunk of body as ReadableStream<Uint8Array>) {
      chunks.push(Buffer.from(chunk));
      length += chunk.length;
      if (length >= most) break;
    }
  } catch {
    // It was killed.
  }
  return Buffer.concat(chunks);
}

/** What lies in the stores of a process that is gone is whole, and recorded. */
async function checkStores(folder: string): Promise<void> {
  await using database = await openSqliteDatabase({ path: join(folder, 'registry.db') });
  await using blobs = await openFilesystemBlobStore({ folder: join(folder, 'content') });
  const content = {
    database,
    blobs,
    sparse: 'indexes' as const,
    now: () => Date.now() + 86_400_000,
    wait: () => Promise.resolve(),
  };
  const { findings } = await scrubRegistry(content, { isSparse: () => true });
  // What was claimed before a kill has a row and no bytes, or bytes and no link, until it is collected.
  assert.deepEqual(
    findings.filter(({ kind }) => kind !== 'bytes-orphaned' && kind !== 'bytes-missing'),
    [],
  );
}

test('a cache that is killed at any moment shows nothing by halves, and goes on afterwards', async () => {
  using folder = temporaryDirectory();
  await using upstream = await startTestRegistry();
  for (let round = 0; round < 4; round += 1) {
    const image = putImage(upstream.store, 'team/app', `v${round}`, [size]);
    const { digest, bytes } = image.layers[0] as (typeof image.layers)[number];
    upstream.faults.clear();
    const { promise: never } = Promise.withResolvers<void>();
    // In the last rounds all of it comes, and the process dies while it is kept.
    const after = [500_000, 1_900_000][round];
    if (after !== undefined) upstream.faults.add({ kind: 'until', path: digest, after, event: never, times: 1 });
    {
      await using cache = await start(upstream.url, folder.path, round * 120_000);
      assert.equal((await fetch(`${cache.url}/v2/${repository}/manifests/v${round}`)).status, 200);
      const reading = read(cache.url, digest, after === undefined ? Infinity : 400_000);
      if (after === undefined) await reading;
      else await new Promise((resolve) => setTimeout(resolve, 150));
      await cache.kill();
      const got = await reading;
      assert.ok(got.equals(bytes.subarray(0, got.length)));
    }
    await checkStores(folder.path);
    await using again = await start(upstream.url, folder.path, round * 120_000 + 60_000);
    const got = await read(again.url, digest);
    assert.ok(got.equals(bytes), `${got.length} bytes`);
    for (let looks = 0; looks < 100; looks += 1) {
      if (readdirSync(join(folder.path, 'data', 'spool')).length === 0) break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.deepEqual(readdirSync(join(folder.path, 'data', 'spool')), []);
    await again.kill();
    await using blobs = await openFilesystemBlobStore({ folder: join(folder.path, 'content') });
    assert.equal(await blobs.stat(digest as Digest), size);
  }
});
