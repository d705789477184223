import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  digestOfText,
  type OwnAnswer,
  type OwnRegistry,
  startOwnRegistry,
} from '../../testing/registry/own-registry.ts';
import { type RawConnection, rawConnect, rawHead } from '../../testing/registry/raw-http.ts';
import { storedRows } from '../../testing/registry/stored-rows.ts';
import { basicHeader, tableAccess } from '../../testing/registry/table-access.ts';

const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => (at * 13) & 255));
const digest = digestOfText(bytes);
const half = 500_000;
const alice = { authorization: basicHeader('alice', 'a') };
const bob = { authorization: basicHeader('bob', 'b') };

function codeOf(answer: OwnAnswer): string | undefined {
  return (answer.json() as { errors?: { code: string }[] }).errors?.[0]?.code;
}

describe('uploads that several go on with', () => {
  let own: OwnRegistry;
  before(async () => {
    const access = tableAccess({ alice: 'a', bob: 'b' }, [
      { repositories: ['up/*'], actions: ['*'], to: ['user:alice', 'user:bob'] },
      { repositories: ['bob/*'], actions: ['*'], to: ['user:bob'] },
    ]);
    own = await startOwnRegistry({ access });
  });
  after(() => own[Symbol.asyncDispose]());

  /** Begins an upload as alice, and gives its path behind `/v2/`. */
  async function begin(repository: string): Promise<string> {
    const begun = await own.ask('POST', `${repository}/blobs/uploads/`, { headers: alice });
    assert.equal(begun.status, 202);
    return (begun.headers.get('location') as string).slice(4);
  }

  /** A PATCH that has sent a half of the bytes, and is heard, but not at its end. */
  async function halfway(place: string): Promise<RawConnection> {
    const connection = await rawConnect(own.host);
    const head = rawHead(`PATCH /v2/${place}`, 'Content-Length: 1000000', `Authorization: ${alice.authorization}`);
    await connection.send(head, bytes.subarray(0, half));
    const { database } = own.registry.content;
    const isHeld = 'SELECT 1 AS held FROM uploads WHERE id = ? AND locked_until > 0';
    while ((await database.get(isHeld, place.slice(-36))) === undefined) await delay(5);
    return connection;
  }

  test('two PATCHes at once: the second is told where the upload stands, and the first is whole', async () => {
    const place = await begin('up/two');
    using first = await halfway(place);
    for (const method of ['PATCH', 'PUT'] as const) {
      const path = method === 'PUT' ? `${place}?digest=${digest}` : place;
      const second = await own.ask(method, path, { headers: alice, body: Buffer.alloc(100_000, method) });
      assert.deepEqual([second.status, codeOf(second)], [416, 'BLOB_UPLOAD_INVALID'], method);
      assert.equal(second.headers.get('location'), `/v2/${place}`, method);
      assert.equal(second.headers.get('range'), '0-0', method);
    }
    await first.send(bytes.subarray(half));
    assert.equal((await first.answer())?.status, 202);
    assert.equal((await own.ask('PUT', `${place}?digest=${digest}`, { headers: alice })).status, 201);
    assert.equal(digestOfText((await own.ask('GET', `up/two/blobs/${digest}`, { headers: alice })).body), digest);
  });

  test('many PATCHes at once: what is kept is always one of them', async () => {
    for (let round = 0; round < 5; round += 1) {
      const place = await begin('up/many');
      const parts = Array.from({ length: 8 }, (_, at) => Buffer.alloc(200_000, `part ${at}`));
      const answers = await Promise.all(parts.map((body) => own.ask('PATCH', place, { headers: alice, body })));
      const taken = answers.filter(({ status }) => status === 202).length;
      assert.ok(taken >= 1);
      assert.deepEqual(
        answers.filter(({ status }) => status !== 202 && status !== 416),
        [],
      );
      const { range } = Object.fromEntries((await own.ask('GET', place, { headers: alice })).headers);
      assert.equal(range, `0-${taken * 200_000 - 1}`);
      if (taken > 1) continue;
      const won = parts[answers.findIndex(({ status }) => status === 202)] as Buffer;
      const put = await own.ask('PUT', `${place}?digest=${digestOfText(won)}`, { headers: alice });
      assert.equal(put.status, 201);
    }
  });

  test('an upload that is given up while it is written leaves nothing', async () => {
    const stored = await storedRows(own);
    const place = await begin('up/gone');
    using first = await halfway(place);
    assert.equal((await own.ask('DELETE', place, { headers: alice })).status, 204);
    await first.send(bytes.subarray(half));
    const answer = await first.answer();
    assert.ok(answer?.status === 416 || answer?.status === 404, String(answer?.status));
    assert.equal((await own.ask('GET', place, { headers: alice })).status, 404);
    assert.equal((await own.ask('PUT', `${place}?digest=${digest}`, { headers: alice })).status, 404);
    assert.deepEqual(await storedRows(own), stored);
  });

  test('many PUTs at once end an upload once', async () => {
    const place = await begin('up/ends');
    assert.equal((await own.ask('PATCH', place, { headers: alice, body: bytes })).status, 202);
    const puts = Array.from({ length: 8 }, () => own.ask('PUT', `${place}?digest=${digest}`, { headers: alice }));
    const statuses = (await Promise.all(puts)).map(({ status }) => status).sort((a, b) => a - b);
    assert.equal(statuses[0], 201);
    assert.ok(
      statuses.slice(1).every((status) => status === 404 || status === 416),
      statuses.join(),
    );
    assert.equal(digestOfText((await own.ask('GET', `up/ends/blobs/${digest}`, { headers: alice })).body), digest);
  });

  test('nobody else sees, goes on with, ends or gives up an upload', async () => {
    const place = await begin('up/mine');
    assert.equal((await own.ask('PATCH', place, { headers: alice, body: bytes.subarray(0, half) })).status, 202);
    for (const [method, path] of [
      ['GET', place],
      ['HEAD', place],
      ['PATCH', place],
      ['PUT', `${place}?digest=${digest}`],
      ['DELETE', place],
      // Under the name of a repository that is the thief's own.
      ['PATCH', place.replace('up/mine', 'bob/thief')],
      ['PUT', `${place.replace('up/mine', 'bob/thief')}?digest=${digest}`],
    ] as const) {
      const body = method === 'PATCH' || method === 'PUT' ? { body: bytes.subarray(half) } : {};
      const answer = await own.ask(method, path, { headers: bob, ...body });
      assert.equal(answer.status, 404, `${method} ${path}`);
      if (method !== 'HEAD') assert.equal(codeOf(answer), 'BLOB_UPLOAD_UNKNOWN', method);
    }
    for (const headers of [{}, { authorization: basicHeader('alice', 'b') }]) {
      assert.equal((await own.ask('PATCH', place, { headers, body: 'x' })).status, 401);
    }
    const rest = { headers: alice, body: bytes.subarray(half) };
    assert.equal((await own.ask('PUT', `${place}?digest=${digest}`, rest)).status, 201);
  });

  for (const [title, range, length] of [
    ['behind the end', '10-19', 10],
    ['before the end', '0-3', 4],
    ['longer than it says', '5-9', 6],
    ['shorter than it says', '5-9', 4],
    ['that ends before it starts', '5-4', 1],
    ['with a number too long to be read', `5-${'9'.repeat(17)}`, 1],
    ['with numbers below nothing', '-5--1', 1],
    ['that is no range', 'five', 1],
  ] as const) {
    test(`a chunk ${title} is refused, and changes nothing`, async () => {
      const place = await begin('up/ranges');
      const first = { headers: { ...alice, 'content-range': '0-4' }, body: 'hello' };
      assert.equal((await own.ask('PATCH', place, first)).status, 202);
      for (const path of [place, `${place}?digest=${digest}`]) {
        const headers = { ...alice, 'content-range': range };
        const answer = await own.ask(path === place ? 'PATCH' : 'PUT', path, { headers, body: 'x'.repeat(length) });
        assert.deepEqual([answer.status, codeOf(answer)], [416, 'BLOB_UPLOAD_INVALID']);
        assert.equal(answer.headers.get('range'), '0-4');
        assert.equal(answer.headers.get('location'), `/v2/${place}`);
      }
      const put = await own.ask('PUT', `${place}?digest=${digestOfText('hello')}`, { headers: alice });
      assert.equal(put.status, 201);
    });
  }

  test('a body with more or fewer bytes than its length says', async () => {
    const stored = await storedRows(own);
    const place = await begin('up/length');
    const authorization = `Authorization: ${alice.authorization}`;
    using more = await rawConnect(own.host);
    await more.send(rawHead(`PATCH /v2/${place}`, 'Content-Length: 5', authorization), 'helloGARBAGE\r\n\r\n');
    assert.equal((await more.answer())?.status, 202, 'what it said is taken');
    await more.closed;
    assert.equal(more.rest().length, 0, 'and what is more is no request');
    using fewer = await rawConnect(own.host);
    await fewer.send(rawHead(`PATCH /v2/${place}`, 'Content-Length: 50', authorization), 'world');
    fewer.socket.end();
    assert.equal((await fewer.answer())?.status, 400);
    const status = await own.ask('GET', place, { headers: alice });
    assert.equal(status.headers.get('range'), '0-4');
    assert.deepEqual(await storedRows(own), stored);
  });
});
