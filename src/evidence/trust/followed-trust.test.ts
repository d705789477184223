import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { trustLab } from '../../../testing/registry/gate/trust-lab.ts';
import { freshKeyRing, type Sigstore, startTestSigstore } from '../../../testing/sigstore.ts';
import type { TrustMaterial } from '../../signing/trust/trust-material.ts';
import { anchorOf, type TufAnchor, tufFolder } from '../../signing/trust/tuf/anchor.ts';
import { FollowedTrust } from './followed-trust.ts';
import { trustLimits } from './limits.ts';

const name = 'trusted_root.json';
const hour = 3_600_000;

const anchorTo = async ({ tufUrl, tufRoot }: Pick<Sigstore, 'tufUrl' | 'tufRoot'>): Promise<TufAnchor> =>
  (await anchorOf(tufUrl, tufRoot)) as TufAnchor;

const publish = (sigstore: Sigstore, value: object): void =>
  sigstore.publish([{ name, bytes: Buffer.from(JSON.stringify(value)) }]);

test('FollowedTrust begins with what comes with the program, and asks nobody for that', async () => {
  using folder = temporaryDirectory();
  await using lab = trustLab(folder.path, true);
  const anchor = (await anchorOf()) as TufAnchor;
  const changes: TrustMaterial[] = [];
  await using trust = await FollowedTrust.open(anchor, lab, (material) => changes.push(material));
  assert.ok((trust.material?.authorities.length ?? 0) > 0);
  assert.deepEqual([lab.asked, lab.ends], [[], [0]]);
  assert.deepEqual(readdirSync(folder.path), []);
  // Where the network is switched off, it is found out once.
  for (let rounds = 0; rounds < 3; rounds += 1) await lab.round();
  assert.deepEqual([lab.asked.length, lab.outcomes, lab.told.length], [1, ['unreachable'], 1]);
  assert.deepEqual(changes, [trust.material]);
});

test('FollowedTrust follows a repository, as often as its clock says, and takes over another root', async () => {
  await using sigstore = await startTestSigstore();
  using folder = temporaryDirectory();
  await using lab = trustLab(folder.path);
  const changes: TrustMaterial[] = [];
  await using trust = await FollowedTrust.open(await anchorTo(sigstore), lab, (material) => changes.push(material));
  assert.deepEqual([trust.material, lab.asked], [undefined, []], 'nobody knows anything of it yet');
  await lab.round();
  assert.equal(trust.material?.logs.length, (sigstore.trustedRoot['tlogs'] as unknown[]).length);
  assert.deepEqual(lab.outcomes, ['done']);
  assert.ok((lab.ends.at(-1) ?? 0) > Date.now());
  const [asked, before] = [lab.asked.length, trust.material];
  publish(sigstore, { ...sigstore.trustedRoot, tlogs: [] });
  await lab.round();
  assert.deepEqual([lab.asked.length, trust.material], [asked, before], 'not due yet');
  lab.clock.set(lab.clock.now() + trustLimits.age);
  await lab.round();
  assert.deepEqual(trust.material?.logs, []);
  assert.deepEqual(lab.outcomes, ['done', 'done']);
  // The same root again is no other one.
  lab.clock.set(lab.clock.now() + trustLimits.age);
  await lab.round();
  assert.deepEqual([lab.outcomes.length, changes.length], [3, 2]);
  assert.deepEqual(lab.told, []);
});

test('FollowedTrust keeps what it knows while the repository is down, and says so once', async () => {
  await using sigstore = await startTestSigstore();
  using folder = temporaryDirectory();
  await using lab = trustLab(folder.path);
  await using trust = await FollowedTrust.open(await anchorTo(sigstore), lab, () => undefined);
  await lab.round();
  const known = trust.material;
  sigstore.faults.add({ kind: 'status', service: 'tuf', status: 503 });
  lab.clock.set(lab.clock.now() + 400 * 24 * hour);
  await lab.round();
  const asked = lab.asked.length;
  await lab.round();
  assert.equal(lab.asked.length, asked, 'it is not asked again at once');
  lab.clock.set(lab.clock.now() + trustLimits.retry);
  await lab.round();
  assert.equal(trust.material, known);
  assert.deepEqual(lab.outcomes, ['done', 'unreachable', 'unreachable']);
  assert.equal(lab.told.length, 1);
  assert.match(lab.told[0] ?? '', /cannot be asked/);
  // A registry that starts meanwhile knows the same, however old it is.
  await using later = trustLab(folder.path, true);
  await using again = await FollowedTrust.open(await anchorTo(sigstore), later, () => undefined);
  assert.deepEqual([again.material, later.asked], [known, []]);
  sigstore.faults.clear();
  lab.clock.set(lab.clock.now() + trustLimits.retry);
  await lab.round();
  assert.equal(lab.outcomes.at(-1), 'done');
  assert.match(lab.told[1] ?? '', /up to date again/);
});

