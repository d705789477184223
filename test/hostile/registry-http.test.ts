import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { digestOfText, type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { rawAsk, type RawConnection, rawConnect, rawHead } from '../../testing/registry/raw-http.ts';
import { storedRows } from '../../testing/registry/stored-rows.ts';

const hello = digestOfText('hello');
const post = `POST /v2/a/blobs/uploads/?digest=${hello}`;
const blob = `/v2/kept/blobs/${hello}`;
const chunked = 'Transfer-Encoding: chunked';
const body = '5\r\nhello\r\n0\r\n\r\n';
const tls = Buffer.from('16030100050100000000', 'hex');
const noise = Buffer.from(Array.from({ length: 300 }, (_, at) => (at * 7) & 255));

/** What is sent, and the status and code that answer it. Without a code, the parser of HTTP itself answers. */
type Case = readonly [title: string, bytes: string | Uint8Array, status: number, code?: string];

/** Two readers of one connection could understand each of these differently (request smuggling, CWE-444). */
const framing: readonly Case[] = [
  ['a length and chunks', `${rawHead(post, 'Content-Length: 5', chunked)}${body}`, 400, 'UNSUPPORTED'],
  ['chunks and a length', `${rawHead(post, chunked, 'Content-Length: 5')}${body}`, 400, 'UNSUPPORTED'],
  ['two lengths', `${rawHead(post, 'Content-Length: 0', 'Content-Length: 5')}hello`, 400, 'UNSUPPORTED'],
  ['the same length twice', `${rawHead(post, 'Content-Length: 5', 'Content-Length: 5')}hello`, 400, 'UNSUPPORTED'],
  ['a list of lengths', `${rawHead(post, 'Content-Length: 5, 5')}hello`, 400, 'UNSUPPORTED'],
  ['a length with a sign', `${rawHead(post, 'Content-Length: +5')}hello`, 400, 'UNSUPPORTED'],
  ['a length below nothing', rawHead(post, 'Content-Length: -5'), 400, 'UNSUPPORTED'],
  ['a length in hexadecimal', `${rawHead(post, 'Content-Length: 0x5')}hello`, 400, 'UNSUPPORTED'],
  ['a length that overflows', rawHead(post, `Content-Length: ${'9'.repeat(30)}`), 400, 'UNSUPPORTED'],
  ['an empty length', rawHead(post, 'Content-Length: '), 400, 'UNSUPPORTED'],
  ['a blank before the colon', `${rawHead(post, 'Content-Length : 5')}hello`, 400, 'UNSUPPORTED'],
  ['a vertical tab before chunked', `${rawHead(post, 'Transfer-Encoding:\x0bchunked')}${body}`, 400, 'UNSUPPORTED'],
  ['two codings', `${rawHead(post, 'Transfer-Encoding: gzip, chunked')}${body}`, 501, 'UNSUPPORTED'],
  ['a coding that ends in another', `${rawHead(post, 'Transfer-Encoding: chunked, identity')}${body}`, 400],
  ['a coding that nobody knows', `${rawHead(post, 'Transfer-Encoding: xchunked')}${body}`, 400],
  ['chunked twice', `${rawHead(post, chunked, chunked)}${body}`, 400, 'UNSUPPORTED'],
  ['a chunk whose size has a prefix', `${rawHead(post, chunked)}0x5\r\nhello\r\n0\r\n\r\n`, 400, 'UNSUPPORTED'],
  ['a chunk whose size overflows', `${rawHead(post, chunked)}10000000000000005\r\nhello`, 400, 'UNSUPPORTED'],
  ['a chunk that is longer than it says', `${rawHead(post, chunked)}4\r\nhello\r\n0\r\n\r\n`, 400, 'UNSUPPORTED'],
  ['chunks with bare line feeds', `${rawHead(post, chunked)}5\nhello\n0\n\n`, 400, 'UNSUPPORTED'],
  ['endless chunk extensions', `${rawHead(post, chunked)}5;a=${'b'.repeat(40_000)}\r\nhello`, 413, 'UNSUPPORTED'],
  ['a folded header', rawHead('GET /v2/', 'X-A: 1\r\n 2'), 400, 'UNSUPPORTED'],
  ['bare line feeds', 'GET /v2/ HTTP/1.1\nHost: a\n\n', 400, 'UNSUPPORTED'],
  ['one bare line feed', rawHead('GET /v2/', 'X-A: b\nContent-Length: 5'), 400, 'UNSUPPORTED'],
  ['a bare carriage return', rawHead('GET /v2/', 'X-A: b\rX-B: c'), 400, 'UNSUPPORTED'],
  ['NUL in a header', rawHead('GET /v2/', 'X-A: a\0b'), 400, 'UNSUPPORTED'],
  ['a blank in the name of a header', rawHead('GET /v2/', 'X A: b'), 400, 'UNSUPPORTED'],
  ['a header without a name', rawHead('GET /v2/', ': b'), 400, 'UNSUPPORTED'],
  ['no host', 'GET /v2/ HTTP/1.1\r\n\r\n', 400],
  ['two passwords', rawHead('GET /v2/', 'Authorization: Basic YTpi', 'authorization: Basic Yzpk'), 400, 'UNSUPPORTED'],
  ['two types', rawHead('PUT /v2/a/manifests/a', 'Content-Type: a', 'Content-type: b'), 400, 'UNSUPPORTED'],
  ['two ranges', rawHead(`GET ${blob}`, 'Range: bytes=0-1', 'Range: bytes=2-3'), 400, 'UNSUPPORTED'],
  ['chunks of HTTP/1.0', `POST ${post.slice(5)} HTTP/1.0\r\n${chunked}\r\n\r\n${body}`, 400, 'UNSUPPORTED'],
  ['a chunk with a sign', `${rawHead(post, chunked)}+5\r\nhello\r\n0\r\n\r\n`, 400, 'UNSUPPORTED'],
  ['a blank behind the size of a chunk', `${rawHead(post, chunked)}5 \r\nhello\r\n0\r\n\r\n`, 400, 'UNSUPPORTED'],
  ['a chunk without an end', `${rawHead(post, chunked)}5\r\nhelloXX0\r\n\r\n`, 400, 'UNSUPPORTED'],
  ['a coding that is folded', `${rawHead(post, 'Transfer-Encoding:\r\n chunked')}${body}`, 400, 'UNSUPPORTED'],
  ['a line feed as the end of a line', `POST ${post.slice(5)} HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello`, 400],
  ['two hosts', rawHead('GET /v2/', 'Host: other'), 400, 'UNSUPPORTED'],
  ['a head larger than is taken', rawHead('GET /v2/', `X-A: ${'a'.repeat(40_000)}`), 431, 'UNSUPPORTED'],
  ['more headers than are taken', rawHead('GET /v2/', ...Array(150).fill('A: b')), 431, 'UNSUPPORTED'],
  ['a line larger than is taken', rawHead(`GET /v2/${'a'.repeat(60_000)}`), 431, 'UNSUPPORTED'],
  ['a longer path than there is', rawHead(`GET /v2/${'a'.repeat(9000)}/tags/list`), 414, 'UNSUPPORTED'],
  ['a longer query than there is', rawHead(`GET /v2/a/tags/list?${'a'.repeat(9000)}`), 414, 'UNSUPPORTED'],
  ['the line of HTTP/2', 'GET /v2/ HTTP/2.0\r\nHost: a\r\n\r\n', 505, 'UNSUPPORTED'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400, 'UNSUPPORTED'],
  ['TLS where there is none', tls, 400, 'UNSUPPORTED'],
  ['noise', noise, 400, 'UNSUPPORTED'],
];

const paths: readonly Case[] = [
  ['dots', rawHead('GET /v2/../../etc/passwd'), 404, 'UNSUPPORTED'],
  ['encoded dots', rawHead('GET /v2/%2e%2e/%2e%2e/etc/passwd'), 404, 'UNSUPPORTED'],
  ['encoded dots in a name', rawHead(`GET /v2/a/%2e%2e/kept/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['dots in a name', rawHead(`GET /v2/a/../kept/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['an encoded slash', rawHead(`GET /v2/a%2fb/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['an encoding of an encoded slash', rawHead(`GET /v2/a%252fb/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['an encoded NUL', rawHead(`GET /v2/a%00/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['NUL', rawHead(`GET /v2/a\0/blobs/${hello}`), 400, 'UNSUPPORTED'],
  ['a backslash', rawHead(`GET /v2/a\\b/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['half an encoding', rawHead(`GET /v2/a%z/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['bytes that are no UTF-8', rawHead(`GET /v2/a%ff/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['overlong UTF-8 of a slash', rawHead(`GET /v2/a%c0%afb/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['letters outside of ASCII', rawHead(`GET /v2/ä/blobs/${hello}`), 400, 'UNSUPPORTED'],
  ['an empty component', rawHead(`GET /v2//kept/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['two slashes before', rawHead(`GET /${blob}`), 404, 'UNSUPPORTED'],
  ['an upload that climbs', rawHead('PATCH /v2/a/blobs/uploads/..%2f..%2fx'), 400, 'NAME_INVALID'],
  ['an upload with another name', rawHead('PATCH /v2/a/blobs/uploads/x'), 404, 'BLOB_UPLOAD_UNKNOWN'],
  ['a fragment', rawHead(`GET ${blob}#x`), 400, 'DIGEST_INVALID'],
  ['a semicolon', rawHead(`GET ${blob};x=y`), 400, 'DIGEST_INVALID'],
  ['a digest in capitals', rawHead(`GET ${blob.toUpperCase().replace('/V2', '/v2')}`), 404, 'UNSUPPORTED'],
  ['a digest of no known algorithm', rawHead(`GET /v2/kept/blobs/md5:${'0'.repeat(32)}`), 400, 'DIGEST_INVALID'],
  ['the API in capitals', rawHead('GET /V2/'), 404, 'UNSUPPORTED'],
  ['the API encoded', rawHead('GET /%76%32/'), 404, 'UNSUPPORTED'],
  ['another host in the line', rawHead('GET http://other/v2/'), 404, 'UNSUPPORTED'],
  ['another host in the line, and the path of ours', rawHead(`GET http://other${blob}`), 404, 'UNSUPPORTED'],
  ['overlong UTF-8 of a dot', rawHead(`GET /v2/%c0%ae%c0%ae/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['a UTF-16 surrogate', rawHead(`GET /v2/%ed%a0%80/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['a full-width slash', rawHead(`GET /v2/a%ef%bc%8fb/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['an encoded line break', rawHead(`GET /v2/a%0d%0ab/blobs/${hello}`), 400, 'NAME_INVALID'],
  ['an encoded question mark', rawHead(`GET /v2/kept/blobs/${hello}%3fx`), 400, 'DIGEST_INVALID'],
  ['the first version of the API', rawHead('GET /v1/_ping'), 404, 'UNSUPPORTED'],
  ['the root', rawHead('GET /'), 404, 'UNSUPPORTED'],
];

const methods: readonly Case[] = [
  ['OPTIONS', rawHead('OPTIONS /v2/'), 405, 'UNSUPPORTED'],
  ['OPTIONS *', rawHead('OPTIONS *'), 404, 'UNSUPPORTED'],
  ['TRACE', rawHead('TRACE /v2/', 'Cookie: secret'), 405, 'UNSUPPORTED'],
  ['PROPFIND', rawHead(`PROPFIND ${blob}`), 405, 'UNSUPPORTED'],
  ['POST of a blob', rawHead(`POST ${blob}`), 405, 'UNSUPPORTED'],
  ['DELETE of the catalog', rawHead('DELETE /v2/_catalog'), 405, 'UNSUPPORTED'],
  ['a method in small letters', rawHead('get /v2/'), 400, 'UNSUPPORTED'],
  ['a method that nobody knows', rawHead('STEAL /v2/'), 400, 'UNSUPPORTED'],
  ['the name of what every object has', rawHead(`SOURCE ${blob}`), 405, 'UNSUPPORTED'],
  ['an expectation', `${rawHead(post, 'Expect: a-miracle', 'Content-Length: 5')}hello`, 417, 'UNSUPPORTED'],
];

describe('bytes that are no request of the registry', () => {
  let own: OwnRegistry;
  const logged: unknown[] = [];
  before(async () => {
    const log = (message: string, fields?: unknown): void => void logged.push({ message, fields });
    own = await startOwnRegistry({ logger: { debug: () => undefined, info: () => undefined, warn: log, error: log } });
    await own.pushBlob('kept', 'hello');
  });
  after(() => own[Symbol.asyncDispose]());

  for (const [table, cases] of Object.entries({ framing, paths, methods })) {
    for (const [title, bytes, status, code] of cases) {
      test(`${table}: ${title}`, async () => {
        const stored = await storedRows(own);
        using connection = await rawConnect(own.host);
        // A second request behind the first: it must never be taken out of the middle of what was refused.
        await connection.send(bytes, rawHead('DELETE /v2/kept/manifests/smuggled'));
        const answer = await connection.answer();
        assert.equal(answer?.status, status);
        if (code !== undefined) assert.equal(answer.code, code, answer.body.toString());
        if (status === 400 && table === 'framing') {
          await connection.closed;
          assert.doesNotMatch(connection.rest().toString(), /HTTP\/1\.1/, 'nothing was answered after it');
        }
        assert.deepEqual(await storedRows(own), stored);
        assert.equal((await rawAsk(own.host, rawHead('GET /v2/')))?.status, 200, 'it goes on serving');
        assert.deepEqual(logged, [], 'what others do wrong is no error of this registry');
      });
    }
  }

  test('CONNECT opens no way to anywhere', async () => {
    using connection = await rawConnect(own.host);
    await connection.send(rawHead('CONNECT 127.0.0.1:22'));
    await connection.closed;
    assert.equal(connection.rest().length, 0);
  });

  test('HEAD is answered without a body, with the length that GET has', async () => {
    using connection = await rawConnect(own.host);
    await connection.send(rawHead(`HEAD ${blob}`), rawHead('HEAD /v2/kept/manifests/none'), rawHead(`GET ${blob}`));
    const head = await connection.answer(true);
    assert.deepEqual([head?.status, head?.headers.get('content-length')], [200, '5']);
    assert.equal((await connection.answer(true))?.status, 404);
    assert.equal((await connection.answer())?.body.toString(), 'hello');
  });

  test('an upgrade is passed over', async () => {
    const answer = await rawAsk(own.host, rawHead('GET /v2/', 'Connection: Upgrade', 'Upgrade: h2c'));
    assert.equal(answer?.status, 200);
  });

  test('100-continue is answered, and what follows is taken', async () => {
    using connection = await rawConnect(own.host);
    await connection.send(rawHead(post, 'Expect: 100-continue', 'Content-Length: 5'));
    while (!connection.rest().toString().includes('100 Continue')) await new Promise(setImmediate);
    await connection.send('hello');
    assert.equal((await connection.answer())?.status, 201);
  });

  test('what is a body is never a request, whoever answers before it was read', async () => {
    using connection = await rawConnect(own.host);
    const smuggled = rawHead('DELETE /v2/kept/manifests/smuggled');
    const requests = [
      // Answered without its body, with all of it, and by an error.
      `${rawHead('GET /v2/', `Content-Length: ${smuggled.length}`)}${smuggled}`,
      `${rawHead(`POST /v2/piped/blobs/uploads/?digest=${digestOfText(smuggled)}`, `Content-Length: ${smuggled.length}`)}${smuggled}`,
      `${rawHead('PUT /v2/UPPER/manifests/a', chunked)}${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`,
      rawHead(`HEAD ${blob}`),
      rawHead('GET /v2/', 'Connection: close'),
    ];
    await connection.send(requests.join(''));
    const statuses: unknown[] = [];
    for (let at = 0; at < requests.length; at += 1) statuses.push((await connection.answer(at === 3))?.status);
    assert.deepEqual(statuses, [200, 201, 400, 200, 200]);
    await connection.closed;
    assert.equal(connection.rest().length, 0);
  });

  for (const [title, lines, close] of [
    ['without a host', [], true],
    ['that keeps its connection', ['Connection: keep-alive'], false],
  ] as const) {
    test(`HTTP/1.0 ${title} is answered, ${close ? 'and its connection ended' : 'and its connection kept'}`, async () => {
      using connection = await rawConnect(own.host);
      await connection.send(`${[`GET ${blob} HTTP/1.0`, ...lines].join('\r\n')}\r\n\r\n`);
      const answer = await connection.answer();
      assert.deepEqual([answer?.status, answer?.body.toString()], [200, 'hello']);
      if (close) await connection.closed;
      else {
        await connection.send(rawHead(`GET ${blob}`));
        assert.equal((await connection.answer())?.status, 200);
      }
    });
  }

  test('requests in one piece are answered in their order', async () => {
    using connection = await rawConnect(own.host);
    const world = digestOfText('world');
    const requests = [
      `${rawHead(`POST /v2/piped/blobs/uploads/?digest=${world}`, 'Content-Length: 5')}world`,
      rawHead('GET /v2/piped/tags/list'),
      rawHead('GET /v2/UPPER/tags/list'),
      rawHead('GET /v2/', 'Connection: close'),
      rawHead('GET /v2/'),
    ];
    await connection.send(requests.join(''));
    const statuses: unknown[] = [];
    for (let answer = await connection.answer(); answer !== undefined; answer = await connection.answer()) {
      statuses.push(answer.status);
    }
    // Nothing is answered after the request that ends the connection.
    assert.deepEqual(statuses, [201, 200, 400, 200]);
  });

  test('what cannot be read never becomes a part of an answer that is on its way', async () => {
    const large = Buffer.alloc(8_000_000, 'large');
    const { digest } = await own.pushBlob('kept', large);
    using connection = await rawConnect(own.host);
    connection.socket.pause();
    await connection.send(rawHead(`GET /v2/kept/blobs/${digest}`));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await connection.send(noise);
    await new Promise((resolve) => setTimeout(resolve, 100));
    connection.socket.resume();
    await connection.closed;
    const received = connection.rest();
    const start = received.indexOf('\r\n\r\n') + 4;
    const sent = received.subarray(start);
    assert.equal(digestOfText(sent), digest, 'the blob, and nothing else');
  });

  test('a thousand silent connections leave room for others', async () => {
    const silent: RawConnection[] = [];
    try {
      for (let at = 0; at < 1000; at += 50) {
        silent.push(...(await Promise.all(Array.from({ length: 50 }, () => rawConnect(own.host)))));
      }
      assert.equal((await own.pushBlob('crowd', 'through')).size, 7);
      await (silent[999] as RawConnection).send(rawHead('GET /v2/'));
      assert.equal((await (silent[999] as RawConnection).answer())?.status, 200);
    } finally {
      for (const connection of silent) connection[Symbol.dispose]();
    }
  });
});
