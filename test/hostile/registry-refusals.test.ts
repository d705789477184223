import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { hashSync } from 'bcryptjs';
import type { AuditEntry } from '../../src/registry/audit/entry.ts';
import { compileAuditFilter } from '../../src/registry/audit/filter.ts';
import { searchTrail } from '../../src/registry/audit/read-trail.ts';
import { openSqliteDatabase } from '../../src/store/sql/sqlite/open.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { forwardClock } from '../../testing/registry/forward-clock.ts';
import { statusOf, tokenOf } from '../../testing/registry/service-logins.ts';
import { type ServiceOfText, startServiceOf } from '../../testing/registry/service-of-text.ts';
import { basicHeader } from '../../testing/registry/table-access.ts';
import { startTestService } from '../../testing/registry/test-service.ts';

const settings = `
registry:
  listen: 127.0.0.1:0
  metrics: { listen: 127.0.0.1:0 }
  auth: { htpasswd: users, robots: true, token: {} }
  permissions: [{ repositories: [team/**], actions: [pull], to: [authenticated] }]
`;

describe('a login that is refused', () => {
  async function refusals(own: ServiceOfText): Promise<readonly AuditEntry[]> {
    await own.service.registry.content.wait(250);
    const found: AuditEntry[] = [];
    for await (const { entry } of searchTrail(own.service.registry.content.database, compileAuditFilter({}, 0))) {
      found.push(entry);
    }
    return found;
  }

  test('is in the audit trail, by whichever door: wrong, throttled, or one that could not be judged', async () => {
    const clock = forwardClock();
    await using own = await startServiceOf(settings, { users: `alice:${hashSync('a', 4)}\n` }, { clock });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const grant = (rest: string): { headers: typeof form; body: string } => ({
      headers: form,
      body: `client_id=x&service=seaworthy&${rest}`,
    });
    // Nothing of these is a login that was refused.
    for (const request of [{}, { user: 'alice:a' }]) {
      await own.ask('GET', '/v2/', request);
      await own.ask('GET', '/v2/team/app/manifests/a', request);
    }
    await own.ask('GET', '/token');
    await own.ask('GET', '/token', { user: 'alice:a' });
    assert.deepEqual(await refusals(own), []);
    await own.ask('GET', '/token', { user: 'alice:one-secret', headers: { 'user-agent': 'docker/29' } });
    await own.ask('POST', '/token', grant('grant_type=password&username=robot%2Bci&password=two-secret'));
    await own.ask('POST', '/token', grant('grant_type=refresh_token&refresh_token=three-secret'));
    await own.ask('GET', '/v2/', { user: 'bob:four-secret' });
    await own.ask('GET', '/api/v1/repositories', { user: 'carol:five-secret' });
    // Later ones of the five that are free, and one that is not heard any more.
    for (let at = 0; at < 5; at += 1) await own.ask('GET', '/token', { user: `alice:six-secret-${at}` });
    rmSync(join(own.folder.path, 'users'));
    clock.ahead += 5000;
    await own.ask('GET', '/token', { user: 'dave:seven-secret' });
    const entries = await refusals(own);
    assert.equal(JSON.stringify(entries).includes('secret'), false);
    assert.deepEqual(
      entries.map(({ actor, action, outcome, reason = '' }) => [
        actor.kind === 'anonymous' ? 'anonymous' : `${actor.kind}:${actor.name}`,
        action,
        outcome,
        reason.split(/[,:]/, 1)[0],
      ]),
      [
        ['user:alice', 'login', 'denied', 'What was shown is not right'],
        ['robot:ci', 'login', 'denied', 'What was shown is not right'],
        ['anonymous', 'login', 'denied', 'What was shown is not right'],
        ['user:bob', 'login', 'denied', 'What was shown is not right'],
        ['user:carol', 'login', 'denied', 'What was shown is not right'],
        ['user:alice', 'login', 'denied', 'Not heard'],
        ['user:dave', 'login', 'failed', 'Who it is could not be looked up'],
      ],
    );
    const { address, userAgent } = entries[0] as AuditEntry;
    assert.deepEqual([address, userAgent], ['127.0.0.1', 'docker/29']);
  });

  test('by a token that is wrong, made up, or at its end, is in the audit trail, once for each minute', async () => {
    const clock = forwardClock();
    await using own = await startServiceOf(settings, { users: `alice:${hashSync('a', 4)}\n` }, { clock });
    const token = await tokenOf(own, 'alice:a');
    assert.equal(await statusOf(own, { token }), 404);
    assert.deepEqual(await refusals(own), []);
    const [head, body, signature] = token.split('.') as [string, string, string];
    for (const wrong of ['a.b.c', `${head}.${body}.${signature.slice(0, -4)}AAAA`]) {
      assert.equal(await statusOf(own, { token: wrong }), 401);
    }
    clock.ahead += 3_600_000;
    assert.equal(await statusOf(own, { token }), 401);
    const shown = (entries: readonly AuditEntry[]): unknown =>
      entries.map(({ actor, action, outcome, reason }) => [actor.kind, action, outcome, reason]);
    const reason = 'The token that was shown is not right, or no longer good';
    const first = ['anonymous', 'login', 'denied', reason];
    assert.deepEqual(shown(await refusals(own)), [first]);
    await using database = await openSqliteDatabase({ path: join(own.folder.path, 'data', 'registry.db') });
    await own.service[Symbol.asyncDispose]();
    const entries: AuditEntry[] = [];
    for await (const { entry } of searchTrail(database, compileAuditFilter({}, 0))) entries.push(entry);
    assert.deepEqual(shown(entries), [first, [...first.slice(0, 3), `2 more within a minute: ${reason}`]]);
    assert.equal(JSON.stringify(entries).includes(body), false);
  });

  test('as well as what somebody may not do, a challenge among it, is in the audit trail, and no step of a push', async () => {
    const text = settings.replace('[pull]', '[pull, push]');
    await using own = await startServiceOf(text, { users: `alice:${hashSync('a', 4)}\n` });
    const tokenFor = async (scope: string, user?: string): Promise<{ headers: { authorization: string } }> => {
      const answer = await own.ask(
        'GET',
        `/token?service=seaworthy&scope=${scope}`,
        user === undefined ? {} : { user },
      );
      return { headers: { authorization: `Bearer ${(JSON.parse(answer.body) as { token: string }).token}` } };
    };
    const pull = await tokenFor('repository:team/app:pull', 'alice:a');
    // With a token for less, as clients begin; they come back with one for more.
    assert.equal((await own.ask('POST', '/v2/team/app/blobs/uploads/', pull)).status, 401);
    const push = await tokenFor('repository:team/app:pull,push', 'alice:a');
    assert.equal((await own.ask('POST', '/v2/team/app/blobs/uploads/', push)).status, 202);
    assert.deepEqual(await refusals(own), []);
    const other = await tokenFor('repository:other/app:pull,push', 'alice:a');
    assert.equal((await own.ask('GET', '/v2/other/app/manifests/a', other)).status, 403);
    assert.equal((await own.ask('POST', '/v2/other/app/blobs/uploads/', other)).status, 403);
    assert.equal((await own.ask('DELETE', '/v2/team/app/manifests/a', push)).status, 403);
    const stranger = await tokenFor('repository:team/app:pull');
    assert.equal((await own.ask('GET', '/v2/team/app/manifests/a', stranger)).status, 401);
    assert.equal((await own.ask('GET', '/v2/team/app/manifests/a', stranger)).status, 401);
    assert.deepEqual(
      (await refusals(own)).map(({ actor, action, outcome, repository }) => [
        actor.name === '' ? actor.kind : actor.name,
        action,
        outcome,
        repository,
      ]),
      [
        ['alice', 'pull', 'denied', 'other/app'],
        ['alice', 'push', 'denied', 'other/app'],
        ['alice', 'delete', 'denied', 'team/app'],
        ['anonymous', 'pull', 'denied', 'team/app'],
      ],
    );
  });

  test('is not written each time by who floods the registry with them, but counted', async () => {
    using folder = temporaryDirectory();
    const text = `auth: { robots: true, token: {} }`;
    const count = 700;
    {
      await using own = await startTestService({ folder: folder.path, settings: [text] });
      const ask = (user: string): Promise<unknown> =>
        own.ask('GET', '/token', { headers: { authorization: basicHeader(user, 'x') } });
      await Promise.all(Array.from({ length: 300 }, () => ask('robot+ci')));
      await Promise.all(Array.from({ length: count - 300 }, (_, at) => ask(`robot+r${at}`)));
    }
    await using database = await openSqliteDatabase({ path: join(folder.path, 'data', 'registry.db') });
    const entries: AuditEntry[] = [];
    for await (const { entry } of searchTrail(database, compileAuditFilter({}, 0))) entries.push(entry);
    assert.equal(entries.length, 201);
    assert.equal(entries.at(-1)?.actor.kind, 'system');
    const others = /^(\d+) more logins were refused/.exec(entries.at(-1)?.reason ?? '');
    assert.equal(200 + Number(others?.[1]), count, 'each is told of');
  });
});