test('FollowedTrust is led back to nothing older, and takes nothing that is signed by others', async () => {
  const keys = freshKeyRing();
  using folder = temporaryDirectory();
  await using sigstore = await startTestSigstore({ keys });
  await using lab = trustLab(folder.path);
  const anchor = await anchorTo(sigstore);
  let known: TrustMaterial | undefined;
  {
    await using trust = await FollowedTrust.open(anchor, lab, () => undefined);
    await lab.round();
    known = trust.material;
    publish(sigstore, { ...sigstore.trustedRoot, tlogs: [] });
    sigstore.faults.add({ kind: 'spoil', what: 'tuf.wrong-signature' });
    lab.clock.set(lab.clock.now() + trustLimits.age);
    await lab.round();
    assert.equal(trust.material, known);
    assert.deepEqual(lab.outcomes, ['done', 'refused']);
  }
  // The same repository as it was two hours ago, from who holds its answers back.
  await using older = await startTestSigstore({ keys, now: () => new Date(Date.now() - 2 * hour) });
  assert.deepEqual(older.tufRoot, sigstore.tufRoot);
  const asked = trustLab(folder.path);
  await using _asked = asked;
  asked.clock.set(lab.clock.now() + trustLimits.age);
  const redirected = { ...asked, network: { ...asked.network, request: toward(asked.network, sigstore, older) } };
  await using trust = await FollowedTrust.open(anchor, redirected, () => undefined);
  await asked.round();
  assert.deepEqual(asked.outcomes, ['refused']);
  assert.deepEqual(trust.material, known);
  assert.match(asked.told[0] ?? '', /cannot be trusted/);
});

test('FollowedTrust takes over what another process fetched, and nothing older for what is damaged', async () => {
  await using sigstore = await startTestSigstore();
  using folder = temporaryDirectory();
  const shipped = Buffer.from(JSON.stringify({ ...sigstore.trustedRoot, ctlogs: [] }));
  const seed = { root: sigstore.tufRoot, targets: new Map([[name, shipped]]) };
  const anchor = { ...(await anchorTo(sigstore)), seed };
  await using one = trustLab(folder.path);
  await using other = trustLab(folder.path);
  await using first = await FollowedTrust.open(anchor, one, () => undefined);
  await using second = await FollowedTrust.open(anchor, other, () => undefined);
  await one.round();
  await other.round();
  assert.deepEqual(second.material, first.material);
  assert.deepEqual(other.asked, []);
  const known = second.material;
  publish(sigstore, { ...sigstore.trustedRoot, tlogs: [] });
  one.clock.set(one.clock.now() + trustLimits.age);
  await one.round();
  assert.deepEqual(first.material?.logs, []);
  const place = tufFolder(folder.path, sigstore.tufUrl);
  for (const generation of readdirSync(place).filter((entry) => /^\d/.test(entry))) {
    writeFileSync(join(place, generation, 'targets', name), '{}');
  }
  other.clock.set(one.clock.now());
  sigstore.faults.add({ kind: 'status', service: 'tuf', status: 503 });
  await other.round();
  assert.deepEqual([second.material, other.outcomes], [known, ['unreachable']]);
  sigstore.faults.clear();
  other.clock.set(other.clock.now() + trustLimits.retry);
  await other.round();
  assert.deepEqual([second.material?.logs, other.outcomes], [[], ['unreachable', 'done']]);
});

/** Asks one repository in place of another. */
function toward(
  network: FollowedTrustNetwork,
  { tufUrl: from }: Sigstore,
  { tufUrl: to }: Sigstore,
): FollowedTrustNetwork['request'] {
  return (request) => network.request({ ...request, url: String(request.url).replace(from, to) });
}

type FollowedTrustNetwork = ReturnType<typeof trustLab>['network'];
