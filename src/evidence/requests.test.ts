import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  keySigner,
  openSignatureScene,
  outcomeOf,
  sceneRepository,
  type SignatureScene,
} from '../../testing/evidence/signature-scene.ts';
import { storeArtifact } from '../../testing/registry/attached.ts';
import type { TestRegistryOptions } from '../../testing/registry/test-registry.ts';
import { predicateTypes } from '../signing/statement/predicate-type.ts';
import { localSigner } from '../signing/key/local-signer.ts';
import { generateKeyPair } from '../signing/key/private-key.ts';
import type { Signer as SigningKey } from '../signing/signer.ts';
import { resolveImage } from './image/resolve-image.ts';

const [mine, second, third, theirs] = (await Promise.all([1, 2, 3, 4].map(() => generateKeyPair()))).map(
  ({ privateKey }) => localSigner(privateKey),
) as [SigningKey, SigningKey, SigningKey, SigningKey];
const signal = new AbortController().signal;

type Attach = (scene: SignatureScene, key: SigningKey) => Promise<void>;

const layouts: Readonly<Record<string, Attach>> = {
  'a legacy tag': (scene, key) => scene.signByTag(key),
  'a referrer of OCI 1.1': (scene, key) => scene.signByReferrer(key),
  'a bundle': (scene, key) => scene.signByBundle(key),
};

interface Counted {
  /** Paths, the image's own manifest among them. */
  readonly asked: readonly string[];
  readonly outcomes: readonly string[];
}

/** Resolves the image by its tag, and looks for the signatures of some signers, with a client that knows nothing yet. */
async function count(scene: SignatureScene, signers: readonly SigningKey[]): Promise<Counted> {
  const remote = scene.fresh();
  const before = scene.registry.requests.length;
  const { root } = await resolveImage(remote, { tag: 'v1' }, [], signal);
  assert.equal(root.digest, scene.digest);
  const names = signers.map((key, at) => keySigner(`signer-${at}`, key));
  const checks = await scene.look(names, { remote });
  const asked = scene.registry.requests
    .slice(before)
    // On loopback a client finds out first whether plain HTTP is spoken.
    .filter(({ path }) => path !== '/v2/')
    .map(({ path }) => path.replace(`/v2/${sceneRepository}/`, ''));
  return { asked, outcomes: names.map(({ name }) => outcomeOf(checks[name])) };
}

for (const [layout, attach] of Object.entries(layouts)) {
  test(`gatherAttached() takes four requests for an image signed by ${layout}, however many signers there are`, async () => {
    await using scene = await openSignatureScene();
    await attach(scene, mine);
    const one = await count(scene, [mine]);
    assert.deepEqual(one.outcomes, ['verified']);
    assert.equal(one.asked.length, 4, one.asked.join('\n'));
    // Each signature of another signer costs what it takes to read it; the look is the same.
    await attach(scene, second);
    await attach(scene, third);
    const three = await count(scene, [mine, second, third]);
    assert.deepEqual(three.outcomes, ['verified', 'verified', 'verified']);
    assert.equal(new Set(three.asked).size, three.asked.length);
    assert.equal(
      three.asked.length,
      layout === 'a legacy tag' ? 4 : layout === 'a bundle' ? 8 : 6,
      three.asked.join('\n'),
    );
  });
}

test('gatherAttached() takes four requests for a signed image with a bill of materials and provenance', async () => {
  await using scene = await openSignatureScene();
  await scene.attest(mine, predicateTypes.spdxjson, {});
  await scene.attest(mine, predicateTypes.slsaprovenance1, {});
  const bytes = Buffer.from('{}');
  const artifact = { artifactType: 'application/spdx+json', layers: [{ mediaType: 'text/spdx+json', bytes }] };
  storeArtifact(scene.registry.store, sceneRepository, { ...artifact, subject: scene.digest });
  await scene.signByBundle(mine);
  const { asked, outcomes } = await count(scene, [mine]);
  assert.deepEqual(outcomes, ['verified']);
  assert.equal(asked.length, 4, asked.join('\n'));
});

