import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { wholeTrail } from '../../src/registry/audit/read-trail.ts';
import { verifyChains } from '../../src/registry/audit/verify.ts';
import { collectGarbage } from '../../src/registry/garbage/collect.ts';
import { scrubRegistry } from '../../src/registry/scrub/scrub.ts';
import { StoreError } from '../../src/store/error.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import type { OwnAnswer } from '../../testing/registry/own-registry.ts';
import { manifestOf } from '../../testing/registry/push-content.ts';
import { startTestService, type TestService } from '../../testing/registry/test-service.ts';
import { digestOf, someBytes } from '../../testing/store/blob-data.ts';

const MiB = 1_048_576;

/** A file system of so many bytes, or undefined where this process may not mount one. */
function mountSmall(folder: string, bytes: number): Disposable | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return { [Symbol.dispose]: () => void execFileSync('umount', ['-l', folder], { stdio: 'ignore' }) };
}

/** Takes all room that is left. */
function fill(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const size of [MiB, 4096, 1]) {
      const bytes = Buffer.alloc(size, 1);
      for (;;) if (writeSync(file, bytes) < size) break;
    }
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOSPC');
  } finally {
    closeSync(file);
  }
}

function assertFull(answer: OwnAnswer, what: string): void {
  assert.equal(answer.status, 507, `${what}: ${answer.body.toString()}`);
  const { errors } = answer.json() as { errors: readonly { code: string }[] };
  assert.equal(errors[0]?.code, 'UNAVAILABLE', what);
}

test('a registry whose disk is full serves what it has, takes nothing in part, and goes on when there is room', async (context) => {
  using folder = temporaryDirectory();
  using mounted = mountSmall(folder.path, 48 * MiB);
  if (mounted === undefined) return context.skip('this process may mount nothing');
  await using registry = await startTestService({ folder: folder.path });
  const ask: TestService['ask'] = (...request) => registry.ask(...request);
  const { content } = registry.service.registry;
  const kept = someBytes(3 * MiB, 'kept');
  const config = someBytes(200, 'config');
  for (const bytes of [kept, config]) {
    assert.equal((await ask('POST', `/v2/app/blobs/uploads/?digest=${digestOf(bytes)}`, { body: bytes })).status, 201);
  }
  const image = manifestOf({ blobs: [digestOf(config), digestOf(kept)] });
  const headers = { 'content-type': image.mediaType };
  assert.equal((await ask('PUT', '/v2/app/manifests/v1', { headers, body: image.bytes })).status, 201);

  // Blobs, until there is no room for one.
  const pushed: Buffer[] = [];
  let last: OwnAnswer | undefined;
  for (let at = 0; last === undefined; at += 1) {
    const bytes = someBytes(4 * MiB, `filler ${at}`);
    const answer = await ask('POST', `/v2/app/blobs/uploads/?digest=${digestOf(bytes)}`, { body: bytes });
    if (answer.status === 201) pushed.push(bytes);
    else last = answer;
    assert.ok(at < 20);
  }
  assertFull(last, 'a blob');
  assert.ok(pushed.length > 3);

  // And nothing at all, records included.
  const filler = join(folder.path, 'filler');
  fill(filler);
  let refused = 0;
  for (let at = 0; at < 600 && refused < 5; at += 1) {
    const { bytes } = manifestOf({ blobs: [digestOf(config)], note: `${at}`.repeat(5000) });
    const answer = await ask('PUT', `/v2/app/manifests/t${at}`, { headers, body: bytes });
    if (answer.status === 201) continue;
    refused += 1;
    assertFull(answer, 'a manifest');
    assert.equal((await ask('GET', `/v2/app/manifests/t${at}`)).status, 404);
  }
  assert.equal(refused, 5);
  assertFull(
    await ask('POST', `/v2/app/blobs/uploads/?digest=${digestOf(config)}`, { body: someBytes(60_000) }),
    'blob',
  );
  assert.ok((await ask('GET', '/v2/app/manifests/v1')).body.equals(image.bytes));
  assert.ok((await ask('GET', `/v2/app/blobs/${digestOf(kept)}`)).body.equals(kept));
  assert.equal((await ask('GET', '/healthz')).status, 200);

  rmSync(filler);
  const small = manifestOf({ blobs: [digestOf(config)], note: 'again' });
  assert.equal((await ask('PUT', '/v2/app/manifests/again', { headers, body: small.bytes })).status, 201);
  for (const bytes of pushed) {
    assert.equal((await ask('DELETE', `/v2/app/blobs/${digestOf(bytes)}`)).status, 202);
  }
  const freed = await collectGarbage(content, { grace: 0, share: 1, uploadAge: 0 });
  assert.ok(freed.freedBytes >= pushed.length * 4 * MiB);
  const large = someBytes(4 * MiB, 'after');
  assert.equal((await ask('POST', `/v2/app/blobs/uploads/?digest=${digestOf(large)}`, { body: large })).status, 201);
  assert.deepEqual((await scrubRegistry(content, { repair: false })).counts, {});
  await sleep(500);
  const verdict = await verifyChains(wholeTrail(content.database));
  assert.ok(verdict.whole, JSON.stringify(verdict));
});

test('a registry on a disk that only reads says so at its start, whether there is something on it or not', async (context) => {
  using folder = temporaryDirectory();
  using mounted = mountSmall(folder.path, 16 * MiB);
  if (mounted === undefined) return context.skip('this process may mount nothing');
  const remount = (how: string): Buffer => execFileSync('mount', ['-o', `remount,${how}`, folder.path]);
  for (const what of ['new', 'used']) {
    if (what === 'used') {
      remount('rw');
      await (await startTestService({ folder: folder.path }))[Symbol.asyncDispose]();
    }
    remount('ro');
    await assert.rejects(startTestService({ folder: folder.path }), (error: unknown) => {
      assert.ok(error instanceof StoreError, String(error));
      assert.equal(error.code, 'STORE_UNAVAILABLE', what);
      assert.match(error.message, /look at/, what);
      return true;
    });
  }
});
