import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { Logger } from '../../src/base/logger.ts';
import { limits } from '../../src/registry/limits.ts';
import { endpoints } from '../../src/registry/pipeline/endpoints.ts';
import { gateOf } from '../../src/registry/service/service-gate.ts';
import { StoreError } from '../../src/store/error.ts';
import {
  digestOfText,
  type OwnAnswer,
  type OwnRegistry,
  type OwnRequest,
  startOwnRegistry,
} from '../../testing/registry/own-registry.ts';
import { storedRows } from '../../testing/registry/stored-rows.ts';
import { basicHeader, tableAccess } from '../../testing/registry/table-access.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';
const mallory = { authorization: basicHeader('mallory', 'm') };
const owner = { authorization: basicHeader('owner', 'o') };
const reader = { authorization: basicHeader('reader', 'r') };

/** The owner has `secret/*`, a reader may read it, and mallory has `mallory/*` alone. */
const access = tableAccess({ mallory: 'm', owner: 'o', reader: 'r' }, [
  { repositories: ['secret/*', 'open/*'], actions: ['*'], to: ['user:owner'] },
  { repositories: ['secret/*'], actions: ['pull', 'list'], to: ['user:reader'] },
  { repositories: ['open/*'], actions: ['pull', 'list'], to: ['anonymous'] },
  { repositories: ['mallory/*'], actions: ['*'], to: ['user:mallory'] },
]);

/** What an answer tells, without what every answer has of its own. */
function told({ status, headers, body }: OwnAnswer): unknown {
  const { date: _, ...rest } = Object.fromEntries(headers);
  return { status, rest, body: body.toString() };
}

function imageOf(config: { readonly digest: string; readonly size: number }, more: object = {}): string {
  const descriptor = { mediaType: 'application/vnd.oci.image.config.v1+json', ...config };
  return JSON.stringify({ schemaVersion: 2, mediaType: imageType, config: descriptor, layers: [], ...more });
}

