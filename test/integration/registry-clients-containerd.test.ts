import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Outcome } from '../../src/registry/pipeline/pipeline.ts';
import { type Containerd, startContainerd } from '../../testing/daemon/containerd.ts';
import { needsDaemon } from '../../testing/daemon/daemon-process.ts';
import { type BuiltContent, buildImage } from '../../testing/image/image-builder.ts';
import { writeFiles } from '../../testing/image/image-files.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { checkLayout, checkStored, store } from '../../testing/registry/check-layout.ts';
import { arm, contents, image, small } from '../../testing/registry/client-contents.ts';
import { layoutClients } from '../../testing/registry/client-programs.ts';
import { startCuttingProxy } from '../../testing/registry/cutting-proxy.ts';
import { findProgram } from '../../testing/registry/find-program.ts';
import { startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { startTeamService } from '../../testing/registry/team-service.ts';

const needed = needsDaemon('containerd', 'ctr');

/** Fails unless the store has this content under a reference, with every blob of it, byte by byte. */
async function checkHeld(held: Containerd, reference: string, { descriptor, blobs }: BuiltContent): Promise<void> {
  const line = (await held.run('images', 'ls', `name==${reference}`)).split('\n')[1] ?? '';
  assert.ok(line.includes(descriptor.digest), line);
  assert.ok(line.includes(descriptor.mediaType), line);
  for (const [digest, bytes] of blobs) assert.deepEqual(held.bytes(digest), bytes, digest);
}

describe('containerd', () => {
  for (const [name, content] of Object.entries(contents)) {
    test(`pushes ${name}, and an empty store gets it whole`, needed, async () => {
      await using own = await startOwnRegistry();
      await using containerd = await startContainerd();
      const reference = `${own.host}/team/${name}:v1`;
      await containerd.load(content, reference);
      await containerd.run('images', 'push', '--plain-http', reference);
      await checkStored(own, `team/${name}`, 'v1', content);
      await using empty = await startContainerd();
      await empty.run('content', 'fetch', '--plain-http', '--all-platforms', reference);
      await checkHeld(empty, reference, content);
      const crane = findProgram('crane') === undefined ? undefined : layoutClients[0];
      if (crane === undefined) return;
      await crane.pull(containerd.home, reference, containerd.home.path('by-crane'));
      checkLayout(containerd.home.path('by-crane'), content);
    });
  }

  test('pulls and unpacks the image of a platform, by tag and by digest', needed, async () => {
    await using own = await startOwnRegistry();
    await using containerd = await startContainerd();
    for (const [name, content] of Object.entries(contents)) {
      await store(own, `team/${name}`, '1', content);
      if (name === 'gzip-image') continue;
      await containerd.run('images', 'pull', '--plain-http', `${own.host}/team/${name}:1`);
    }
    const snapshots = await containerd.run('snapshots', 'ls');
    // The lowest layer is called as its tar.
    assert.ok(snapshots.includes(image.diffIds[0] as string), snapshots);
    await using other = await startContainerd();
    const { digest } = (contents['index'] as BuiltContent).descriptor;
    const reference = `${own.host}/team/index@${digest}`;
    await other.run('images', 'pull', '--plain-http', '--platform', 'linux/arm64/v8', reference);
    assert.deepEqual(other.bytes(arm.layers[0]?.digest as string), arm.blobs.get(arm.layers[0]?.digest as never));
    // Only what is asked for is fetched.
    assert.throws(() => other.bytes(image.config.digest));
    await assert.rejects(other.run('images', 'pull', '--plain-http', '--platform', 'linux/s390x', reference));
  });

  test('mounts what is there, and is told what is gone', needed, async () => {
    const outcomes: Outcome[] = [];
    await using own = await startOwnRegistry({ observe: (outcome) => void outcomes.push(outcome) });
    await using containerd = await startContainerd();
    const index = contents['index'] as BuiltContent;
    const [from, to] = [`${own.host}/team/from:1`, `${own.host}/team/to:1`];
    await containerd.load(index, from);
    await containerd.run('images', 'push', '--plain-http', from);
    outcomes.length = 0;
    await containerd.run('images', 'push', '--plain-http', from);
    assert.deepEqual(new Set(outcomes.map(({ method }) => method)), new Set(['HEAD']), 'all of it is there');
    // It remembers where blobs came from when it fetches them.
    await using second = await startContainerd();
    const push = (name: string): Promise<string> => second.run('images', 'push', '--plain-http', name);
    await second.run('content', 'fetch', '--plain-http', '--all-platforms', from);
    await second.run('images', 'tag', from, to);
    outcomes.length = 0;
    await push(to);
    await checkStored(own, 'team/to', '1', index);
    const of = (form: RegExp): number =>
      outcomes.filter(({ request, status }) => form.test(`${status} ${request.method} ${request.url}`)).length;
    assert.deepEqual([of(/^201 POST .*mount=.*from=team\/from/), of(/PUT .*\/blobs\//)], [7, 0]);

    await using empty = await startContainerd();
    const pull = (name: string): Promise<string> => empty.run('images', 'pull', '--plain-http', name);
    assert.equal((await own.ask('DELETE', 'team/to/manifests/1')).status, 202);
    await assert.rejects(pull(to), /not found/);
    const byDigest = `${own.host}/team/to@${index.descriptor.digest}`;
    await pull(byDigest);
    assert.equal((await own.ask('DELETE', `team/to/manifests/${index.descriptor.digest}`)).status, 202);
    await assert.rejects(pull(byDigest), /not found/);
    await push(to);
    await checkStored(own, 'team/to', '1', index);
  });

  test('goes on with a download where it broke', needed, async () => {
    const outcomes: Outcome[] = [];
    const bytes = Buffer.from(Array.from({ length: 6_000_000 }, (_, at) => (at * 2_654_435_761) >>> 11));
    const large = buildImage({ layers: [{ tar: [file('opt/large', bytes)], compression: 'none' }] });
    await using own = await startOwnRegistry({ observe: (outcome) => void outcomes.push(outcome) });
    await store(own, 'team/large', '1', large);
    await using proxy = await startCuttingProxy(own.host, { down: 2_000_000, times: 1 });
    await using containerd = await startContainerd();
    const reference = `${proxy.host}/team/large:1`;
    await containerd.run('content', 'fetch', '--plain-http', reference);
    assert.equal(proxy.cuts, 1);
    await checkHeld(containerd, reference, large);
    const parts = outcomes.filter(({ request, status }) => request.headers.range !== undefined && status === 206);
    assert.ok(parts.length > 0, 'it asked for the rest, and not for all');
  });

  for (const auth of ['basic', 'token'] as const) {
    test(`says who it is, and does what it may, with ${auth} authentication`, needed, async () => {
      await using served = await startTeamService(auth, false);
      const { host } = served;
      await using containerd = await startContainerd();
      for (const name of ['team', 'open', 'other']) await containerd.load(small, `${host}/${name}/app:1`);
      const push = (name: string, ...who: readonly string[]): Promise<string> =>
        containerd.run('images', 'push', '--plain-http', ...who, `${host}/${name}/app:1`);
      const sailor = ['--user', 'sailor:hold-fast'];
      await assert.rejects(push('team'), 'a stranger');
      await assert.rejects(push('team', '--user', 'sailor:let-go'), 'a wrong password');
      await push('team', ...sailor);
      await push('open', ...sailor);
      await assert.rejects(push('other', ...sailor), 'beyond the rights');
      await using empty = await startContainerd();
      const pull = (name: string, ...who: readonly string[]): Promise<string> =>
        empty.run('images', 'pull', '--plain-http', ...who, `${host}/${name}/app:1`);
      await pull('open');
      await assert.rejects(pull('team'), 'a stranger');
      await assert.rejects(pull('team', '--user', 'guest:guest'), 'a guest');
      await assert.rejects(pull('team', '--user', 'sailor:let-go'), 'a wrong password');
      await pull('team', ...sailor);
    });
  }

  test('finds the registry of an image by hosts.toml, and trusts its authority alone', needed, async () => {
    await using served = await startTeamService('token', true);
    const { host, authority = '' } = served;
    await using containerd = await startContainerd();
    const reference = 'registry.test/team/app:1';
    await containerd.load(small, reference);
    const toml = (ca: string): string => `
server = "https://registry.test"
[host."https://${host}"]
capabilities = ["pull", "resolve", "push"]
${ca}
`;
    const folders = { trusting: toml(`ca = "${containerd.home.path('ca.pem')}"`), strange: toml('') };
    writeFiles(containerd.home.folder, new Map([['ca.pem', Buffer.from(authority)]]));
    for (const [name, text] of Object.entries(folders)) {
      writeFiles(containerd.home.path(name), new Map([['registry.test/hosts.toml', Buffer.from(text)]]));
    }
    const flags = (folder: string): readonly string[] => [
      '--hosts-dir',
      containerd.home.path(folder),
      '--user',
      'sailor:hold-fast',
    ];
    await assert.rejects(containerd.run('images', 'push', ...flags('strange'), reference), /certificate/);
    await containerd.run('images', 'push', ...flags('trusting'), reference);
    await using empty = await startContainerd();
    await empty.run('images', 'pull', ...flags('trusting'), reference);
    await checkHeld(empty, reference, small);
  });
});
