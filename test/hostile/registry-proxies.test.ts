import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hashSync } from 'bcryptjs';
import { compileAuditFilter } from '../../src/registry/audit/filter.ts';
import { searchTrail } from '../../src/registry/audit/read-trail.ts';
import { type ServiceOfText, startServiceOf } from '../../testing/registry/service-of-text.ts';

const settings = (proxies: string): string => `
registry:
  listen: 127.0.0.1:0
  proxies: ${proxies}
  auth: { htpasswd: users, token: {} }
  permissions: [{ repositories: [team/**], actions: [pull], to: [authenticated] }]
`;
const users = { users: `alice:${hashSync('a', 4)}\n` };

const start = (proxies: string): Promise<ServiceOfText> => startServiceOf(settings(proxies), users);

/** Logs in from where a proxy says that it is. */
function login(
  own: ServiceOfText,
  headers: Readonly<Record<string, string>>,
  user = 'alice:wrong',
  path = '/token',
): Promise<number> {
  return own.ask('GET', path, { user, headers }).then(({ status }) => status);
}

/** Where refused logins came from, in the audit trail. */
async function refusedFrom(own: ServiceOfText): Promise<readonly (string | undefined)[]> {
  const { content } = own.service.registry;
  await content.wait(250);
  const found: (string | undefined)[] = [];
  for await (const { entry } of searchTrail(content.database, compileAuditFilter({ action: ['login'] }, 0))) {
    found.push(entry.address);
  }
  return found;
}

describe('where a request comes from', () => {
  test('is told by nobody but proxies that are named', async () => {
    for (const proxies of ['{}', '{ trusted: [10.0.0.0/8] }']) {
      await using own = await start(proxies);
      const lies = { 'x-forwarded-for': '203.0.113.1', forwarded: 'for=203.0.113.2', 'x-real-ip': '203.0.113.3' };
      await login(own, lies);
      assert.deepEqual(await refusedFrom(own), ['127.0.0.1'], proxies);
    }
  });

  test('is told by a named proxy in one header alone, at each door, and what a client writes before it is passed over', async () => {
    for (const [proxies, headers] of [
      ['{ trusted: [127.0.0.1] }', { 'x-forwarded-for': '1.1.1.1, 203.0.113.1', forwarded: 'for=2.2.2.2' }],
      [
        '{ trusted: [127.0.0.0/8], header: forwarded }',
        { forwarded: 'for="1.1.1.1, for="203.0.113.1:80";proto=https', 'x-forwarded-for': '2.2.2.2' },
      ],
    ] as const) {
      await using own = await start(proxies);
      await login(own, headers, 'alice:wrong', '/token');
      await login(own, headers, 'bob:wrong', '/v2/');
      await login(own, headers, 'carol:wrong', '/api/v1/repositories');
      assert.deepEqual(await refusedFrom(own), ['203.0.113.1', '203.0.113.1', '203.0.113.1'], proxies);
    }
  });

  test('is the proxy itself where that names no address', async () => {
    await using own = await start('{ trusted: [127.0.0.1] }');
    const texts = ['unknown', '', ',', '203.0.113.1, ', 'localhost', '203.0.113.1\\r\\n', '9'.repeat(8000)];
    for (const [at, text] of texts.entries()) await login(own, { 'x-forwarded-for': text }, `user-${at}:wrong`);
    assert.deepEqual(
      await refusedFrom(own),
      texts.map(() => '127.0.0.1'),
    );
  });

  test('decides whose guesses are slowed down, and nobody else is kept out behind the same proxy', async () => {
    await using own = await start('{ trusted: [127.0.0.1] }');
    const statuses: number[] = [];
    for (let at = 0; at < 6; at += 1) {
      // Whoever guesses writes another address before each time.
      statuses.push(await login(own, { 'x-forwarded-for': `198.51.100.${at}, 203.0.113.1` }, `alice:guess-${at}`));
    }
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429]);
    assert.equal(await login(own, { 'x-forwarded-for': '203.0.113.1' }, 'alice:a'), 429);
    assert.equal(await login(own, { 'x-forwarded-for': '203.0.113.2' }, 'alice:a'), 200);
  });

  test('follows the settings while the registry runs', async () => {
    await using own = await start('{}');
    const headers = { 'x-forwarded-for': '203.0.113.1' };
    await login(own, headers);
    await own.apply(settings('{ trusted: [127.0.0.1] }'));
    await login(own, headers);
    assert.deepEqual(await refusedFrom(own), ['127.0.0.1', '203.0.113.1']);
    await assert.rejects(own.apply(settings('{ trusted: [0.0.0.0/0] }')), /all addresses that there are/);
    await assert.rejects(own.apply(settings('{ trusted: [10.0.0.1/8] }')), /by its first address/);
  });
});
