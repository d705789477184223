import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import {
  digestOfText,
  type OwnAnswer,
  type OwnRegistry,
  startOwnRegistry,
} from '../../testing/registry/own-registry.ts';
import { rawAsk, rawHead } from '../../testing/registry/raw-http.ts';
import { storedRows } from '../../testing/registry/stored-rows.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 31) & 255));
const digest = digestOfText(bytes);

function codeOf(answer: OwnAnswer): string | undefined {
  return (answer.json() as { errors?: { code: string }[] }).errors?.[0]?.code;
}

describe('odd values in requests of the registry', () => {
  let own: OwnRegistry;
  let image: string;
  before(async () => {
    own = await startOwnRegistry();
    await own.pushBlob('odd', bytes);
    const config = { mediaType: 'application/vnd.oci.image.config.v1+json', ...(await own.pushBlob('odd', '{}')) };
    image = JSON.stringify({ schemaVersion: 2, mediaType: imageType, config, layers: [] });
    for (const tag of ['a', 'b', 'c']) assert.equal((await put(image, tag)).status, 201);
  });
  after(() => own[Symbol.asyncDispose]());

  function put(body: string | Uint8Array, tag = 'refused', type = imageType): Promise<OwnAnswer> {
    return own.ask('PUT', `odd/manifests/${tag}`, { body, headers: { 'content-type': type } });
  }

  for (const [title, range, status, part] of [
    ['the first byte', 'bytes=0-0', 206, [0, 1]],
    ['the last byte', 'bytes=-1', 206, [99_999, 100_000]],
    ['more than there is at the end', 'bytes=-999999', 206, [0, 100_000]],
    ['an end beyond all', `bytes=5-${'9'.repeat(16)}`, 206, [5, 100_000]],
    ['blanks around', 'bytes= 5-6 ', 206, [5, 7]],
    ['the byte after the last', 'bytes=100000-', 416],
    ['a start beyond all', `bytes=${'9'.repeat(16)}-`, 416],
    ['an end before the start', 'bytes=9-8', 416],
    ['nothing at the end', 'bytes=-0', 416],
    ['numbers that are too long to be read', `bytes=${'9'.repeat(17)}-`, 200],
    ['a number below nothing', 'bytes=--5', 200],
    ['hexadecimal', 'bytes=0x1-0x2', 200],
    ['two ranges', 'bytes=0-1,5-6', 200],
    ['a thousand ranges', `bytes=${'0-,'.repeat(2000)}0-`, 200],
    ['another unit', 'lines=0-1', 200],
    ['nothing', 'bytes=-', 200],
    ['a unit in capitals', 'BYTES=0-1', 200],
  ] as const) {
    test(`Range with ${title}`, async () => {
      // Not by fetch, which sends a range of its own making as it likes.
      const answer = await rawAsk(own.host, rawHead(`GET /v2/odd/blobs/${digest}`, `Range: ${range}`));
      assert.equal(answer?.status, status);
      if (status === 416) assert.equal(answer.headers.get('content-range'), 'bytes */100000');
      const [start, end] = part ?? [0, 100_000];
      if (status !== 416) assert.deepEqual(answer.body, bytes.subarray(start, end));
      if (status === 206) assert.equal(answer.headers.get('content-range'), `bytes ${start}-${end - 1}/100000`);
    });
  }

  test('If-Range gives a part of what is still the same, and the whole of what is not', async () => {
    for (const [etag, status] of [
      [`"${digest}"`, 206],
      ['"other"', 200],
      [`W/"${digest}"`, 200],
      ['Fri, 27 Nov 2026 00:00:00 GMT', 200],
    ] as const) {
      const headers = { range: 'bytes=0-1', 'if-range': etag };
      assert.equal((await own.ask('GET', `odd/blobs/${digest}`, { headers })).status, status, etag);
    }
  });

  test('If-None-Match is a list, in which weak tags and a star count', async () => {
    for (const path of [`blobs/${digest}`, 'manifests/a']) {
      const etag = (await own.ask('HEAD', `odd/${path}`)).headers.get('etag') as string;
      for (const [list, status] of [
        [etag, 304],
        [`"x", ${etag}`, 304],
        [`W/${etag}`, 304],
        [`"x",W/"y" , W/${etag}`, 304],
        ['*', 304],
        ['"x"', 200],
        [etag.replaceAll('"', ''), 200],
        [etag.slice(0, -1), 200],
        ['', 200],
        [','.repeat(5000), 200],
      ] as const) {
        const headers = { 'if-none-match': list };
        const answer = await own.ask('GET', `odd/${path}`, { headers });
        assert.equal(answer.status, status, `${path} ${list.slice(0, 100)}`);
        assert.equal(answer.headers.get('etag'), etag);
        if (status === 304) assert.equal(answer.body.length, 0);
      }
      const unknown = path.replace(/[0-9a-f]{64}/, '0'.repeat(64)).replace('/a', '/none');
      assert.equal((await own.ask('GET', `odd/${unknown}`, { headers: { 'if-none-match': '*' } })).status, 404);
    }
  });

  test('content is never encoded on its way out, nor decoded on its way in', async () => {
    const headers = { 'accept-encoding': 'gzip, deflate, br, zstd;q=1, identity;q=0' };
    for (const [path, expected] of [
      [`blobs/${digest}`, bytes],
      ['manifests/a', Buffer.from(image)],
      ['tags/list', Buffer.from('{"name":"odd","tags":["a","b","c"]}')],
    ] as const) {
      const answer = await own.ask('GET', `odd/${path}`, { headers });
      assert.equal(answer.headers.get('content-encoding'), null, path);
      assert.deepEqual(answer.body, expected, path);
    }
    const zipped = gzipSync(bytes);
    const encoding = { 'content-encoding': 'gzip' };
    const wrong = await own.ask('POST', `odd/blobs/uploads/?digest=${digest}`, { body: zipped, headers: encoding });
    assert.deepEqual([wrong.status, codeOf(wrong)], [400, 'DIGEST_INVALID']);
    const right = `odd/blobs/uploads/?digest=${digestOfText(zipped)}`;
    assert.equal((await own.ask('POST', right, { body: zipped, headers: encoding })).status, 201);
    assert.deepEqual((await own.ask('GET', `odd/blobs/${digestOfText(zipped)}`)).body, zipped);
    const manifest = { body: gzipSync(image), headers: { ...encoding, 'content-type': imageType } };
    assert.equal((await own.ask('PUT', 'odd/manifests/zipped', manifest)).status, 400);
  });

  for (const [query, status, tags] of [
    ['n=0', 200, []],
    ['n=1', 200, ['a']],
    ['n=0001', 200, ['a']],
    [`n=${'9'.repeat(40)}`, 200, ['a', 'b', 'c']],
    ['n=4294967297', 200, ['a', 'b', 'c']],
    ['n=-1', 400],
    ['n=1e3', 400],
    ['n=0x1', 400],
    ['n=', 400],
    ['n=%00', 400],
    ['n=1&n=x', 200, ['a']],
    ['last=a', 200, ['b', 'c']],
    ['last=%00', 200, ['a', 'b', 'c']],
    ['last=%ff%fe', 200, []],
    ['last=b%27%20OR%20%271%27=%271', 200, ['c']],
    ['last=%0d%0aSet-Cookie:%20x', 200, ['a', 'b', 'c']],
    [`last=${'z'.repeat(8000)}`, 200, []],
    [Array(2000).fill('a=b').join('&'), 200, ['a', 'b', 'c']],
    [Array(1000).fill('n=1').join('&'), 200, ['a']],
    ['__proto__=1&constructor=1', 200, ['a', 'b', 'c']],
  ] as const) {
    test(`tags/list?${query.slice(0, 60)}`, async () => {
      const answer = await rawAsk(own.host, rawHead(`GET /v2/odd/tags/list?${query}`));
      assert.equal(answer?.status, status);
      if (status === 400) assert.equal(answer.code, 'UNSUPPORTED');
      else assert.deepEqual(JSON.parse(answer.body.toString()), { name: 'odd', tags });
      assert.equal(answer.headers.get('set-cookie'), undefined);
    });
  }

  test('what a client asked by is encoded where it comes back', async () => {
    const subject = { mediaType: imageType, digest, size: bytes.length };
    const artifactType = 'text/x\r\nSet-Cookie: a=b';
    for (const at of ['1', '2']) {
      const body = JSON.stringify({ ...JSON.parse(image), subject, artifactType, annotations: { at } });
      assert.equal((await put(body, `ref${at}`)).status, 201);
    }
    const query = String(new URLSearchParams({ artifactType, n: '1' }));
    const answer = await rawAsk(own.host, rawHead(`GET /v2/odd/referrers/${digest}?${query}`));
    assert.equal(answer?.status, 200);
    assert.equal(answer.headers.get('set-cookie'), undefined);
    const link = /^<(\/v2\/odd\/[!-~]+)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1] as string;
    const next = await rawAsk(own.host, rawHead(`GET ${link}`));
    assert.equal((JSON.parse(next?.body.toString() ?? '') as { manifests: unknown[] }).manifests.length, 1);
    for (const tag of ['ref1', 'ref2']) await own.ask('DELETE', `odd/manifests/${tag}`);
  });

  test('what annotations are called is nothing to this program', async () => {
    const subject = { mediaType: imageType, digest: digestOfText('of names'), size: 1 };
    const annotations = '{"__proto__":"a","constructor":"b","toString":"c","":"d"}';
    const body = JSON.stringify({ ...JSON.parse(image), subject, annotations: 0 }).replace(
      '"annotations":0',
      `"annotations":${annotations}`,
    );
    assert.equal((await put(body, 'named')).status, 201);
    const list = await own.ask('GET', `odd/referrers/${subject.digest}`);
    assert.match(list.body.toString(), /"__proto__":"a","constructor":"b","toString":"c","":"d"/);
    await own.ask('DELETE', 'odd/manifests/named');
  });

  test('one request sets no more tags than it may, and none when one is wrong', async () => {
    const path = `odd/manifests/${digestOfText(image)}`;
    const headers = { 'content-type': imageType };
    const tags = (count: number): string => Array.from({ length: count }, (_, at) => `tag=t${at}`).join('&');
    for (const [query, status] of [
      [tags(33), 414],
      [`${tags(5)}&tag=-wrong`, 400],
      [`${tags(5)}&tag=`, 400],
      ['tag=a%0d%0ab', 400],
      ['tag=..%2f..', 400],
      [`tag=${'x'.repeat(129)}`, 400],
      [`tag=${encodeURIComponent(digest)}`, 400],
    ] as const) {
      const answer = await own.ask('PUT', `${path}?${query}`, { body: image, headers });
      assert.deepEqual([answer.status, codeOf(answer)], [status, 'MANIFEST_INVALID'], query.slice(0, 60));
    }
    assert.equal((await own.ask('GET', 'odd/tags/list')).body.toString(), '{"name":"odd","tags":["a","b","c"]}');
    // The same one many times is one.
    const same = await own.ask('PUT', `${path}?${Array(100).fill('tag=a').join('&')}`, { body: image, headers });
    assert.deepEqual([same.status, same.headers.get('oci-tag')], [201, 'a']);
  });

  const wrong: Readonly<Record<string, (good: string) => string | Uint8Array>> = {
    nothing: () => '',
    'a name twice': (good) => good.replace('{', '{"layers":[],'),
    'a name twice, once escaped': (good) => good.replace('{', '{"l\\u0061yers":[],'),
    'a name twice, deep inside': (good) => good.replace('"config":{', '"config":{"size":1,'),
    'depth of a hundred thousand': (good) => good.replace('{', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)},`),
    'depth that does not end': () => '[{"a":'.repeat(100_000),
    'an image that is an index too': (good) => good.replace('{', '{"manifests":[],'),
    'an index with layers': () => `{"schemaVersion":2,"mediaType":"${indexType}","manifests":[],"layers":[]}`,
    'an array': (good) => `[${good}]`,
    null: () => 'null',
    'a byte-order mark': (good) => `\ufeff${good}`,
    'bytes that are no UTF-8': (good) => Buffer.from(good.replace('{', '{"a":"\xff",'), 'latin1'),
    'more after the end': (good) => `${good}{}`,
    'a comment': (good) => `/* */${good}`,
    'a comma too many': (good) => good.replace('"layers":[]', '"layers":[],'),
    'another version': (good) => good.replace('"schemaVersion":2', '"schemaVersion":3'),
    'a size below nothing': (good) => good.replace('"size":2', '"size":-2'),
    'a size that is no whole number': (good) => good.replace('"size":2', '"size":2.5'),
    'a size that numbers cannot hold': (good) => good.replace('"size":2', '"size":1e400'),
    'a size in quotes': (good) => good.replace('"size":2', '"size":"2"'),
    'a digest that climbs': (good) => good.replace(/sha256:[0-9a-f]{64}/, 'sha256:../../../../etc/passwd'),
    'a digest of no known algorithm': (good) => good.replace(/sha256:([0-9a-f]{64})/, 'sha3:$1'),
    'layers that are no list': (good) => good.replace('"layers":[]', '"layers":{"length":1}'),
    'layers in another case': (good) => good.replace('{', '{"Layers":[],'),
    'a list in another case': (good) => good.replace('{', '{"MANIFESTS":[],'),
    'layers with a long s': (good) => good.replace('{', '{"layer\u017f":[],'),
    'a digest in another case': (good) => good.replace('"size":2', `"size":2,"Digest":"sha256:${'0'.repeat(64)}"`),
    'a media type that is no text': (good) => good.replace(`"mediaType":"${imageType}"`, '"mediaType":5'),
    'annotations that are no texts': (good) => good.replace('{', '{"annotations":{"a":{}},'),
  };

  for (const [title, make] of Object.entries(wrong)) {
    test(`a manifest of ${title} is refused, with and without a length`, async () => {
      const stored = await storedRows(own);
      const body = Buffer.from(make(image));
      const sent = [body, new Blob([body]).stream()];
      for (const part of sent) {
        const headers = { 'content-type': imageType };
        const answer = await own.ask('PUT', 'odd/manifests/refused', { body: part, headers });
        assert.deepEqual([answer.status, codeOf(answer)], [400, 'MANIFEST_INVALID']);
        // Messages are read by people: nothing of the body is played back at length.
        assert.ok(answer.body.length < 1000, answer.body.toString());
      }
      assert.deepEqual(await storedRows(own), stored);
    });
  }

  test('a Content-Type must be that of the document, whatever else it says', async () => {
    for (const [type, status] of [
      [imageType, 201],
      [`${imageType}; charset=utf-8`, 201],
      [imageType.toUpperCase(), 201],
      [indexType, 400],
      ['application/json', 400],
      ['text/html', 400],
      ['', 400],
      ['x', 400],
      [';;;', 400],
    ] as const) {
      assert.equal((await put(image, 'a', type)).status, status, type);
    }
    const place = (await own.ask('POST', 'odd/blobs/uploads/')).headers.get('location')?.slice(4) as string;
    for (const type of ['', 'x', ';;;', 'text/html']) {
      const chunk = { body: 'x', headers: { 'content-type': type } };
      assert.equal((await own.ask('PATCH', place, chunk)).status, 202, 'of a blob it says nothing');
    }
    const got = await own.ask('GET', 'odd/manifests/a');
    assert.equal(got.headers.get('content-type'), imageType);
  });
});
