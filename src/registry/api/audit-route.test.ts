import assert from 'node:assert/strict';
import { hashSync } from 'bcryptjs';
import test from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { askService, pushImage, serviceConfig, startOwnService } from '../../../testing/registry/own-service.ts';

const settings = `
registry:
  listen: 127.0.0.1:0
  auth:
    htpasswd: users
    robots: true
  permissions:
    - repositories: ['**']
      actions: ['*']
      to: [user:root]
    - repositories: ['**']
      actions: [pull, push, list]
      to: [user:alice]
    - repositories: [team/**]
      actions: ['*']
      to: [user:alice]
`;

interface Item {
  readonly time: string;
  readonly actor: { readonly kind: string; readonly name: string };
  readonly action: string;
  readonly repository?: string;
  readonly reference?: string;
  readonly traceId?: string;
  readonly hash: string;
}

test('GET /api/v1/audit tells who may do everything what was done, in pages', async () => {
  using folder = temporaryDirectory();
  folder.write('users', ['root', 'alice'].map((name) => `${name}:${hashSync(name, 4)}\n`).join(''));
  await using service = await startOwnService(await serviceConfig(folder, settings));
  const { url } = service;
  const [root, alice] = ['root:root', 'alice:alice'];
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  for (const tag of ['v1', 'v2', 'v3']) {
    assert.equal(await pushImage(url, 'team/app', tag, tag, { user: alice, headers: { traceparent } }), 201);
  }
  assert.equal(await pushImage(url, 'other', 'v1', 'x', { user: root }), 201);
  // Entries get their places in the chain within some tenths of a second.
  const get = async (query: string, user?: string): Promise<{ status: number; items: Item[]; next?: string }> => {
    const answer = await askService(url, 'GET', `/api/v1/audit${query}`, { user });
    return { status: answer.status, ...((await answer.json()) as { items: Item[]; next?: string }) };
  };
  for (let look = 0; (await get('', root)).items.length < 8 && look < 200; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const [user, status] of [
    [undefined, 401],
    [alice, 403],
    [root, 200],
  ] as const) {
    assert.equal((await get('', user)).status, status, user);
  }
  // Who was refused stands there too; a challenge to somebody who showed nothing is no refusal.
  const refused = async (): Promise<readonly Item[]> => (await get('?action=deny', root)).items;
  for (let look = 0; (await refused()).length < 1 && look < 200; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.deepEqual(
    (await refused()).map(({ actor, action, reference }) => [actor.name, action, reference]),
    [['alice', 'list', '/api/v1/audit']],
  );

  const tags = await get('?who=alice&image=team/*:v*&action=push', root);
  assert.deepEqual(
    tags.items.map(({ actor, action, repository, reference, traceId }) => [
      `${actor.kind}:${actor.name}`,
      action,
      repository,
      reference,
      traceId,
    ]),
    ['v1', 'v2', 'v3'].map((tag) => ['user:alice', 'push', 'team/app', tag, 'a'.repeat(32)]),
  );
  assert.equal(new Date(tags.items[0]?.time ?? '').toISOString(), tags.items[0]?.time);
  assert.match(tags.items[0]?.hash ?? '', /^[0-9a-f]{64}$/);

  const all = (await get('', root)).items.map(({ hash }) => hash);
  const paged: string[] = [];
  let next: string | undefined = '';
  while (next !== undefined) {
    const page = await get(`?limit=3&last=${next}`, root);
    paged.push(...page.items.map(({ hash }) => hash));
    next = page.next;
  }
  assert.deepEqual(paged, all);
  assert.deepEqual((await get('?action=delete,mount', root)).items, []);
  assert.deepEqual((await get('?until=1d', root)).items, []);
  assert.equal((await get('?since=1d', root)).items.length, all.length);
  for (const query of ['?action=drop', '?since=soon', '?last=x', '?who=', '?limit=0', '?outcome=perhaps', '?other=1']) {
    assert.equal((await get(query, root)).status, 400, query);
  }
});
