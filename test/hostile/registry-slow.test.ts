import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { FileHandle } from 'node:fs/promises';
import { anonymous } from '../../src/registry/auth/identity.ts';
import { openAccess } from '../../src/registry/pipeline/open-access.ts';
import type { Outcome } from '../../src/registry/pipeline/pipeline.ts';
import { nodeFileSystem } from '../../src/store/blob/filesystem/file-system.ts';
import { openFilesystemBlobStore } from '../../src/store/blob/filesystem/open.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { digestOfText, type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { rawConnect, rawHead } from '../../testing/registry/raw-http.ts';
import { storedRows } from '../../testing/registry/stored-rows.ts';

const large = Buffer.alloc(16_000_000, 'large');

/** A registry that tells what came of its requests, and what it wrote into its log. */
async function startTold(
  options: Parameters<typeof startOwnRegistry>[0],
): Promise<{ own: OwnRegistry; logged: unknown[]; outcomeOf: (method: string) => Promise<Outcome> }> {
  const outcomes: Outcome[] = [];
  const logged: unknown[] = [];
  const log = (message: string, fields: unknown): void => void logged.push({ message, fields });
  const own = await startOwnRegistry({
    ...options,
    observe: (outcome) => void outcomes.push(outcome),
    logger: { debug: () => undefined, info: () => undefined, warn: log, error: log },
  });
  return {
    own,
    logged,
    /** What came of the next request with this method, which is taken out. */
    outcomeOf: async (method) => {
      for (;;) {
        const at = outcomes.findIndex((outcome) => outcome.method === method);
        if (at >= 0) return outcomes.splice(at, 1)[0] as Outcome;
        await delay(5);
      }
    },
  };
}

