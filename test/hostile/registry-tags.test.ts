import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { importContent } from '../../src/registry/import/import-content.ts';
import { openImportSource } from '../../src/registry/import/open-source.ts';
import { tagGuardOf } from '../../src/registry/service/tag-guard.ts';
import { buildImage } from '../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { digestOfText, type OwnRequest, startOwnRegistry } from '../../testing/registry/own-registry.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';

function imageOf(config: { readonly digest: string; readonly size: number }, more: object = {}): string {
  const descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', ...config };
  return JSON.stringify({ schemaVersion: 2, mediaType: imageType, config: descriptor, layers: [], ...more });
}

describe('tags that do not move', () => {
  const rule = { name: 'releases', tags: ['v*'] };
  const guard = tagGuardOf({ tags: { immutable: [rule] } });
  const headers = { 'content-type': imageType };

  test('of many pushes at once, by tag and by ?tag=, one sets an immutable tag (CVE-2026-31801)', async () => {
    await using own = await startOwnRegistry({ guard });
    const config = await own.pushBlob('a', '{}');
    for (let round = 0; round < 5; round += 1) {
      const tag = `v${round}`;
      const images = Array.from({ length: 12 }, (_, at) => imageOf(config, { annotations: { at: `${round}-${at}` } }));
      const answers = await Promise.all(
        images.map((body, at) => {
          const path =
            at % 2 === 0
              ? `a/manifests/${tag}`
              : `a/manifests/${digestOfText(body)}?tag=other-${round}-${at}&tag=${tag}`;
          return own.ask('PUT', path, { headers, body });
        }),
      );
      const won = answers.flatMap(({ status }, at) => (status === 201 ? [at] : []));
      assert.equal(won.length, 1, answers.map(({ status }) => status).join());
      const others = answers.filter(({ status }) => status !== 201);
      assert.ok(others.every(({ status, body }) => status === 409 && body.toString().includes('DENIED')));
      const got = await own.ask('GET', `a/manifests/${tag}`);
      assert.equal(got.body.toString(), images[won[0] as number]);
      // Of a push with several tags, all are set or none.
      const { tags } = (await own.ask('GET', 'a/tags/list')).json() as { tags: string[] };
      const also = tags.filter((name) => name.startsWith(`other-${round}-`));
      assert.deepEqual(also, (won[0] as number) % 2 === 0 ? [] : [`other-${round}-${won[0]}`]);
    }
  });

  test('what an immutable tag names stays of the type that it was pushed with', async () => {
    await using own = await startOwnRegistry({ guard });
    const docker = 'application/vnd.docker.distribution.manifest.v2+json';
    const config = await own.pushBlob('a', '{}');
    // Without a mediaType of its own it is what its Content-Type says.
    const body = imageOf(config, { mediaType: undefined });
    const path = `a/manifests/${digestOfText(body)}`;
    const put = async (place: string, type: string): Promise<number> =>
      (await own.ask('PUT', place, { headers: { 'content-type': type }, body })).status;
    assert.equal(await put(`${path}?tag=dev`, docker), 201);
    assert.equal(await put(path, imageType), 201, 'while no tag holds it');
    assert.equal(await put('a/manifests/v1', imageType), 201);
    for (const place of [path, 'a/manifests/dev', 'a/manifests/v1', `${path}?tag=other`]) {
      assert.equal(await put(place, docker), 409, place);
      assert.equal(await put(place, imageType), 201, place);
    }
    assert.equal((await own.ask('GET', 'a/manifests/v1')).headers.get('content-type'), imageType);
  });

  test('an immutable tag stays what it is while others delete, push and delete again', async () => {
    await using own = await startOwnRegistry({ guard });
    const config = await own.pushBlob('a', '{}');
    const first = imageOf(config);
    assert.equal((await own.ask('PUT', 'a/manifests/v1', { headers, body: first })).status, 201);
    const digest = digestOfText(first);
    const calls = Array.from({ length: 60 }, (_, at) => {
      const body = imageOf(config, { annotations: { at: String(at) } });
      const requests: readonly (readonly [string, string, OwnRequest])[] = [
        ['DELETE', 'a/manifests/v1', {}],
        ['DELETE', `a/manifests/${digest}`, {}],
        ['PUT', 'a/manifests/v1', { headers, body }],
        ['PUT', `a/manifests/${digestOfText(body)}?tag=v1&tag=x${at}`, { headers, body }],
        ['PUT', 'a/manifests/v1', { headers, body: first }],
        ['PUT', `a/manifests/${digest}`, { headers, body: first }],
      ];
      return requests[at % requests.length] as (typeof requests)[number];
    });
    const answers = await Promise.all(calls.map((call) => own.ask(...call)));
    const expected = calls.map(([method, , { body }]) => (method === 'PUT' && body === first ? 201 : 409));
    assert.deepEqual(
      answers.map(({ status }) => status),
      expected,
    );
    assert.equal((await own.ask('GET', 'a/manifests/v1')).body.toString(), first);
    assert.equal((await own.ask('GET', 'a/tags/list')).body.toString(), '{"name":"a","tags":["v1"]}');
  });

  test('an immutable tag is neither moved, deleted, nor lost with its manifest', async () => {
    await using own = await startOwnRegistry({ guard });
    const config = await own.pushBlob('a', '{}');
    const [first, second] = [imageOf(config), imageOf(config, { annotations: { is: 'another' } })];
    assert.equal((await own.ask('PUT', 'a/manifests/v1', { headers, body: first })).status, 201);
    for (const [method, path, body] of [
      ['PUT', 'a/manifests/v1', second],
      ['PUT', `a/manifests/${digestOfText(second)}?tag=v1`, second],
      ['PUT', `a/manifests/${digestOfText(second)}?tag=free&tag=v1`, second],
      ['DELETE', 'a/manifests/v1', undefined],
      ['DELETE', `a/manifests/${digestOfText(first)}`, undefined],
      ['DELETE', `a/blobs/${config.digest}`, undefined],
    ] as const) {
      const answer = await own.ask(method, path, body === undefined ? {} : { headers, body });
      assert.equal(answer.status, 409, `${method} ${path}`);
    }
    assert.equal((await own.ask('GET', 'a/manifests/v1')).body.toString(), first);
    assert.equal((await own.ask('PUT', 'a/manifests/v1', { headers, body: first })).status, 201, 'the same again');
    assert.equal((await own.ask('GET', 'a/tags/list')).body.toString(), '{"name":"a","tags":["v1"]}');
  });

  test('an import moves no immutable tag, and brings the rest', async () => {
    await using own = await startOwnRegistry({ guard });
    const config = await own.pushBlob('a', '{}');
    const first = imageOf(config);
    assert.equal((await own.ask('PUT', 'a/manifests/v1', { headers, body: first })).status, 201);
    using folder = temporaryDirectory();
    const image = buildImage({ layers: [] });
    writeFiles(
      folder.path,
      layoutFiles([
        { content: image, refName: 'v1' },
        { content: image, refName: 'dev' },
      ]),
    );
    const source = await openImportSource(folder.path, 'a');
    const { problems, tags } = await importContent(own.registry.content, source, { journal: () => Promise.resolve() });
    assert.deepEqual([problems.map(({ code, subject }) => `${code} ${subject}`), tags], [['DENIED a v1'], 1]);
    assert.equal((await own.ask('GET', 'a/manifests/v1')).body.toString(), first);
    assert.equal((await own.ask('GET', 'a/tags/list')).body.toString(), '{"name":"a","tags":["dev","v1"]}');
  });
});
