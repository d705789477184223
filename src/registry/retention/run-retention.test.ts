import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOfText, type OwnRegistry, startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import type { ContentEvent } from '../content/content.ts';
import { compileImmutableRules } from '../rule/immutable/compile.ts';
import { compileRetentionRules } from '../rule/retention/rules/compile.ts';
import { carryOut, type DatedPlan, planAll } from './run-retention.ts';

const day = 86_400_000;
const imageType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

async function pushImage(
  own: OwnRegistry,
  repository: string,
  tags: readonly string[],
  content: string,
): Promise<string> {
  const config = await own.pushBlob(repository, `{"of":"${content}"}`);
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [],
  });
  const digest = digestOfText(body);
  const query = tags.map((tag) => `tag=${tag}`).join('&');
  const headers = { 'content-type': imageType };
  assert.equal((await own.ask('PUT', `${repository}/manifests/${digest}?${query}`, { body, headers })).status, 201);
  return digest;
}

test('planAll() and carryOut() remove what rules say, and nothing that changed since', async () => {
  let time = 100 * day;
  await using own = await startOwnRegistry({ now: () => time });
  const { content } = own.registry;
  const old = await pushImage(own, 'app', ['old', 'v1'], 'old');
  const child = await pushImage(own, 'app', [], 'child');
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: indexType,
    manifests: [{ mediaType: imageType, digest: child, size: 1 }],
  });
  await own.ask('PUT', 'app/manifests/multi', { body: index, headers: { 'content-type': indexType } });
  const moved = await pushImage(own, 'app', ['moved'], 'moved');
  await pushImage(own, 'app', ['again'], 'again');
  await pushImage(own, 'other', ['old'], 'of another repository');
  time += 50 * day;
  const fresh = await pushImage(own, 'app', ['new'], 'new');

  const policy = compileRetentionRules([
    { name: 'old tags', kind: 'delete', repositories: ['app'], olderThan: '30d' },
    { name: 'untagged', kind: 'delete-untagged', repositories: ['app'], olderThan: '1d' },
  ]);
  const immutable = compileImmutableRules([{ name: 'releases', tags: ['v*'] }]);
  const plans: DatedPlan[] = [];
  for await (const plan of planAll(content, { policy, immutable })) plans.push(plan);
  assert.deepEqual(
    plans.map(({ repository }) => repository),
    ['app'],
  );
  const verdicts = Object.fromEntries(
    (plans[0] as DatedPlan).entries.filter(({ tag }) => tag !== undefined).map(({ tag, action }) => [tag, action]),
  );
  assert.deepEqual(verdicts, {
    again: 'delete',
    moved: 'delete',
    multi: 'delete',
    new: 'keep',
    old: 'delete',
    v1: 'skip',
  });

  time += 1000;
  await pushImage(own, 'app', ['moved'], 'moved meanwhile');
  // By a process whose clock is behind.
  time -= 60_000;
  await pushImage(own, 'app', ['again'], 'again');
  time += 60_000;
  const events: ContentEvent[] = [];
  const report = await carryOut(content, plans[0] as DatedPlan, (_, event) => {
    events.push(event);
    return Promise.resolve();
  });
  assert.equal(report.tags, 2, 'old and multi');
  const tags = (await own.ask('GET', 'app/tags/list')).json() as { tags: string[] };
  assert.deepEqual(tags.tags, ['again', 'moved', 'new', 'v1']);
  for (const [digest, status] of [
    [old, 200],
    [fresh, 200],
    [moved, 404],
    [digestOfText(index), 404],
    [child, 404],
  ] as const) {
    assert.equal((await own.ask('GET', `app/manifests/${digest}`)).status, status, digest);
  }
  assert.equal(
    events.every(({ rule }) => rule !== undefined),
    true,
    JSON.stringify(events),
  );
  assert.equal((await own.ask('GET', 'other/manifests/old')).status, 200);
});