/** A registry that tells which files of its blob store are open at the moment. */
async function startCounted(): Promise<Awaited<ReturnType<typeof startTold>> & { open: ReadonlySet<FileHandle> }> {
  const opened = new Set<FileHandle>();
  const open: typeof nodeFileSystem.open = async (...call) => {
    const file = await nodeFileSystem.open(...call);
    opened.add(file);
    const close = file.close.bind(file);
    file.close = () => close().finally(() => opened.delete(file));
    return file;
  };
  const folder = temporaryDirectory();
  const blobs = await openFilesystemBlobStore({ folder: folder.path, files: { ...nodeFileSystem, open } });
  const told = await startTold({ blobs });
  const close = async (): Promise<void> => {
    await told.own[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  };
  return { ...told, own: { ...told.own, [Symbol.asyncDispose]: close }, open: opened };
}

describe('clients that are slow, or gone', () => {
  test('a head that does not come is not awaited', async () => {
    await using own = await startOwnRegistry({ timeouts: { head: 200 } });
    using connection = await rawConnect(own.host);
    await connection.send('GET /v2/ HTTP/1.1\r\nHost: a\r\nX-A: ');
    const answer = await connection.answer();
    assert.deepEqual([answer?.status, answer?.code], [408, 'UNSUPPORTED']);
    await connection.closed;
  });

  test('a head that comes byte by byte is not awaited longer', async () => {
    await using own = await startOwnRegistry({ timeouts: { head: 300 } });
    using connection = await rawConnect(own.host);
    const drip = setInterval(() => void connection.send('a'), 20);
    try {
      await connection.send('GET /v2/ HTTP/1.1\r\nHost: a\r\nX-A: ');
      assert.equal((await connection.answer())?.status, 408);
    } finally {
      clearInterval(drip);
    }
  });

  test('a body that stops ends its connection, and its upload goes on from where it was', async () => {
    const { own, outcomeOf } = await startTold({ timeouts: { idle: 1500 } });
    await using _ = own;
    const stored = await storedRows(own);
    const place = (await own.ask('POST', 'slow/blobs/uploads/')).headers.get('location') as string;
    const first = large.subarray(0, 3_000_000);
    assert.equal((await own.ask('PATCH', place.slice(4), { body: first })).status, 202);
    await outcomeOf('PATCH');
    using connection = await rawConnect(own.host);
    await connection.send(rawHead(`PATCH ${place}`, 'Content-Length: 13000000'), large.subarray(3_000_000, 5_000_000));
    await connection.closed;
    assert.equal(connection.rest().length, 0, 'nobody is told that it was taken');
    assert.equal((await outcomeOf('PATCH')).status, 499);
    const status = await own.ask('GET', place.slice(4));
    assert.deepEqual([status.status, status.headers.get('range')], [204, '0-2999999']);
    const digest = digestOfText(large);
    const rest = large.subarray(3_000_000);
    assert.equal((await own.ask('PUT', `${place.slice(4)}?digest=${digest}`, { body: rest })).status, 201);
    assert.equal(digestOfText((await own.ask('GET', `slow/blobs/${digest}`)).body), digest);
    assert.deepEqual({ ...stored, blobs: 1, repository_blobs: 1 }, await storedRows(own));
  });

  test('a manifest that stops is not stored', async () => {
    const { own, outcomeOf } = await startTold({ timeouts: { idle: 1500 } });
    await using _ = own;
    const stored = await storedRows(own);
    using connection = await rawConnect(own.host);
    await connection.send(rawHead('PUT /v2/slow/manifests/a', 'Content-Length: 1000'), '{"schemaVersion":2');
    await connection.closed;
    assert.equal((await outcomeOf('PUT')).status, 499);
    assert.deepEqual(await storedRows(own), stored);
  });

  test('who does not read an answer loses the connection', async () => {
    const { own, outcomeOf } = await startTold({ timeouts: { idle: 1500 } });
    await using _ = own;
    const { digest } = await own.pushBlob('slow', large);
    using connection = await rawConnect(own.host);
    connection.socket.pause();
    await connection.send(rawHead(`GET /v2/slow/blobs/${digest}`));
    assert.notEqual((await outcomeOf('GET')).error, undefined);
  });

  const slowAccess = { ...openAccess, identify: () => delay(400, anonymous) };

  test('a registry that is itself at work does not end the connection that waits for it', async () => {
    await using own = await startOwnRegistry({ timeouts: { idle: 100 }, access: slowAccess });
    using connection = await rawConnect(own.host);
    await connection.send(rawHead('GET /v2/'));
    assert.equal((await connection.answer())?.status, 200);
  });

  for (const [title, end] of [
    ['resets', 'resetAndDestroy'],
    ['ends', 'end'],
  ] as const) {
    test(`a client that ${title} in the middle of a chunk can go on`, async () => {
      const { own, logged, outcomeOf, open } = await startCounted();
      await using _ = own;
      const digest = digestOfText(large);
      const place = (await own.ask('POST', 'gone/blobs/uploads/')).headers.get('location') as string;
      for (const [size, kind] of [
        [5_000_000, 'Content-Length: 16000000'],
        [5_000_000, 'Transfer-Encoding: chunked'],
        [10, 'Content-Length: 1000'],
      ] as const) {
        using connection = await rawConnect(own.host);
        const chunk = kind.startsWith('Transfer') ? 'F42400\r\n' : '';
        await connection.send(rawHead(`PATCH ${place}`, kind), chunk, large.subarray(0, size));
        await delay(50);
        connection.socket[end]();
        assert.equal((await outcomeOf('PATCH')).status, 499);
        const status = await own.ask('GET', place.slice(4));
        assert.deepEqual([status.status, status.headers.get('range')], [204, '0-0'], kind);
        assert.equal(open.size, 0, kind);
      }
      // Nothing of the three is in what comes now.
      assert.equal((await own.ask('PATCH', place.slice(4), { body: large.subarray(0, 70_000) })).status, 202);
      const rest = { body: large.subarray(70_000), headers: { 'content-range': '70000-15999999' } };
      assert.equal((await own.ask('PUT', `${place.slice(4)}?digest=${digest}`, rest)).status, 201);
      assert.equal(digestOfText((await own.ask('GET', `gone/blobs/${digest}`)).body), digest);
      assert.deepEqual(logged, [], 'who goes is no error of the registry');
    });
  }

  test('a client that goes in the middle of an answer frees what it held', async () => {
    const { own, logged, outcomeOf, open } = await startCounted();
    await using _ = own;
    const { digest } = await own.pushBlob('gone', large);
    for (let times = 0; times < 20; times += 1) {
      using connection = await rawConnect(own.host);
      await connection.send(rawHead(`GET /v2/gone/blobs/${digest}`));
      while (connection.rest().length < 1000) await delay(1);
      connection.socket.resetAndDestroy();
      assert.notEqual((await outcomeOf('GET')).error, undefined);
    }
    assert.equal(open.size, 0);
    assert.deepEqual(logged, []);
    assert.equal(digestOfText((await own.ask('GET', `gone/blobs/${digest}`)).body), digest);
  });

  test('requests in one piece open one blob at a time, and none is left open when their client goes', async () => {
    const { own, logged, outcomeOf, open } = await startCounted();
    await using _ = own;
    const { digest } = await own.pushBlob('gone', large);
    using connection = await rawConnect(own.host);
    connection.socket.pause();
    await connection.send(rawHead(`GET /v2/gone/blobs/${digest}`).repeat(20));
    while (open.size === 0) await delay(5);
    await delay(100);
    assert.equal(open.size, 1);
    connection.socket.resetAndDestroy();
    assert.notEqual((await outcomeOf('GET')).error, undefined);
    assert.equal(open.size, 0);
    assert.deepEqual(logged, []);
  });

  for (const [title, path, lines, status] of [
    ['a manifest that is too large', '/v2/big/manifests/a', ['Transfer-Encoding: chunked'], 413],
    ['a manifest that says so', '/v2/big/manifests/a', ['Content-Length: 16000000'], 413],
    ['a blob larger than is taken', `/v2/big/blobs/uploads/UPLOAD`, ['Transfer-Encoding: chunked'], 413],
    ['a blob for no upload', `/v2/big/blobs/uploads/${crypto.randomUUID()}`, ['Content-Length: 16000000'], 404],
    ['a body where none belongs', '/v2/_catalog', ['Content-Length: 16000000'], 405],
  ] as const) {
    test(`${title} is refused in words, while it is still being sent`, async () => {
      await using own = await startOwnRegistry({ blobBytes: 5_000_000 });
      const place = (await own.ask('POST', 'big/blobs/uploads/')).headers.get('location') as string;
      const stored = await storedRows(own);
      using connection = await rawConnect(own.host);
      const chunk = lines[0].startsWith('Transfer') ? 'F42400\r\n' : '';
      const target = path.replace('/v2/big/blobs/uploads/UPLOAD', place);
      const method = target.includes('/uploads/') ? 'PATCH' : 'PUT';
      // Not awaited: it is not all taken.
      void connection.send(rawHead(`${method} ${target}`, ...lines), chunk, large);
      const answer = await connection.answer();
      assert.equal(answer?.status, status);
      assert.notEqual(answer.code, undefined);
      assert.equal(answer.headers.get('connection'), 'close');
      connection.socket.destroy();
      assert.deepEqual(await storedRows(own), stored);
      assert.equal((await own.ask('GET', place.slice(4))).headers.get('range'), '0-0');
    });
  }

  test('a connection on which a body was refused is ended, and not reset over what is still coming', async () => {
    await using own = await startOwnRegistry();
    for (const kind of ['Content-Length: 16000000', 'Transfer-Encoding: chunked']) {
      using connection = await rawConnect(own.host);
      const chunk = kind.startsWith('Transfer') ? 'F42400\r\n' : '';
      await connection.send(rawHead('PUT /v2/big/manifests/a', kind), chunk, large);
      if (chunk !== '') await connection.send('\r\n0\r\n\r\n');
      assert.equal((await connection.answer())?.status, 413);
      await connection.closed;
      // A reset may take away an answer that its client has not read yet.
      assert.equal(connection.socket.errored, null, kind);
    }
  });
});
