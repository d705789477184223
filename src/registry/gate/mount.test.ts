import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { makeFinding } from '../../../testing/policy/make-evidence.ts';
import { type GatedRegistry, noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import type { Digest } from '../../oci/digest.ts';
import type { ScanFacts } from './model.ts';

const bad: ScanFacts = {
  state: 'known',
  facts: { findings: [makeFinding()], incomplete: [] },
  at: 0,
  revision: '1',
};
const good: ScanFacts = { ...bad, facts: { findings: [], incomplete: [] } };
const pending: ScanFacts = { state: 'pending' };
const unavailable: ScanFacts = { state: 'unavailable', reason: 'the worker was killed' };

/** Images with one layer in common. */
const imageOf = (name: string): ReturnType<typeof buildImage> =>
  buildImage({ layers: [{ tar: [{ name: 'a', body: 'shared' }] }, { tar: [{ name: 'b', body: name }] }] });

const shared = imageOf('any').layers[0]?.digest as Digest;

async function pushed(gated: GatedRegistry, repository: string, facts: ScanFacts): Promise<void> {
  gated.scans.set(await gated.push(repository, 'v1', imageOf(repository)), facts);
}

/** Mounts the layer, and tells with which status, and whether it is there then. */
async function mount(gated: GatedRegistry, target: string, from?: string): Promise<readonly [number, number]> {
  const query = `mount=${shared}${from === undefined ? '' : `&from=${from}`}`;
  const answer = await gated.own.ask('POST', `${target}/blobs/uploads/?${query}`);
  if (answer.status === 202) {
    assert.match(answer.headers.get('location') ?? '', new RegExp(`^/v2/${target}/blobs/uploads/[^?]+$`));
    assert.equal(answer.body.length, 0);
    assert.equal(answer.headers.get('docker-content-digest'), null);
  }
  return [answer.status, (await gated.own.ask('GET', `${target}/blobs/${shared}`)).status];
}

for (const [what, facts, kind] of [
  ['is refused', bad, 'denied'],
  ['is still to be scanned', pending, 'held'],
  ['cannot be judged', unavailable, 'held'],
] as const) {
  test(`openPolicyGate() lets nobody mount a layer of an image that ${what}, with a source or without`, async () => {
    await using gated = await startGatedRegistry({ rules: [noCriticals] });
    await pushed(gated, 'hidden', facts);
    assert.deepEqual(await mount(gated, 'mine', 'hidden'), [202, 404]);
    assert.deepEqual([gated.events.at(-1)?.kind, gated.events.at(-1)?.repository], [kind, 'hidden']);
    assert.deepEqual(await mount(gated, 'mine'), [202, 404]);
    // Nobody was held for it.
    assert.deepEqual(gated.clock.pauses, []);
    assert.deepEqual(
      await gated.own.registry.content.database.all(
        "SELECT l.digest FROM repository_blobs l JOIN repositories r ON r.id = l.repository WHERE r.name = 'mine'",
      ),
      [],
    );
    gated.scans.set(imageOf('hidden').descriptor.digest, { ...good, revision: '2' });
    assert.deepEqual(await mount(gated, 'mine', 'hidden'), [201, 200]);
  });
}

test('openPolicyGate() lets a blob be mounted from anywhere only where an image of that repository passes', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  await pushed(gated, 'a-hidden', bad);
  await pushed(gated, 'b-open', good);
  // Of another image with the same layer; which repository it came from is what counts.
  assert.deepEqual(await mount(gated, 'mine', 'a-hidden'), [202, 404]);
  assert.deepEqual(await mount(gated, 'mine'), [201, 200]);
  gated.scans.set(imageOf('b-open').descriptor.digest, { ...bad, revision: '2' });
  assert.deepEqual(await mount(gated, 'yours', 'b-open'), [202, 404]);
});

test('openPolicyGate() lets nobody mount from the cache what no image of it names, and others mount what they pushed', async () => {
  await using gated = await startGatedRegistry(
    { rules: [noCriticals] },
    {},
    { isCached: (repository) => repository.startsWith('docker.io/') },
  );
  const { digest } = await gated.own.pushBlob('docker.io/app', 'a layer that is on its way');
  const ask = (from: string): Promise<{ readonly status: number }> =>
    gated.own.ask('POST', `mine/blobs/uploads/?mount=${digest}&from=${from}`);
  assert.equal((await ask('docker.io/app')).status, 202);
  await gated.own.pushBlob('team/app', 'a layer that is on its way');
  assert.equal((await ask('team/app')).status, 201);
});

test('openPolicyGate() lets those mount who may pull whatever the policy says, and everybody where there is none', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] });
  await pushed(gated, 'hidden', bad);
  gated.exempt = true;
  assert.equal((await mount(gated, 'signer', 'hidden'))[0], 201);
  gated.exempt = false;
  assert.equal((await mount(gated, 'mine', 'hidden'))[0], 202);
  gated.useNone();
  assert.equal((await mount(gated, 'mine', 'hidden'))[0], 201);
});
