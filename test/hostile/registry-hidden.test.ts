import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { apiRoutes } from '../../src/registry/api/routes.ts';
import { readUnverified } from '../../src/registry/auth/jwt/read-unverified.ts';
import { endpoints } from '../../src/registry/pipeline/endpoints.ts';
import { digestOfText } from '../../testing/registry/own-registry.ts';
import { type ServiceOfText, type ServiceAnswer, startServiceOf } from '../../testing/registry/service-of-text.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';
const owner = 'owner:o';

/** Two names of the same length, of which one is there. */
const [there, nowhere] = ['secret/app', 'secret/nil'] as const;

const settings = (token: string): string => `
registry:
  listen: 127.0.0.1:0
  auth:
    htpasswd: users
${token}
    anonymous: [{ repositories: [public/**], actions: [pull, list] }]
  permissions:
    - { repositories: ['**'], actions: ['*'], to: [user:owner] }
    - { repositories: [mallory/**], actions: ['*'], to: [user:mallory] }
`;

/** What somebody has in their hands: headers for a request. */
type Hands = (own: ServiceOfText, repository: string) => Promise<Readonly<Record<string, string>>>;

const hands: Readonly<Record<string, Hands>> = {
  'a stranger': () => Promise.resolve({}),
  'another user': () => Promise.resolve({ authorization: `Basic ${btoa('mallory:m')}` }),
  'another user with a token that was asked for it': async (own, repository) => {
    const query = `service=seaworthy&scope=repository:${repository}:pull,push,delete&scope=repository:mallory/a:pull`;
    const { body } = await own.ask('GET', `/token?${query}`, { user: 'mallory:m' });
    return { authorization: `Bearer ${(JSON.parse(body) as { token: string }).token}` };
  },
  'another user with a token for something else': async (own) => {
    const { body } = await own.ask('GET', '/token?scope=repository:mallory/a:pull', { user: 'mallory:m' });
    return { authorization: `Bearer ${(JSON.parse(body) as { token: string }).token}` };
  },
};

/** Everything that an answer tells, with the name of what was asked for left out. */
function told({ status, headers, body }: ServiceAnswer, repository: string): string {
  const { date: _, ...rest } = Object.fromEntries(headers);
  return JSON.stringify({ status, rest, body })
    .replaceAll(repository, 'NAME')
    .replaceAll(encodeURIComponent(repository), 'NAME');
}

