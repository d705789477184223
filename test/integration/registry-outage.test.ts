import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { verifyChains } from '../../src/registry/audit/verify.ts';
import { wholeTrail } from '../../src/registry/audit/read-trail.ts';
import { scrubRegistry } from '../../src/registry/scrub/scrub.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import type { OwnAnswer } from '../../testing/registry/own-registry.ts';
import { manifestOf } from '../../testing/registry/push-content.ts';
import { startTestService, type TestService } from '../../testing/registry/test-service.ts';
import { digestOf, someBytes } from '../../testing/store/blob-data.ts';
import { postgresMissing, startPostgres, type PostgresServer } from '../../testing/store/postgres-server.ts';

const skip = postgresMissing();

/** Seconds without the database (SEAWORTHY_OUTAGE_SECONDS). */
const seconds = Number(process.env['SEAWORTHY_OUTAGE_SECONDS'] ?? 5);

const large = someBytes(200_000, 'large');
const small = someBytes(500, 'small');
const image = manifestOf({ blobs: [digestOf(small), digestOf(large)] });

let server: PostgresServer;

before(async () => {
  if (skip === false) server = await startPostgres();
});

after(async () => {
  if (skip === false) await server[Symbol.asyncDispose]();
});

async function push(registry: TestService, tag: string): Promise<void> {
  for (const bytes of [small, large]) {
    const path = `/v2/app/blobs/uploads/?digest=${digestOf(bytes)}`;
    assert.equal((await registry.ask('POST', path, { body: bytes })).status, 201);
  }
  const headers = { 'content-type': image.mediaType };
  const answer = await registry.ask('PUT', `/v2/app/manifests/${tag}`, { headers, body: image.bytes });
  assert.equal(answer.status, 201, answer.body.toString());
}

function assertAway(answer: OwnAnswer, what: string): void {
  assert.equal(answer.status, 503, `${what}: ${answer.body.toString()}`);
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/, what);
  if (what.startsWith('HEAD')) return;
  const { errors } = answer.json() as { errors: readonly { code: string; message: string }[] };
  assert.equal(errors[0]?.code, 'UNAVAILABLE', what);
  assert.doesNotMatch(answer.body.toString(), /postgres|127\.0\.0\.1|ECONN/i, 'nobody is told where the database is');
}