test('gatherAttached() asks no more for signers whom nobody signed for than for one', async () => {
  await using scene = await openSignatureScene();
  await scene.signByTag(mine);
  const one = await count(scene, [theirs]);
  const three = await count(scene, [theirs, second, third]);
  assert.deepEqual(one.asked, three.asked);
  // The manifest, the API, the tag with its payload, and the fallback tag: nothing is left unseen before it is said that there is none.
  assert.equal(one.asked.length, 5, one.asked.join('\n'));
  assert.match(three.outcomes[0] ?? '', /^1 signature was found and does not count/);
});

const withoutApi: TestRegistryOptions = { referrers: false };

test('gatherAttached() asks a registry without the API in a few requests more, and then as few', async () => {
  await using scene = await openSignatureScene(withoutApi);
  await scene.signByTag(mine);
  const { asked, outcomes } = await count(scene, [mine]);
  assert.deepEqual(outcomes, ['verified']);
  assert.equal(asked.length, 4, asked.join('\n'));

  await using bundled = await openSignatureScene(withoutApi);
  await bundled.signByBundle(mine, { byTag: true });
  const cold = await count(bundled, [mine]);
  assert.deepEqual(cold.outcomes, ['verified']);
  assert.equal(cold.asked.length, 6, cold.asked.join('\n'));
  // Once it is known that there is no such API, nobody asks for it.
  const before = bundled.registry.requests.length;
  await bundled.look([keySigner('a', mine)]);
  await bundled.look([keySigner('a', mine)]);
  const paths = bundled.registry.requests.slice(before).map(({ path }) => path);
  assert.equal(paths.filter((path) => path.includes('/referrers/')).length, 1);
  assert.equal(paths.slice(-3).filter((path) => path.includes('.sig')).length, 0, paths.join('\n'));
});

const byFallback = { byTag: true };
const places: Readonly<Record<string, readonly [Attach, TestRegistryOptions]>> = {
  'a tag': [layouts['a legacy tag'] as Attach, {}],
  'a tag, without the API': [layouts['a legacy tag'] as Attach, withoutApi],
  'a referrer': [layouts['a referrer of OCI 1.1'] as Attach, {}],
  'a referrer by the fallback tag': [(scene, key) => scene.signByReferrer(key, byFallback), withoutApi],
  'a bundle': [layouts['a bundle'] as Attach, {}],
  'a bundle by the fallback tag': [(scene, key) => scene.signByBundle(key, byFallback), withoutApi],
  // What a list calls something else may still be a signature.
  'a bundle that calls itself a bill of materials': [
    (scene, key) => scene.signByBundle(key, { predicateType: predicateTypes.spdxjson }),
    {},
  ],
  'such a bundle, in a list that says nothing': [
    (scene, key) => scene.signByBundle(key, { predicateType: predicateTypes.spdxjson }),
    { referrerHints: false },
  ],
  'a bundle, in a list that says nothing': [layouts['a bundle'] as Attach, { referrerHints: false }],
};

for (const [place, [attach, options]] of Object.entries(places)) {
  test(`gatherAttached() finds a signature in ${place}, though others are found first`, async () => {
    await using scene = await openSignatureScene(options);
    await attach(scene, mine);
    await scene.attestByTag(mine, predicateTypes.vuln, {});
    if (options !== withoutApi) await scene.signByBundle(theirs);
    const checks = await scene.look([keySigner('a', mine), keySigner('b', theirs)]);
    assert.equal(outcomeOf(checks['a']), 'verified');
  });
}

test('gatherAttached() looks on where two signers signed by one key and another might tell them apart', async () => {
  await using scene = await openSignatureScene();
  await scene.signByBundle(mine);
  await scene.signByTag(second);
  const both = { ...keySigner('both', mine), keys: [mine, second].flatMap((key) => keySigner('', key).keys) };
  const checks = await scene.look([both, keySigner('one', mine)]);
  const of = (name: string): readonly string[] => {
    const check = checks[name];
    return check?.state === 'known' && check.value.verified ? check.value.by : [];
  };
  assert.equal(of('both').length, 2);
  assert.equal(of('one').length, 1);
  // Alone, the first key is enough.
  const alone = await scene.look([both]);
  assert.equal(alone['both']?.state === 'known' && alone['both'].value.verified && alone['both'].value.by.length, 1);
});
