import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage, buildIndex, type BuiltContent } from '../../../testing/image/image-builder.ts';
import { putBuilt } from '../../../testing/registry/put-built.ts';
import { startGatedCache } from '../../../testing/registry/gate/gated-cache.ts';
import { noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import { makeFinding } from '../../../testing/policy/make-evidence.ts';
import type { Rule } from '../../policy/model.ts';
import type { ScanFacts } from './model.ts';

const image = (note: string): BuiltContent => buildImage({ layers: [{ tar: [{ name: 'note', body: note }] }] });
const indexOf = (content: BuiltContent): BuiltContent =>
  buildIndex([{ content, platform: { os: 'linux', architecture: 'amd64' } }]);

const releases: Rule = { ...noCriticals, match: { tags: [{ glob: 'v*' }] } };

const flawed: ScanFacts = {
  state: 'known',
  facts: { findings: [makeFinding()], incomplete: [] },
  at: Date.now(),
  revision: '1',
};

test('a rule about tags is about the images of an index that has the tag, by whatever name they are pulled', async () => {
  const child = image('of an index');
  const { digest } = child.descriptor;
  const layer = [...child.blobs].find(([, bytes]) => bytes[0] === 0x1f)?.[0] as string;
  const wrapped: readonly (readonly [what: string, content: BuiltContent])[] = [
    ['an index', indexOf(child)],
    ['an index in an index', indexOf(indexOf(child))],
  ];
  for (const [what, content] of wrapped) {
    await using gated = await startGatedRegistry({ rules: [releases] });
    gated.scans.set(digest, flawed);
    const ask = async (path: string): Promise<number> => (await gated.own.ask('GET', `app/${path}`)).status;
    await gated.push('app', 'latest', content);
    assert.equal(await ask(`manifests/${digest}`), 200, `${what} that is no release`);
    await gated.push('app', 'v1', content);
    assert.equal(await ask(`manifests/${digest}`), 403, what);
    assert.equal(await ask(`blobs/${layer}`), 403, what);
    // Elsewhere it has no such tag.
    await gated.push('other', 'latest', content);
    assert.equal((await gated.own.ask('GET', `other/manifests/${digest}`)).status, 200);
  }
});

test('what an upstream calls an image that is only asked for by its digest is not known, so that rules about tags are about it', async () => {
  await using cache = await startGatedCache();
  const { gated, upstream } = cache;
  const content = indexOf(image('pinned'));
  const child = image('pinned').descriptor.digest;
  putBuilt(upstream.store, 'app', content, 'latest');
  gated.use({ rules: [releases] });
  gated.scans.set(child, flawed);
  const ask = async (name: string): Promise<number> =>
    (await gated.own.ask('GET', `hub.test/app/manifests/${name}`)).status;
  assert.equal(await ask(child), 403, 'it may be any release');
  assert.equal(await ask('latest'), 200);
  assert.equal(await ask(child), 200, 'now it is known to be none');
  putBuilt(upstream.store, 'app', content, 'v1');
  assert.equal(await ask('v1'), 200, 'of an index, nothing is judged but its images');
  assert.equal(await ask(child), 403);
});