test('a registry without its database says so, and goes on by itself when it is back', { skip }, async () => {
  using folder = temporaryDirectory();
  const settings = ['database: { postgres: { url: "env:DATABASE", tls: "off" } }', 'accept: [empty-repositories]'];
  const env = { DATABASE: await server.createDatabase() };
  const unhandled: unknown[] = [];
  const note = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    await using registry = await startTestService({ folder: folder.path, settings, env });
    await push(registry, 'before');
    const begun = await registry.ask('POST', '/v2/app/blobs/uploads/');
    const place = begun.headers.get('location') as string;
    const chunk = someBytes(100_000, 'chunk');
    assert.equal((await registry.ask('PATCH', place, { body: chunk })).status, 202);
    assert.equal((await registry.ask('GET', '/readyz')).status, 200);

    // Where an upload stands is on the server's disk some tenths of a second after it was answered.
    await sleep(1000);
    await server.stop();
    const until = Date.now() + seconds * 1000;
    const headers = { 'content-type': image.mediaType };
    const other = manifestOf({ blobs: [digestOf(small)], note: 'other' }).bytes;
    const requests: readonly (readonly [method: string, path: string, request?: Parameters<TestService['ask']>[2]])[] =
      [
        ['GET', '/v2/_catalog'],
        ['GET', '/v2/app/tags/list'],
        ['GET', '/v2/app/manifests/before'],
        ['HEAD', '/v2/app/manifests/before'],
        ['GET', `/v2/app/blobs/${digestOf(large)}`],
        ['HEAD', `/v2/app/blobs/${digestOf(small)}`],
        ['GET', `/v2/app/referrers/${digestOf(image.bytes)}`],
        ['PUT', '/v2/app/manifests/during', { headers, body: other }],
        ['POST', '/v2/app/blobs/uploads/'],
        ['POST', `/v2/app/blobs/uploads/?digest=${digestOf(other)}`, { body: other }],
        ['POST', `/v2/other/blobs/uploads/?mount=${digestOf(large)}&from=app`],
        ['GET', place],
        ['PATCH', place, { body: small }],
        ['PUT', `${place}?digest=${digestOf(chunk)}`],
        ['DELETE', place],
        ['DELETE', '/v2/app/manifests/before'],
        ['DELETE', `/v2/app/blobs/${digestOf(small)}`],
      ];
    do {
      for (const [method, path, request] of requests) {
        assertAway(await registry.ask(method, path, request), `${method} ${path}`);
      }
      assert.equal((await registry.ask('GET', '/readyz')).status, 503);
      assert.equal((await registry.ask('GET', '/healthz')).status, 200, 'a restart of the process would help nobody');
      assert.equal((await registry.ask('GET', '/v2/')).status, 200);
    } while (Date.now() < until);

    await server.start();
    for (let attempt = 0; (await registry.ask('GET', '/readyz')).status !== 200; attempt += 1) {
      assert.ok(attempt < 100);
      await sleep(50);
    }
    const pulled = await registry.ask('GET', '/v2/app/manifests/before');
    assert.ok(pulled.body.equals(image.bytes));
    assert.deepEqual((await registry.ask('GET', '/v2/app/tags/list')).json(), { name: 'app', tags: ['before'] });
    assert.equal((await registry.ask('HEAD', `/v2/other/blobs/${digestOf(large)}`)).status, 404);
    const status = await registry.ask('GET', place);
    assert.deepEqual([status.status, status.headers.get('range')], [204, `0-${chunk.length - 1}`]);
    assert.equal((await registry.ask('PUT', `${place}?digest=${digestOf(chunk)}`)).status, 201);
    assert.ok((await registry.ask('GET', `/v2/app/blobs/${digestOf(chunk)}`)).body.equals(chunk));
    await push(registry, 'after');
    const { content } = registry.service.registry;
    const report = await scrubRegistry(content, { repair: false });
    assert.deepEqual(report.counts, {}, JSON.stringify(report.findings));
    await sleep(500);
    const verdict = await verifyChains(wholeTrail(content.database));
    assert.ok(verdict.whole && verdict.entries >= 8, JSON.stringify(verdict));
    assert.deepEqual(unhandled, []);
  } finally {
    process.off('unhandledRejection', note);
  }
});

test('a transaction that the database leaves in its middle is answered, and leaves nothing', { skip }, async () => {
  using folder = temporaryDirectory();
  const settings = ['database: { postgres: { url: "env:DATABASE", tls: "off" } }'];
  await using registry = await startTestService({
    folder: folder.path,
    settings,
    env: { DATABASE: await server.createDatabase() },
  });
  await push(registry, 'first');
  for (let round = 0; round < 3; round += 1) {
    const headers = { 'content-type': image.mediaType };
    const pushes = Array.from({ length: 40 }, async (_, at) => {
      const { bytes } = manifestOf({ blobs: [digestOf(small)], note: `${round} ${at}` });
      const tag = `r${round}-${at}`;
      const answer = await registry.ask('PUT', `/v2/app/manifests/${tag}`, { headers, body: bytes });
      return { tag, bytes, answer };
    });
    await sleep(5 + round * 20);
    await server.restart();
    const outcomes = await Promise.all(pushes);
    for (const { tag, bytes, answer } of outcomes) {
      if (answer.status !== 201) assertAway(answer, `PUT ${tag}`);
      const found = await registry.ask('GET', `/v2/app/manifests/${tag}`);
      // Without an answer nobody knows; but it is there whole or not at all.
      if (answer.status === 201 || found.status !== 404) assert.ok(found.body.equals(bytes), tag);
    }
  }
  const { content } = registry.service.registry;
  assert.deepEqual((await scrubRegistry(content, { repair: false })).counts, {});
});
