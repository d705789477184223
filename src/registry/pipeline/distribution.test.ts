import assert from 'node:assert/strict';
import test, { after, before, describe } from 'node:test';
import { digestOfText, type OwnRegistry, startOwnRegistry } from '../../../testing/registry/own-registry.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
const configType = 'application/vnd.oci.image.config.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar';

interface ErrorBody {
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}

describe('the distribution API', () => {
  let own: OwnRegistry;
  before(async () => {
    own = await startOwnRegistry();
  });
  after(() => own[Symbol.asyncDispose]());

  const codeOf = (answer: { json(): unknown }): string | undefined => (answer.json() as ErrorBody).errors[0]?.code;

  async function image(repository: string, extra: object = {}): Promise<string> {
    const config = await own.pushBlob(repository, '{"os":"linux"}');
    const layer = await own.pushBlob(repository, 'a layer');
    return JSON.stringify({
      schemaVersion: 2,
      mediaType: imageType,
      config: { mediaType: configType, ...config },
      layers: [{ mediaType: layerType, ...layer }],
      ...extra,
    });
  }

  test('serveRequest() gives manifests as they came, by tag and by digest', async () => {
    // Blanks and the order of names are part of what was signed.
    const text = `${await image('exact')}\n  `;
    const put = await own.ask('PUT', 'exact/manifests/v1', { body: text, headers: { 'content-type': imageType } });
    assert.equal(put.status, 201);
    const digest = digestOfText(text);
    assert.equal(put.headers.get('docker-content-digest'), digest);
    assert.equal(put.headers.get('location'), `/v2/exact/manifests/${digest}`);
    for (const name of ['v1', digest, digest.replace(':', '%3A')]) {
      const got = await own.ask('GET', `exact/manifests/${name}`);
      assert.equal(got.status, 200);
      assert.equal(got.body.toString(), text);
      assert.equal(got.headers.get('content-type'), imageType);
      assert.equal(got.headers.get('docker-content-digest'), digest);
      assert.equal(got.headers.get('etag'), `"${digest}"`);
      const head = await own.ask('HEAD', `exact/manifests/${name}`);
      assert.equal(head.headers.get('content-length'), String(text.length));
      assert.equal(head.body.length, 0);
      const same = await own.ask('GET', `exact/manifests/${name}`, { headers: { 'if-none-match': `"${digest}"` } });
      assert.equal(same.status, 304);
    }
  });

  test('serveRequest() refuses manifests that readers may understand differently', async () => {
    const good = await image('refused');
    const both = JSON.stringify({ ...JSON.parse(good), manifests: [] });
    for (const [title, body, type, code] of [
      ['no JSON', '{', imageType, 'MANIFEST_INVALID'],
      ['a name twice', good.replace('{', '{"schemaVersion":2,'), imageType, 'MANIFEST_INVALID'],
      ['another type in the header', good, indexType, 'MANIFEST_INVALID'],
      ['a type that is no manifest', good, 'text/plain', 'MANIFEST_INVALID'],
      ['an image that is an index', both, imageType, 'MANIFEST_INVALID'],
      ['deep nesting', `{"a":${'['.repeat(100)}${']'.repeat(100)}}`, imageType, 'MANIFEST_INVALID'],
      ['a blob that is not there', good.replace(/[0-9a-f]{64}/, '0'.repeat(64)), imageType, 'MANIFEST_BLOB_UNKNOWN'],
    ] as const) {
      const { status, json } = await own.ask('PUT', 'refused/manifests/v1', {
        body,
        headers: { 'content-type': type },
      });
      assert.ok(status === 400 || status === 404, `${title}: ${status}`);
      assert.equal(codeOf({ json }), code, title);
    }
    const wrong = await own.ask('PUT', `refused/manifests/sha256:${'0'.repeat(64)}`, {
      body: good,
      headers: { 'content-type': imageType },
    });
    assert.deepEqual([wrong.status, codeOf(wrong)], [400, 'DIGEST_INVALID']);
    assert.equal((await own.ask('GET', 'refused/tags/list')).body.toString(), '{"name":"refused","tags":[]}');
  });

  test('serveRequest() takes four MiB of manifest, and not a byte more', async () => {
    const base = await image('large', { annotations: { filler: '' } });
    const full = base.replace('"filler":""', `"filler":"${'x'.repeat(4_194_304 - base.length)}"`);
    assert.equal(full.length, 4_194_304);
    const headers = { 'content-type': imageType };
    assert.equal((await own.ask('PUT', 'large/manifests/a', { body: full, headers })).status, 201);
    assert.equal((await own.ask('GET', 'large/manifests/a')).body.length, 4_194_304);
    const over = full.replace('xx', 'xxx');
    assert.equal((await own.ask('PUT', 'large/manifests/b', { body: over, headers })).status, 413);
    // Without a length to judge by.
    const stream = new Blob([over]).stream();
    assert.equal((await own.ask('PUT', 'large/manifests/b', { body: stream, headers })).status, 413);
    assert.equal((await own.ask('GET', 'large/manifests/b')).status, 404);
  });

  for (const [title, size] of [
    ['small', 1000],
    ['large', 3_000_000],
  ] as const) {
    const bytes = Buffer.alloc(size, title);
    const digest = digestOfText(bytes);
    test(`serveRequest() takes ${title} blobs in every form`, async () => {
      const start = async (query = ''): Promise<string> => {
        const answer = await own.ask('POST', `${title}/forms/blobs/uploads/${query}`);
        assert.equal(answer.status, 202);
        assert.equal(answer.headers.get('range'), '0-0');
        return (answer.headers.get('location') as string).slice('/v2/'.length);
      };
      const half = Math.ceil(size / 2);
      const forms: Readonly<Record<string, () => Promise<number>>> = {
        'one POST': async () =>
          (await own.ask('POST', `${title}/forms/blobs/uploads/?digest=${digest}`, { body: bytes })).status,
        'POST and PUT': async () => (await own.ask('PUT', `${await start()}?digest=${digest}`, { body: bytes })).status,
        'a stream': async () => {
          const place = await start();
          const patched = await own.ask('PATCH', place, { body: new Blob([bytes]).stream() });
          assert.equal(patched.status, 202);
          assert.equal(patched.headers.get('range'), `0-${size - 1}`);
          return (await own.ask('PUT', `${place}?digest=${digest}`)).status;
        },
        chunks: async () => {
          const place = await start();
          const first = { body: bytes.subarray(0, half), headers: { 'content-range': `0-${half - 1}` } };
          const rest = { body: bytes.subarray(half), headers: { 'content-range': `${half}-${size - 1}` } };
          assert.equal((await own.ask('PATCH', place, rest)).status, 416, 'out of order');
          assert.equal((await own.ask('PATCH', place, first)).status, 202);
          const status = await own.ask('GET', place);
          assert.deepEqual([status.status, status.headers.get('range')], [204, `0-${half - 1}`]);
          assert.equal((await own.ask('PATCH', place, first)).status, 416, 'again');
          assert.equal((await own.ask('PUT', `${place}?digest=${digest}`, first)).status, 416, 'again, as the last');
          return (await own.ask('PUT', `${place}?digest=${digest}`, rest)).status;
        },
      };
      for (const [form, push] of Object.entries(forms)) {
        assert.equal(await push(), 201, form);
        const got = await own.ask('GET', `${title}/forms/blobs/${digest}`);
        assert.equal(digestOfText(got.body), digest, form);
        assert.equal((await own.ask('DELETE', `${title}/forms/blobs/${digest}`)).status, 202, form);
        assert.equal((await own.ask('HEAD', `${title}/forms/blobs/${digest}`)).status, 404, form);
      }
    });

    test(`serveRequest() gives parts of ${title} blobs`, async () => {
      await own.pushBlob('parts', bytes);
      for (const [range, status, part] of [
        ['bytes=0-0', 206, [0, 0]],
        ['bytes=500-1499', 206, [500, Math.min(1499, size - 1)]],
        ['bytes=-500', 206, [size - 500, size - 1]],
        ['bytes=500-', 206, [500, size - 1]],
        [`bytes=900-${size + 99}`, 206, [900, size - 1]],
        [`bytes=${size}-`, 416, undefined],
        ['bytes=500-0', 416, undefined],
        ['bytes=-0', 416, undefined],
        ['bytes=0-1,5-6', 200, undefined],
        ['lines=1-2', 200, undefined],
      ] as const) {
        const answer = await own.ask('GET', `parts/blobs/${digest}`, { headers: { range } });
        assert.equal(answer.status, status, range);
        if (part === undefined) continue;
        const [start, end] = part;
        assert.equal(answer.headers.get('content-range'), `bytes ${start}-${end}/${size}`, range);
        assert.deepEqual(answer.body, bytes.subarray(start, end + 1), range);
      }
    });
  }

  test('serveRequest() stores nothing that has another digest than was said', async () => {
    const digest = digestOfText('something else');
    for (const body of ['short', Buffer.alloc(200_000, 1)]) {
      const place = (await own.ask('POST', 'wrong/blobs/uploads/')).headers.get('location')?.slice(4) as string;
      const put = await own.ask('PUT', `${place}?digest=${digest}`, { body });
      assert.deepEqual([put.status, codeOf(put)], [400, 'DIGEST_INVALID']);
      assert.equal((await own.ask('GET', place)).status, 404, 'the upload is over');
      assert.equal((await own.ask('HEAD', `wrong/blobs/${digest}`)).status, 404);
    }
    const unsaid = (await own.ask('POST', 'wrong/blobs/uploads/')).headers.get('location')?.slice(4) as string;
    assert.deepEqual(codeOf(await own.ask('PUT', unsaid, { body: 'x' })), 'DIGEST_INVALID');
  });

  test('serveRequest() mounts what is there, and lets others be pushed', async () => {
    const { digest } = await own.pushBlob('mount/source', 'mounted');
    const there = await own.ask('POST', `mount/target/blobs/uploads/?mount=${digest}&from=mount/source`);
    assert.equal(there.status, 201);
    assert.equal(there.headers.get('location'), `/v2/mount/target/blobs/${digest}`);
    assert.equal((await own.ask('POST', `mount/anywhere/blobs/uploads/?mount=${digest}`)).status, 201);
    const missing = digestOfText('nowhere');
    for (const query of [`mount=${missing}&from=mount/source`, `mount=${missing}`, `mount=${digest}&from=mount/none`]) {
      assert.equal((await own.ask('POST', `mount/new/blobs/uploads/?${query}`)).status, 202, query);
    }
  });

  test('serveRequest() keeps what a manifest needs, and deletes tags and manifests', async () => {
    const text = await image('gone');
    const digest = digestOfText(text);
    const headers = { 'content-type': imageType };
    const put = await own.ask('PUT', `gone/manifests/${digest}?tag=a&tag=b`, { body: text, headers });
    assert.equal(put.headers.get('oci-tag'), 'a, b');
    const blob = digestOfText('a layer');
    assert.deepEqual((await own.ask('DELETE', `gone/blobs/${blob}`)).status, 409);
    assert.equal((await own.ask('DELETE', 'gone/manifests/a')).status, 202);
    assert.equal((await own.ask('GET', 'gone/tags/list')).body.toString(), '{"name":"gone","tags":["b"]}');
    assert.equal((await own.ask('DELETE', `gone/manifests/${digest}`)).status, 202);
    assert.equal((await own.ask('GET', 'gone/manifests/b')).status, 404);
    assert.equal((await own.ask('DELETE', `gone/manifests/${digest}`)).status, 404);
    assert.equal((await own.ask('DELETE', `gone/blobs/${blob}`)).status, 202);
  });

  test('serveRequest() lists tags in pages', async () => {
    const text = await image('pages');
    const digest = digestOfText(text);
    const tags = ['Z', '_', 'a', 'a-1', 'b', 'v10', 'v9'];
    const query = tags.map((tag) => `tag=${tag}`).join('&');
    await own.ask('PUT', `pages/manifests/${digest}?${query}`, { body: text, headers: { 'content-type': imageType } });
    const seen: string[] = [];
    let next: string | undefined = 'pages/tags/list?n=3';
    while (next !== undefined) {
      const page = await own.ask('GET', next);
      seen.push(...(page.json() as { tags: string[] }).tags);
      next = /^<\/v2\/(.+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
    }
    assert.deepEqual(seen, tags);
    const none = await own.ask('GET', 'pages/tags/list?n=0');
    assert.deepEqual([none.json(), none.headers.get('link')], [{ name: 'pages', tags: [] }, null]);
    assert.equal((await own.ask('GET', 'pages/tags/list?n=-1')).status, 400);
    assert.equal((await own.ask('GET', 'nothing/tags/list')).status, 404);
  });

  test('serveRequest() lists referrers by type, in pages, with what they say of themselves', async () => {
    const subject = { mediaType: imageType, digest: digestOfText('not pushed'), size: 10 };
    const none = await own.ask('GET', `attached/referrers/${subject.digest}`);
    assert.deepEqual(none.json(), { schemaVersion: 2, mediaType: indexType, manifests: [] });
    assert.equal(none.headers.get('content-type'), indexType);
    for (let at = 0; at < 5; at += 1) {
      const artifactType = at < 3 ? 'application/a' : 'application/b';
      const body = await image('attached', { subject, artifactType, annotations: { at: String(at) } });
      const headers = { 'content-type': imageType };
      const put = await own.ask('PUT', `attached/manifests/${digestOfText(body)}`, { body, headers });
      assert.equal(put.headers.get('oci-subject'), subject.digest);
    }
    const list = `attached/referrers/${subject.digest}`;
    const all = (await own.ask('GET', list)).json() as { manifests: Record<string, unknown>[] };
    assert.equal(all.manifests.length, 5);
    assert.deepEqual(new Set(all.manifests.map(({ annotations }) => (annotations as { at: string }).at)).size, 5);
    const some = await own.ask('GET', `${list}?artifactType=application/a&n=2`);
    assert.equal(some.headers.get('oci-filters-applied'), 'artifactType');
    const first = (some.json() as { manifests: { artifactType: string }[] }).manifests;
    assert.deepEqual(
      first.map(({ artifactType }) => artifactType),
      ['application/a', 'application/a'],
    );
    const link = /^<\/v2\/(.+)>; rel="next"$/.exec(some.headers.get('link') ?? '')?.[1] as string;
    const second = await own.ask('GET', link);
    assert.equal((second.json() as { manifests: unknown[] }).manifests.length, 1);
    assert.equal(second.headers.get('link'), null);
  });

  test('serveRequest() answers what it does not know with an error of the specification', async () => {
    for (const [method, path, status, code] of [
      ['GET', 'UPPER/tags/list', 400, 'NAME_INVALID'],
      ['GET', 'a/manifests/-no-tag', 400, 'MANIFEST_INVALID'],
      ['GET', 'a/manifests/sha256:short', 400, 'DIGEST_INVALID'],
      ['GET', 'a/blobs/sha256:short', 400, 'DIGEST_INVALID'],
      ['GET', `a/blobs/${digestOfText('none')}`, 404, 'BLOB_UNKNOWN'],
      ['GET', 'a/manifests/none', 404, 'MANIFEST_UNKNOWN'],
      ['GET', 'a/blobs/uploads/../../x', 404, 'UNSUPPORTED'],
      ['PATCH', 'a/blobs/uploads/not-an-id', 404, 'BLOB_UPLOAD_UNKNOWN'],
      ['PATCH', `a/blobs/uploads/${crypto.randomUUID()}`, 404, 'BLOB_UPLOAD_UNKNOWN'],
      ['POST', 'a/manifests/v1', 405, 'UNSUPPORTED'],
      ['GET', 'a%2Fb/tags/list', 400, 'NAME_INVALID'],
      ['GET', 'a/%ff/list', 400, 'NAME_INVALID'],
      ['GET', `${'a'.repeat(256)}/tags/list`, 400, 'NAME_INVALID'],
    ] as const) {
      const answer = await own.ask(method, path);
      assert.deepEqual([answer.status, codeOf(answer)], [status, code], `${method} ${path}`);
    }
    const list = await own.ask('PUT', '_catalog');
    assert.deepEqual([list.status, list.headers.get('allow')], [405, 'GET, HEAD']);
  });
});
