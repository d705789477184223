import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import test, { after, before, describe } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { digestOfText, type OwnRegistry, startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import type { AccessControl } from '../pipeline/access-control.ts';
import { openAccess } from '../pipeline/open-access.ts';
import { RegistryError } from '../error.ts';

/** Hides what begins with `secret`. */
const access: AccessControl = {
  ...openAccess,
  allows: (_, __, repository) => !repository.startsWith('secret'),
  inCatalog: (_, repository) => !repository.startsWith('secret'),
  refuse: () => new RegistryError('NAME_UNKNOWN', 'There is no such repository'),
};

describe('the JSON API', () => {
  let own: OwnRegistry;
  const imageType = 'application/vnd.oci.image.manifest.v1+json';
  before(async () => {
    own = await startOwnRegistry({ now: () => Date.parse('2026-01-02T03:04:05Z') });
    for (const repository of ['a', 'team/b', 'secret/c', 'z']) {
      // Past what may be hidden here.
      const { digest, size } = await own.pushBlob(repository, '{"config":true}');
      const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size };
      const body = JSON.stringify({ schemaVersion: 2, mediaType: imageType, config, layers: [] });
      const query = 'tag=v1&tag=v2&tag=v3';
      await own.ask('PUT', `${repository}/manifests/${digestOfText(body)}?${query}`, {
        body,
        headers: { 'content-type': imageType },
      });
    }
    const { content } = own.registry;
    hidden = await startOwnRegistry({ database: content.database, blobs: content.blobs, access });
  });
  let hidden: OwnRegistry;
  after(async () => {
    await hidden[Symbol.asyncDispose]();
    await own[Symbol.asyncDispose]();
  });

  async function get(
    path: string,
    from: OwnRegistry = hidden,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${from.url}/api/v1${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  test('addApi() lists what the client may see, in pages', async () => {
    const { body } = await get('/repositories');
    const items = body['items'] as Record<string, unknown>[];
    assert.deepEqual(
      items.map(({ name }) => name),
      ['a', 'team/b', 'z'],
    );
    const { createdAt, tags, manifests, bytes, pulledAt } = items[0] as Record<string, unknown>;
    assert.deepEqual([createdAt, tags, manifests, pulledAt], ['2026-01-02T03:04:05.000Z', 3, 1, null]);
    assert.ok((bytes as number) > 100);
    const first = await get('/repositories?limit=2');
    assert.equal(first.body['next'], 'team/b');
    const second = await get('/repositories?limit=2&last=team%2Fb');
    assert.deepEqual([(second.body['items'] as unknown[]).length, second.body['next']], [1, undefined]);
  });

  test('addApi() lists all that there are, however many are hidden between them', async () => {
    await using many = await startOwnRegistry({ access });
    await many.registry.content.database.transaction(async (queries) => {
      for (let at = 0; at < 2000; at += 1) {
        const name = `${at % 3 === 0 ? 'open' : 'secret'}/${String(at).padStart(4, '0')}`;
        await queries.run('INSERT INTO repositories (name, created_at) VALUES (?, 0)', name);
      }
    });
    for (const limit of [500, 499, 100]) {
      const seen: string[] = [];
      for (let last: unknown = ''; last !== undefined;) {
        const { body } = await get(`/repositories?limit=${limit}&last=${last as string}`, many);
        const items = body['items'] as { name: string }[];
        assert.ok(items.length <= limit);
        seen.push(...items.map(({ name }) => name));
        last = body['next'];
      }
      assert.equal(seen.length, 667, `${limit}`);
      assert.ok(seen.every((name) => name.startsWith('open/')));
    }
  });

  test('addApi() lists tags and manifests', async () => {
    const tags = (await get('/repositories/team%2Fb/tags?limit=2')).body;
    assert.deepEqual(
      (tags['items'] as { name: string }[]).map(({ name }) => name),
      ['v1', 'v2'],
    );
    assert.equal(tags['next'], 'v2');
    const manifests = (await get('/repositories/a/manifests')).body['items'] as Record<string, unknown>[];
    assert.deepEqual(
      manifests.map(({ contentBytes, subject }) => [contentBytes, subject]),
      [[15, null]],
    );
    assert.deepEqual((await get('/totals')).body['tags'], 12);
  });

  test('addApi() refuses what is hidden, missing or malformed', async () => {
    for (const [path, status] of [
      ['/repositories/secret%2Fc/tags', 404],
      [`/repositories/${randomUUID()}/tags`, 404],
      ['/repositories/UPPER/tags', 400],
      ['/repositories?limit=0', 400],
      ['/repositories?limit=501', 400],
      ['/repositories?limit=x', 400],
      ['/repositories/a/tags?other=1', 400],
    ] as const) {
      const answer = await get(path);
      assert.equal(answer.status, status, path);
      assert.equal(typeof (answer.body['errors'] as { code: string }[])[0]?.code, 'string', path);
    }
    const { status } = await fetch(`${hidden.url}/api/v1/none`);
    assert.equal(status, 404);
  });

  test('openApiDocument() describes what is answered', async () => {
    const { body } = await get('/openapi.json');
    assert.equal(body['openapi'], '3.1.0');
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    type Paths = Record<
      string,
      { get: { responses: { 200: { content: { 'application/json': { schema: object } } } } } }
    >;
    for (const [path, name] of [
      ['/repositories', '/repositories'],
      ['/repositories/a/tags', '/repositories/{repository}/tags'],
      ['/repositories/a/manifests', '/repositories/{repository}/manifests'],
      ['/totals', '/totals'],
      ['/audit', '/audit'],
    ] as const) {
      const { schema } =
        (body['paths'] as Paths)[`/api/v1${name}`]?.get.responses[200].content['application/json'] ?? {};
      const validate = ajv.compile(schema as object);
      assert.equal(validate((await get(path)).body), true, JSON.stringify(validate.errors));
    }
  });
});
