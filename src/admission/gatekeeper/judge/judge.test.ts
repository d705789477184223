import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyPolicy } from '../../../../testing/admission/admission-scene.ts';
import { openProviderScene, type ProviderScene } from '../../../../testing/admission/provider-scene.ts';
import { makeFinding, makeScan } from '../../../../testing/policy/make-evidence.ts';
import { makeSyntheticImage, storeImage } from '../../../../testing/registry/synthetic-image.ts';
import type { Evidence, Gathered, VulnerabilityFacts } from '../../../policy/evidence.ts';
import { localSigner } from '../../../signing/key/local-signer.ts';
import { generateKeyPair } from '../../../signing/key/private-key.ts';
import { imageLimits } from '../../image/limits.ts';
import type { FindingSource } from '../../source/registry-source.ts';
import type { VerifyValue } from '../value.ts';
import { gatekeeperLimits } from '../limits.ts';
import { scanFactsOf, type ScanFacts } from './scan-facts.ts';

const mine = localSigner((await generateKeyPair()).privateKey);

/** Has images of a team signed, and pinned. */
async function signedOnly(
  { lab, images }: ProviderScene,
  more: Partial<Parameters<typeof verifyPolicy>[0]> = {},
): Promise<void> {
  const references = [`${images.registry.host}/team/*`];
  await lab.policies(JSON.stringify(verifyPolicy({ key: mine, references, entry: { verifyDigest: false }, ...more })));
}

function valuesOf({ items = [] }: Awaited<ReturnType<ProviderScene['ask']>>): readonly VerifyValue[] {
  return items.map(({ value }) => value as VerifyValue);
}

test('an image is judged as a review is: what is signed passes and is called by its digest, what is not does not', async () => {
  await using scene = await openProviderScene();
  const { images, lab, ask, name } = scene;
  await signedOnly(scene);
  const app = name('team/app:v1');
  const [before] = valuesOf(await ask('verify', app));
  assert.deepEqual([before?.succeeded, before?.isSuccess], [false, false]);
  assert.match(before?.message ?? '', /check-image[\s\S]+failed to verify image/);
  assert.equal(before?.artifactReports[0]?.results[0]?.verifierName, 'check-image');
  const [refused] = (await ask('mutate', app)).items ?? [];
  assert.deepEqual([refused?.value, /failed to verify image/.test(refused?.error ?? '')], [null, true]);
  await images.signByTag(mine);
  lab.admission.images.forget();
  const [after] = valuesOf(await ask('verify', app));
  assert.deepEqual([after?.succeeded, after?.digest], [true, images.digest]);
  const pinned = `${app}@${images.digest}`;
  assert.equal((await ask('mutate', app)).items?.[0]?.value, pinned);
  // The same again for what was mutated, and for what no policy is about.
  assert.equal((await ask('mutate', pinned)).items?.[0]?.value, pinned);
  assert.equal((await ask('mutate', 'ghcr.io/other/app:1')).items?.[0]?.value, 'ghcr.io/other/app:1');
});

test('five hundred keys of one image are one verification', async () => {
  await using scene = await openProviderScene();
  const { images, ask, name } = scene;
  await signedOnly(scene);
  await images.signByTag(mine);
  const before = images.registry.requests.length;
  const keys = Array.from({ length: gatekeeperLimits.keys }, (_, at) => `[team-${at}]${name('team/app:v1')}`);
  const values = valuesOf(await ask('verify', ...keys));
  assert.deepEqual([values.length, values.every(({ succeeded }) => succeeded)], [gatekeeperLimits.keys, true]);
  const asked = images.registry.requests.slice(before).filter(({ path }) => path !== '/v2/');
  assert.ok(asked.length <= 4, asked.map(({ path }) => path).join('\n'));
  // Reviews go the same way.
  await Promise.all(keys.slice(0, 20).map((key) => ask('scan', key)));
  await ask('mutate', name('team/app:v1'));
  assert.equal(images.registry.requests.slice(before).filter(({ path }) => path.includes('.sig')).length, 1);
});

test('a namespace counts where the key names it, and what is excepted passes', async () => {
  await using scene = await openProviderScene({ settings: { exceptNamespaces: ['kube-system'] } });
  const { ask, name } = scene;
  const rule = { match: { any: [{ resources: { kinds: ['Pod'], namespaces: ['strict', 'kube-system'] } }] } };
  await signedOnly(scene, { rule });
  const app = name('team/app:v1');
  const succeeded = valuesOf(await ask('verify', `[strict]${app}`, `[loose]${app}`, app, `[kube-system]${app}`));
  assert.deepEqual(
    succeeded.map((value) => value.succeeded),
    [false, true, true, true],
  );
});

test('a registry that cannot be asked is an error of the system, and nothing that is kept', async () => {
  await using scene = await openProviderScene();
  const { images, ask, name } = scene;
  await signedOnly(scene);
  await images.signByTag(mine);
  images.registry.faults.add({ kind: 'status', status: 503, path: '/v2/team/app/manifests/' });
  const { items, systemError = '' } = await ask('verify', name('team/app:v1'), 'ghcr.io/other/app:1');
  assert.deepEqual(
    items?.map(({ key }) => key),
    ['ghcr.io/other/app:1'],
  );
  assert.match(systemError, /team\/app:v1/);
  const mutated = await ask('mutate', name('team/app:v1'));
  assert.deepEqual([mutated.items, (mutated.systemError ?? '') !== ''], [[], true]);
});