for (const [kind, token] of [
  ['basic authentication', ''],
  ['tokens', '    token: {}'],
] as const) {
  describe(`what is hidden from those without rights, with ${kind}`, () => {
    let own: ServiceOfText;
    const blob = digestOfText('a layer');
    const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: blob, size: 7 };
    const image = JSON.stringify({ schemaVersion: 2, mediaType: imageType, config, layers: [] });
    const manifest = digestOfText(image);
    const signature = JSON.stringify({
      ...(JSON.parse(image) as object),
      subject: { mediaType: imageType, digest: manifest, size: image.length },
    });
    let upload = '';
    before(async () => {
      const users = Object.entries({ owner: 'o', mallory: 'm' }).map(([name, word]) => `${name}:${hashSync(word, 4)}`);
      own = await startServiceOf(settings(token), { users: `${users.join('\n')}\n` });
      const body = 'a layer';
      assert.equal(
        (await own.ask('POST', `/v2/${there}/blobs/uploads/?digest=${blob}`, { user: owner, body })).status,
        201,
      );
      const headers = { 'content-type': imageType };
      for (const [reference, bytes] of [
        ['v1', image],
        [digestOfText(signature), signature],
      ] as const) {
        const put = await own.ask('PUT', `/v2/${there}/manifests/${reference}`, { user: owner, headers, body: bytes });
        assert.equal(put.status, 201);
      }
      const begun = await own.ask('POST', `/v2/${there}/blobs/uploads/`, { user: owner });
      upload = (begun.headers.get('location') ?? '').slice(`/v2/${there}/blobs/uploads/`.length);
      // Mallory has a repository, in which nothing of that is.
      await own.ask('POST', `/v2/mallory/a/blobs/uploads/?digest=${digestOfText('own')}`, {
        user: 'mallory:m',
        body: 'own',
      });
    });
    after(() => own[Symbol.asyncDispose]());

    const places: Readonly<Record<string, readonly ((name: string) => string)[]>> = {
      base: [],
      catalog: [],
      tags: [(name) => `/v2/${name}/tags/list`, (name) => `/v2/${name}/tags/list?n=1&last=a`],
      manifest: [
        (name) => `/v2/${name}/manifests/v1`,
        (name) => `/v2/${name}/manifests/${manifest}`,
        (name) => `/v2/${name}/manifests/${manifest}?tag=v1`,
      ],
      blob: [(name) => `/v2/${name}/blobs/${blob}`],
      referrers: [(name) => `/v2/${name}/referrers/${manifest}`],
      uploads: [
        (name) => `/v2/${name}/blobs/uploads/`,
        (name) => `/v2/${name}/blobs/uploads/?digest=${blob}`,
        (name) => `/v2/${name}/blobs/uploads/?mount=${blob}`,
        (name) => `/v2/${name}/blobs/uploads/?mount=${blob}&from=mallory/a`,
      ],
      upload: [
        (name) => `/v2/${name}/blobs/uploads/${upload}`,
        (name) => `/v2/${name}/blobs/uploads/${upload}?digest=${blob}`,
      ],
    };
    assert.deepEqual(Object.keys(places), Object.keys(endpoints), 'every kind of path is tried');

    for (const [who, headersOf] of Object.entries(hands)) {
      if (who.includes('token') && token === '') continue;
      for (const [endpoint, methods] of Object.entries(endpoints)) {
        test(`${who} is told the same of ${endpoint}, whether it is there or not`, async () => {
          for (const place of places[endpoint] ?? []) {
            for (const method of Object.keys(methods)) {
              const answers = [];
              for (const name of [there, nowhere]) {
                const headers = { ...(await headersOf(own, name)), 'content-type': imageType };
                const body = method === 'GET' || method === 'HEAD' ? {} : { body: image };
                const answer = await own.ask(method, place(name), { headers, ...body });
                assert.ok([401, 403].includes(answer.status), `${method} ${place(name)}: ${answer.status}`);
                answers.push(told(answer, name));
              }
              assert.equal(answers[0], answers[1], `${method} ${place(there)}`);
            }
          }
        });
      }

      test(`${who} is told the same by the API, whether it is there or not`, async () => {
        for (const { path } of apiRoutes) {
          if (!path.includes('{repository}')) continue;
          const answers = [];
          for (const name of [there, nowhere]) {
            const headers = await headersOf(own, name);
            const answer = await own.ask('GET', `/api/v1${path.replace('{repository}', encodeURIComponent(name))}`, {
              headers,
            });
            assert.ok([401, 403].includes(answer.status), `${path}: ${answer.status}`);
            answers.push(told(answer, name));
          }
          assert.equal(answers[0], answers[1], path);
        }
      });
    }

    test('lists show what somebody may list, and nothing counts the rest', async () => {
      const [stranger, mallory] = [{}, { user: 'mallory:m' }];
      assert.equal((await own.ask('GET', '/v2/_catalog', mallory)).body, '{"repositories":["mallory/a"]}');
      assert.equal((await own.ask('GET', '/v2/_catalog', stranger)).body, '{"repositories":[]}');
      const listed = JSON.parse((await own.ask('GET', '/api/v1/repositories', mallory)).body) as {
        items: { name: string }[];
      };
      assert.deepEqual(
        listed.items.map(({ name }) => name),
        ['mallory/a'],
      );
      assert.equal((await own.ask('GET', '/api/v1/repositories', stranger)).body, '{"items":[]}');
      // A number that grows, or does not, when something is pushed that others have would tell of it.
      assert.deepEqual(
        [
          (await own.ask('GET', '/api/v1/totals', stranger)).status,
          (await own.ask('GET', '/api/v1/totals', mallory)).status,
        ],
        [401, 403],
      );
      assert.equal((await own.ask('GET', '/api/v1/totals', { user: owner })).status, 200);
    });

    test('a mount from where somebody may not read is answered as one from nowhere', async () => {
      const answers = new Set<string>();
      for (const query of [
        `mount=${blob}&from=${there}`,
        `mount=${blob}&from=${nowhere}`,
        `mount=${blob}`,
        `mount=${digestOfText('x')}`,
        `mount=${manifest}&from=${there}`,
      ]) {
        const answer = await own.ask('POST', `/v2/mallory/b/blobs/uploads/?${query}`, { user: 'mallory:m' });
        assert.equal(answer.status, 202, query);
        const id = answer.headers.get('docker-upload-uuid') ?? '-';
        answers.add(told(answer, 'mallory/b').replaceAll(id, 'ID'));
      }
      assert.equal(answers.size, 1);
      for (const path of [`blobs/${blob}`, `manifests/${manifest}`]) {
        assert.equal((await own.ask('GET', `/v2/mallory/b/${path}`, { user: 'mallory:m' })).status, 404);
      }
    });

    if (token !== '') {
      test('a token says of what is hidden what it says of what is not there', async () => {
        const seen = [];
        for (const name of [there, nowhere]) {
          const answer = await own.ask('GET', `/token?service=seaworthy&scope=repository:${name}:*`, {
            user: 'mallory:m',
          });
          const {
            token: text,
            access_token: same,
            issued_at: _,
            ...rest
          } = JSON.parse(answer.body) as Record<string, string>;
          assert.equal(text, same);
          const claims = readUnverified(text ?? '')?.claims;
          seen.push([answer.status, rest, claims?.['access']]);
        }
        assert.deepEqual(seen[0], seen[1]);
        assert.deepEqual(seen[0], [200, { expires_in: 300 }, []]);
      });
    }
  });
}
