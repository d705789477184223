import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage, buildIndex, type BuiltContent } from '../../../testing/image/image-builder.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { makeFinding } from '../../../testing/policy/make-evidence.ts';
import { type GatedRegistry, noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import { interleaved } from '../../../testing/registry/gate/interleave.ts';
import { systemClock } from '../../net/clock.ts';
import type { Digest } from '../../oci/digest.ts';
import type { FindingFacts } from '../../policy/evidence.ts';
import type { Policy } from '../../policy/model.ts';
import { attachmentTag } from '../../signing/cosign/tags.ts';
import { localSigner } from '../../signing/key/local-signer.ts';
import { generateKeyPair } from '../../signing/key/private-key.ts';
import { replaceEvidence } from '../../store/metadata/scan-packages.ts';
import { addScan, claimScan, finishScan } from '../../store/metadata/scans.ts';
import type { Content } from '../content/content.ts';
import { EvidenceCache } from '../scanning/evidence-cache.ts';
import { ScanQueue } from '../scanning/scan-queue.ts';
import { pack } from '../../scan/process/worker/pack.ts';
import { scansOf } from './scans-of.ts';
import type { ImageScans } from './model.ts';

const rule = { name: 'signed', action: 'deny', kind: 'signatures', signers: ['release'], atLeast: 1 } as const;

const image = (note: string): BuiltContent => buildImage({ layers: [{ tar: [{ name: 'note', body: note }] }] });

interface Replicas extends AsyncDisposable {
  readonly a: GatedRegistry;
  readonly b: GatedRegistry;
}

/** Two processes over one database and one blob store, each with a memory of its own. */
async function startReplicas(
  policy: Partial<Policy>,
  options: Parameters<typeof startGatedRegistry>[2] = {},
): Promise<Replicas> {
  await using opened = new AsyncDisposableStack();
  const folder = opened.use(temporaryDirectory()).path;
  const more = { ...options, registry: { folder } };
  const a = opened.use(await startGatedRegistry(policy, {}, more));
  const b = opened.use(await startGatedRegistry(policy, {}, more));
  const kept = opened.move();
  return { a, b, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function keyOf(): Promise<{
  readonly signer: ReturnType<typeof localSigner>;
  readonly policy: Partial<Policy>;
}> {
  const { privateKey, publicKey } = await generateKeyPair();
  const pem = publicKey.key.export({ type: 'spki', format: 'pem' }).toString();
  return {
    signer: localSigner(privateKey),
    policy: { rules: [rule], signers: [{ name: 'release', keys: [{ pem }], identities: [] }] },
  };
}

async function statusOf({ own }: GatedRegistry, name: string): Promise<number> {
  return (await own.ask('GET', `app/manifests/${name}`)).status;
}

/** What is attached to a digest, by the referrers API. */
async function attachedTo({ own }: GatedRegistry, digest: Digest): Promise<readonly Digest[]> {
  const { manifests } = (await own.ask('GET', `app/referrers/${digest}`)).json() as { manifests: { digest: Digest }[] };
  return manifests.map((one) => one.digest);
}

async function remove(gated: GatedRegistry, name: string): Promise<void> {
  assert.equal((await gated.own.ask('DELETE', `app/manifests/${name}`)).status, 202, name);
}

test('a signature that is attached at one replica, and taken away there, counts at once at the other', async () => {
  const { signer, policy } = await keyOf();
  await using replicas = await startReplicas(policy);
  const { a, b } = replicas;
  const content = image('signed');
  const digest = await a.push('app', 'v1', content);
  for (let round = 0; round < 2; round += 1) {
    // Both remember that it is not signed.
    assert.deepEqual([await statusOf(a, 'v1'), await statusOf(b, 'v1')], [403, 403], `round ${round}`);
    await a.sign('app', content, signer);
    assert.deepEqual([await statusOf(b, 'v1'), await statusOf(a, 'v1')], [200, 200], `round ${round}`);
    const [bundle] = await attachedTo(a, digest);
    await remove(a, bundle as Digest);
  }
  assert.deepEqual([await statusOf(b, 'v1'), await statusOf(a, 'v1')], [403, 403]);
});

test('a tag of signatures that is set and taken away counts at once at the other replica', async () => {
  const { signer, policy } = await keyOf();
  await using replicas = await startReplicas(policy);
  const { a, b } = replicas;
  const content = image('signed by a tag');
  const digest = await a.push('app', 'v1', content);
  assert.equal(await statusOf(b, 'v1'), 403);
  await a.signByTag('app', content, signer);
  assert.equal(await statusOf(b, 'v1'), 200);
  await remove(a, attachmentTag(digest, 'signature'));
  assert.equal(await statusOf(b, 'v1'), 403);
});

test('a signature of an index, and an index that names a signed image, count at once at the other replica', async () => {
  const { signer, policy } = await keyOf();
  await using replicas = await startReplicas(policy);
  const { a, b } = replicas;
  const child = image('child');
  const digest = await a.push('app', 'child', child);
  assert.equal(await statusOf(b, digest), 403);
  const index = buildIndex([{ content: child, platform: { os: 'linux', architecture: 'amd64' } }]);
  // It is signed before it is there.
  await a.sign('app', index, signer);
  assert.equal(await statusOf(b, digest), 403);
  await a.push('app', 'v1', index);
  assert.equal(await statusOf(b, digest), 200);
  await remove(a, index.descriptor.digest);
  assert.equal(await statusOf(b, digest), 403);
});

test('a signature that is attached while another client looks for one is not lost to the memory of what it found', async () => {
  const { signer, policy } = await keyOf();
  const meanwhile = interleaved();
  await using replicas = await startReplicas(policy, { origin: meanwhile.wrap });
  const { a, b } = replicas;
  const content = image('signed in time');
  const digest = await a.push('app', 'v1', content);
  await a.sign('app', content, signer);
  const [bundle] = await attachedTo(a, digest);
  // It was found, and is gone before the client gets anything.
  meanwhile.on('blob', () => undefined);
  meanwhile.on('blob', () => remove(a, bundle as Digest));
  assert.equal(await statusOf(b, 'v1'), 403);
  assert.equal(await statusOf(b, 'v1'), 403);
  // And the other way around, once that is forgotten.
  b.clock.skip(120_000);
  meanwhile.on('referrers', () => a.sign('app', content, signer));
  await statusOf(b, 'v1');
  assert.equal(await statusOf(b, 'v1'), 200);
});

/** The scans of one process, of what lies in the database. */
function storedScans({ database }: Content): ImageScans {
  const jobs = { addWithin: () => Promise.resolve(false), wake: () => undefined } as never;
  const evidence = new EvidenceCache(database);
  return scansOf(new ScanQueue({ database, jobs, evidence, clock: systemClock }), database, Date.now);
}

test('findings that one replica judged anew count for the next pull at the other', async () => {
  await using replicas = await startReplicas({ rules: [noCriticals] }, { scans: storedScans });
  const { a, b } = replicas;
  const digest = await a.push('app', 'v1', image('scanned'));
  const { database } = a.own.registry.content;
  const found = (findings: readonly FindingFacts[]): Promise<Buffer> =>
    pack(JSON.stringify({ problems: [], findings }));
  const first = await found([]);
  const scan = await database.transaction(async (queries) => {
    await addScan(queries, digest, 'app', 1);
    await claimScan(queries, digest, { claim: 'one', now: 1, until: 100 });
    const evidence = {
      signature: 's',
      isIncomplete: false,
      packages: 0,
      builtAt: 1,
      facts: '{"packages":[]}',
      inventory: first,
    };
    return finishScan(queries, digest, 'one', { ...evidence, content: first }, 2);
  });
  const judgedAnew = async (findings: readonly FindingFacts[], builtAt: number): Promise<void> => {
    const content = await found(findings);
    await database.transaction((queries) =>
      replaceEvidence(
        queries,
        { scan: scan as number, isIncomplete: false, content, facts: '{"packages":[]}' },
        builtAt,
        builtAt,
      ),
    );
  };
  assert.deepEqual([await statusOf(a, 'v1'), await statusOf(b, 'v1')], [200, 200]);
  await judgedAnew([makeFinding()], 10);
  assert.deepEqual([await statusOf(b, 'v1'), await statusOf(a, 'v1')], [403, 403]);
  await judgedAnew([], 20);
  assert.deepEqual([await statusOf(b, 'v1'), await statusOf(a, 'v1')], [200, 200]);
});