test('before policies were read nobody knows, and afterwards what no policy is about passes', async () => {
  await using scene = await openProviderScene();
  const { lab, ask } = scene;
  const { items, systemError = '' } = await ask('verify', 'nginx');
  assert.deepEqual([items, /were not read yet/.test(systemError)], [[], true]);
  await lab.policies();
  assert.deepEqual(valuesOf(await ask('verify', 'nginx'))[0]?.succeeded, true);
});

test('where digests are wanted, only what is mutated passes', async () => {
  await using scene = await openProviderScene();
  const { images, ask, name } = scene;
  await signedOnly(scene, { entry: {} });
  await images.signByTag(mine);
  const app = name('team/app:v1');
  const pinned = String((await ask('mutate', app)).items?.[0]?.value);
  assert.equal(pinned, `${app}@${images.digest}`);
  const values = valuesOf(await ask('verify', app, pinned));
  assert.deepEqual(
    values.map(({ succeeded }) => succeeded),
    [false, true],
  );
});

/** What a scan finds. */
function findingsOf(find: () => Gathered<VulnerabilityFacts>): FindingSource {
  return { revision: () => '1', find: () => Promise.resolve(find()) };
}

test('a scan tells the flaws of an image, and is pending until they are known', async () => {
  let found: Gathered<VulnerabilityFacts> = { state: 'pending' };
  const times = { ...imageLimits, silentTime: 0 };
  await using scene = await openProviderScene({ settings: { times }, parts: { findings: findingsOf(() => found) } });
  const { images, lab, ask, name } = scene;
  storeImage(images.registry.store, 'team/app', 'v1', makeSyntheticImage([{ a: '1' }]));
  await lab.policies();
  const pending = await ask('scan', name('team/app:v1'));
  assert.deepEqual([pending.items, /being scanned/.test(pending.systemError ?? '')], [[], true]);
  found = { state: 'unavailable', reason: 'there is no database' };
  const unavailable = await ask('scan', name('team/app:v1'));
  assert.deepEqual([unavailable.items, /there is no database/.test(unavailable.systemError ?? '')], [[], true]);
  found = makeScan([makeFinding(), makeFinding({ id: 'CVE-2026-2', severity: 'LOW', fixedVersions: [] })]);
  const [item] = (await ask('scan', `[team]${name('team/app:v1')}`)).items ?? [];
  assert.ok(item);
  const { succeeded, vulnerabilities } = item.value as VerifyValue & { readonly vulnerabilities: ScanFacts };
  assert.equal(succeeded, true);
  const { worst, total, fixable, counts, flaws } = vulnerabilities;
  assert.deepEqual([worst, total, fixable, counts.CRITICAL, counts.LOW], ['CRITICAL', 2, 1, 1, 1]);
  const [flaw] = flaws;
  assert.deepEqual(flaw, {
    id: 'CVE-2026-1000',
    severity: 'CRITICAL',
    package: 'openssl',
    version: '3.0.1',
    fixedVersions: ['3.0.9'],
    exploited: false,
  });
  // The registry is not asked again, and neither is the scan.
  const before = images.registry.requests.length;
  found = { state: 'pending' };
  assert.equal((await ask('scan', name('team/app:v1'))).items?.length, 1);
  assert.equal(images.registry.requests.length, before);
});

test('a scan where nobody scans says so, and one of no image is no answer that could change', async () => {
  await using scene = await openProviderScene();
  const { lab, ask, name } = scene;
  await lab.policies();
  const { items, systemError = '' } = await ask('scan', name('team/app:v1'), 'Not An Image');
  assert.match(systemError, /no vulnerability database/);
  assert.deepEqual(
    items?.map(({ key, error }) => [key, error]),
    [['Not An Image', 'the key is no name of an image']],
  );
});

test('scanFactsOf() adds platforms together, each flaw once, and knows nothing where one is not known', () => {
  const of = (vulnerabilities: Gathered<VulnerabilityFacts>): Evidence => ({ vulnerabilities }) as Evidence;
  const many = Array.from({ length: 150 }, (_, at) => makeFinding({ id: `CVE-${at}`, severity: 'MEDIUM' }));
  const problem = { code: 'X', subject: 'layer', message: 'a layer is damaged', incomplete: true } as const;
  const facts = scanFactsOf([
    of(makeScan([makeFinding(), ...many])),
    of(makeScan([makeFinding(), makeFinding({ id: 'CVE-0', severity: 'MEDIUM' })], { incomplete: [problem] })),
  ]) as ScanFacts;
  assert.deepEqual(
    [facts.total, facts.flaws.length, facts.more, facts.flaws[0]?.id, facts.complete, facts.problems],
    [151, 100, 51, 'CVE-2026-1000', false, ['a layer is damaged']],
  );
  assert.deepEqual(scanFactsOf([of(makeScan([])), of({ state: 'pending' })]), {
    reason: 'it is being scanned; try again in a moment',
  });
  const times = scanFactsOf([
    of(makeScan([], { databaseBuiltAt: 3000, databaseWholeAt: 2000 })),
    of(makeScan([], { databaseBuiltAt: 2500 })),
  ]) as ScanFacts;
  assert.deepEqual(
    [times.databaseBuiltAt, times.databaseWholeAt],
    ['1970-01-01T00:00:02.500Z', '1970-01-01T00:00:02.000Z'],
  );
  assert.ok('reason' in scanFactsOf([]));
  assert.equal((scanFactsOf([of(makeScan([]))]) as ScanFacts).worst, 'NONE');
});