describe('a registry with accounts', () => {
  let own: OwnRegistry;
  const secret = 'the secret layer';
  const blob = digestOfText(secret);
  const image = imageOf({ digest: blob, size: secret.length });
  const manifest = digestOfText(image);
  before(async () => {
    own = await startOwnRegistry({ access });
    const blobs = await own.ask('POST', `secret/app/blobs/uploads/?digest=${blob}`, { headers: owner, body: secret });
    assert.equal(blobs.status, 201);
    const headers = { ...owner, 'content-type': imageType };
    assert.equal((await own.ask('PUT', 'secret/app/manifests/v1', { headers, body: image })).status, 201);
  });
  after(() => own[Symbol.asyncDispose]());

  test('content of others is not had by a digest, from anywhere', async () => {
    for (const path of [
      `secret/app/blobs/${blob}`,
      `secret/app/manifests/${manifest}`,
      'secret/app/manifests/v1',
      'secret/app/tags/list',
      `secret/app/referrers/${manifest}`,
    ]) {
      for (const method of ['GET', 'HEAD']) {
        assert.equal((await own.ask(method, path, { headers: mallory })).status, 403, `${method} ${path}`);
        assert.equal((await own.ask(method, path)).status, 401, `${method} ${path}`);
        assert.equal((await own.ask(method, path, { headers: reader })).status, 200, `${method} ${path}`);
      }
    }
    for (const path of [`mallory/own/blobs/${blob}`, `mallory/own/manifests/${manifest}`]) {
      assert.equal((await own.ask('GET', path, { headers: mallory })).status, 404, path);
    }
  });

  test('a mount gives nobody what they could not pull, and does not tell that it is there (CVE-2024-39897)', async () => {
    const nowhere = digestOfText('nowhere');
    const answers: unknown[] = [];
    for (const query of [
      `mount=${blob}&from=secret/app`,
      `mount=${blob}`,
      `mount=${blob}&from=secret/none`,
      `mount=${nowhere}&from=secret/app`,
      `mount=${nowhere}`,
    ]) {
      const answer = await own.ask('POST', `mallory/own/blobs/uploads/?${query}`, { headers: mallory });
      const upload = answer.headers.get('docker-upload-uuid') as string;
      answers.push(JSON.stringify(told(answer)).replaceAll(upload, 'UPLOAD'));
      assert.equal(answer.status, 202, query);
      await own.ask('DELETE', `mallory/own/blobs/uploads/${upload}`, { headers: mallory });
    }
    assert.equal(new Set(answers).size, 1, 'all are answered alike');
    assert.equal((await own.ask('GET', `mallory/own/blobs/${blob}`, { headers: mallory })).status, 404);
    const readable = await own.ask('POST', `secret/b/blobs/uploads/?mount=${blob}`, { headers: owner });
    assert.equal(readable.status, 201, 'who may pull it mounts it');
  });

  test('a manifest that names a blob of others does not make it readable', async () => {
    const body = imageOf({ digest: blob, size: secret.length });
    const put = await own.ask('PUT', 'mallory/own/manifests/a', {
      headers: { ...mallory, 'content-type': imageType },
      body,
    });
    assert.equal(put.status, 404);
    const unknown = imageOf({ digest: digestOfText('nowhere'), size: secret.length });
    const other = await own.ask('PUT', 'mallory/own/manifests/a', {
      headers: { ...mallory, 'content-type': imageType },
      body: unknown,
    });
    assert.equal(
      put.body.toString().replaceAll(blob, 'X'),
      other.body.toString().replaceAll(digestOfText('nowhere'), 'X'),
    );
    await using sparse = await startOwnRegistry({ access, sparse: 'all' });
    const stored = await sparse.ask('POST', `secret/app/blobs/uploads/?digest=${blob}`, {
      headers: owner,
      body: secret,
    });
    assert.equal(stored.status, 201);
    const headers = { ...mallory, 'content-type': imageType };
    assert.equal((await sparse.ask('PUT', 'mallory/own/manifests/a', { headers, body })).status, 201);
    assert.equal((await sparse.ask('GET', `mallory/own/blobs/${blob}`, { headers: mallory })).status, 404);
  });

  test('what is hidden is answered like what is not there', async () => {
    for (const headers of [{}, mallory]) {
      for (const [there, nowhere] of [
        ['secret/app/manifests/v1', 'secret/none/manifests/v1'],
        ['secret/app/manifests/v1', 'secret/app/manifests/none'],
        [`secret/app/blobs/${blob}`, `secret/none/blobs/${blob}`],
        ['secret/app/tags/list', 'secret/none/tags/list'],
      ] as const) {
        const answers = [
          await own.ask('GET', there, { headers }),
          // The name of what was asked for is in the answer, and nothing else is different.
          await own.ask('GET', nowhere, { headers }),
        ].map((answer) => JSON.stringify(told(answer)).replaceAll('secret/none', 'secret/app'));
        // Lengths of bodies with names in them.
        const [first, second] = answers.map((text) => text.replace(/"content-length":"\d+"/, ''));
        assert.equal(first, second, `${there} ${nowhere}`);
      }
    }
  });

  test('the catalog shows nobody more than they may list, nor that there is more (CVE-2020-29662)', async () => {
    for (const [headers, expected] of [
      [mallory, ['mallory/own']],
      [reader, ['secret/app', 'secret/b']],
    ] as const) {
      const seen: string[] = [];
      let next: string | undefined = '_catalog?n=1';
      let pages = 0;
      while (next !== undefined && pages < 20) {
        const page = await own.ask('GET', next, { headers });
        seen.push(...(page.json() as { repositories: string[] }).repositories);
        next = /^<\/v2\/(.+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
        pages += 1;
      }
      assert.deepEqual(seen, expected);
      assert.equal(pages, expected.length, 'no empty page tells of others');
    }
    for (const n of ['0', '999999999999', '-1', 'x']) {
      const answer = await own.ask('GET', `_catalog?n=${n}`, { headers: mallory });
      assert.ok(answer.status === 200 || answer.status === 400, n);
      assert.doesNotMatch(answer.body.toString(), /secret/);
    }
    const stranger = await own.ask('GET', '_catalog');
    assert.deepEqual(stranger.status === 200 ? (stranger.json() as { repositories: string[] }).repositories : [], []);
  });

  /** Each path and method that there is, with the right that it takes. */
  const calls = Object.entries(endpoints).flatMap(([kind, methods]) =>
    Object.entries(methods).map(([method, { action }]) => ({ kind, method, action })),
  );

  async function pathOf(kind: string): Promise<string> {
    switch (kind) {
      case 'base':
        return '';
      case 'catalog':
        return '_catalog';
      case 'tags':
        return 'secret/app/tags/list';
      case 'manifest':
        return 'secret/app/manifests/v1';
      case 'blob':
        return `secret/app/blobs/${blob}`;
      case 'referrers':
        return `secret/app/referrers/${manifest}`;
      case 'uploads':
        return 'secret/app/blobs/uploads/';
      case 'upload': {
        const begun = await own.ask('POST', 'secret/app/blobs/uploads/', { headers: owner });
        return (begun.headers.get('location') as string).slice(4);
      }
      default:
        throw new Error(`Say here how ${kind} is asked for`);
    }
  }

  for (const { kind, method, action } of calls) {
    test(`${method} of ${kind} takes the right to ${action ?? 'know'}`, async () => {
      const stored = await storedRows(own);
      const path = await pathOf(kind);
      const isRead = method === 'GET' || method === 'HEAD';
      const request: OwnRequest = isRead ? {} : { body: image, headers: { 'content-type': imageType } };
      const as = async (headers: OwnRequest['headers']): Promise<number> =>
        (await own.ask(method, path, { ...request, headers: { ...request.headers, ...headers } })).status;
      if (kind === 'catalog') {
        assert.equal(await as(mallory), 200, 'of their own');
        return;
      }
      assert.equal(await as({}), 401, 'a stranger');
      assert.equal(await as({ authorization: basicHeader('owner', 'wrong') }), 401, 'a wrong password');
      assert.equal(await as({ authorization: 'Basic !!!' }), 400, 'a header that is none');
      if (kind === 'base') return;
      assert.equal(await as(mallory), 403, 'somebody else');
      // Whatever the table says: who may read changes nothing, and uploads are seen by those who may push.
      if (!isRead || kind === 'upload') assert.equal(await as(reader), 403, 'a reader');
      assert.deepEqual(await storedRows(own), stored);
      assert.equal((await own.ask('GET', 'secret/app/manifests/v1', { headers: owner })).status, 200);
    });
  }

  test('a switch that forbids deleting holds for every path (CVE-2026-41888)', async () => {
    await using switched = await startOwnRegistry({ gate: () => gateOf(() => ({ delete: { enabled: false } })) });
    await switched.pushBlob('a', secret);
    const put = await switched.ask('PUT', 'a/manifests/v1', { body: image, headers: { 'content-type': imageType } });
    assert.equal(put.status, 201);
    const stored = await storedRows(switched);
    const deletes = calls.filter(({ method }) => method === 'DELETE').map(({ kind }) => kind);
    assert.deepEqual(deletes, ['manifest', 'blob', 'upload']);
    for (const path of ['a/manifests/v1', `a/manifests/${manifest}`, `a/blobs/${blob}`]) {
      const answer = await switched.ask('DELETE', path);
      assert.equal(answer.status, 405, path);
      assert.match(answer.body.toString(), /"UNSUPPORTED"/);
    }
    // By the way that a body or a query may mean a method.
    const override = { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' };
    assert.equal((await switched.ask('GET', 'a/manifests/v1?_method=DELETE', { headers: override })).status, 200);
    assert.deepEqual(await storedRows(switched), stored);
    const place = (await switched.ask('POST', 'a/blobs/uploads/')).headers.get('location')?.slice(4) as string;
    assert.equal((await switched.ask('DELETE', place)).status, 204, 'an upload is given up, not deleted');
  });

  test('who begins uploads and ends none is stopped, and nobody else is', async () => {
    const { database, now } = own.registry.content;
    await database.transaction(async (queries) => {
      for (let at = 0; at < limits.uploads; at += 1) {
        await queries.run(
          `INSERT INTO uploads (id, repository, owner, size, version, created_at, updated_at) VALUES (?, 1, ?, 0, 0, ?, ?)`,
          `many-${at}`,
          'user:mallory',
          now(),
          now(),
        );
      }
    });
    const refused = await own.ask('POST', 'mallory/own/blobs/uploads/', { headers: mallory });
    assert.equal(refused.status, 429);
    assert.match(refused.body.toString(), /TOOMANYREQUESTS/);
    assert.equal(refused.headers.get('retry-after'), '60');
    assert.equal((await own.ask('POST', 'secret/app/blobs/uploads/', { headers: owner })).status, 202);
  });
});

describe('what was deleted', () => {
  test('it stays away from its repository, whoever else has it (CVE-2026-35172)', async () => {
    await using own = await startOwnRegistry();
    const headers = { 'content-type': imageType };
    const config = await own.pushBlob('a', '{}');
    await own.pushBlob('b', '{}');
    const body = imageOf(config);
    const digest = digestOfText(body);
    for (const name of ['a', 'b']) {
      assert.equal((await own.ask('PUT', `${name}/manifests/v1`, { headers, body })).status, 201);
      // Into every cache that there is.
      for (const reference of ['v1', digest]) await own.ask('GET', `${name}/manifests/${reference}`);
      await own.ask('GET', `${name}/blobs/${config.digest}`);
    }
    assert.equal((await own.ask('DELETE', `a/manifests/${digest}`)).status, 202);
    assert.equal((await own.ask('DELETE', `a/blobs/${config.digest}`)).status, 202);
    for (let times = 0; times < 2; times += 1) {
      for (const path of ['manifests/v1', `manifests/${digest}`, `blobs/${config.digest}`]) {
        assert.equal((await own.ask('GET', `b/${path}`)).status, 200, `b/${path}`);
        for (const method of ['GET', 'HEAD']) {
          assert.equal((await own.ask(method, `a/${path}`)).status, 404, `a/${path}`);
        }
        const conditional = { headers: { 'if-none-match': `"${path.slice(path.indexOf('/') + 1)}"` } };
        assert.equal((await own.ask('GET', `a/${path}`, conditional)).status, 404, `a/${path}`);
      }
    }
    assert.equal((await own.ask('GET', `a/referrers/${digest}`)).body.includes(digest), false);
  });
});

describe('what goes wrong inside', () => {
  test('answers and logs of a failure hold no secret of the client, and answers none of the machine', async () => {
    const logged: unknown[] = [];
    const write = (message: string, fields?: unknown): void => {
      const errors: unknown[] = [];
      for (let at = (fields as { error?: unknown }).error; at instanceof Error; at = at.cause)
        errors.push(at.stack, at);
      logged.push(message, fields, errors);
    };
    const logger: Logger = { debug: write, info: write, warn: write, error: write };
    const broken = new StoreError('STORE_DAMAGED', 'EIO: /srv/private/registry/blobs/ab is damaged');
    await using own = await startOwnRegistry({
      access,
      logger,
      gate: () => ({
        enter: () => {
          throw broken;
        },
        judge: () => undefined,
      }),
    });
    const headers = { ...owner, cookie: 'session=cookie-secret', 'x-registry-auth': 'other-secret' };
    const answer = await own.ask('GET', 'secret/app/manifests/v1?token=query-secret', { headers });
    assert.equal(answer.status, 503);
    assert.match(answer.body.toString(), /"UNAVAILABLE"/);
    assert.doesNotMatch(answer.body.toString(), /private|EIO|at .*\.ts/);
    assert.ok(logged.length > 0);
    // With what stands in errors besides their messages.
    const text = inspect(logged, { depth: 10, maxStringLength: null });
    assert.doesNotMatch(text, /cookie-secret|other-secret|query-secret/);
    assert.equal(text.includes(owner.authorization.slice('Basic '.length)), false);
  });
});
