import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage, buildIndex, type BuiltContent } from '../../../testing/image/image-builder.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { manualClock } from '../../../testing/manual-clock.ts';
import { makeFinding } from '../../../testing/policy/make-evidence.ts';
import { type GatedRegistry, noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import { interleaved } from '../../../testing/registry/gate/interleave.ts';
import { trustLab } from '../../../testing/registry/gate/trust-lab.ts';
import type { OwnAnswer } from '../../../testing/registry/own-registry.ts';
import { startTestSigstore } from '../../../testing/sigstore.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Digest } from '../../oci/digest.ts';
import { localSigner } from '../../signing/key/local-signer.ts';
import { generateKeyPair } from '../../signing/key/private-key.ts';
import { openKeylessSigner } from '../../signing/keyless/keyless-signer.ts';
import { parseIdentityToken } from '../../signing/keyless/token/identity-token.ts';
import { GateFiles } from './gate-files.ts';
import { trustLimits } from '../../evidence/trust/limits.ts';
import type { ScanFacts } from './model.ts';

const image = (note: string, more: object = {}): BuiltContent =>
  buildImage({ layers: [{ tar: [{ name: 'note', body: note }] }], ...more });

const known = (what: 'good' | 'bad', revision = '1'): ScanFacts => ({
  state: 'known',
  facts: { findings: what === 'bad' ? [makeFinding()] : [], incomplete: [] },
  at: 0,
  revision,
});

const bytesOf = ({ descriptor, blobs }: BuiltContent): string => (blobs.get(descriptor.digest) as Buffer).toString();

const pull = (gated: GatedRegistry, name = 'v1'): Promise<OwnAnswer> => gated.own.ask('GET', `app/manifests/${name}`);

/** A pause that no time ends. */
const sleep = (_: number, signal?: AbortSignal): Promise<void> =>
  new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)));

/** Begins a pull, and comes back when it is held for the scan of a digest. */
async function heldPull(gated: GatedRegistry, digest: Digest, name = 'v1'): Promise<{ answer: Promise<OwnAnswer> }> {
  const before = gated.scans.waiting(digest);
  const answer = pull(gated, name);
  while (gated.scans.waiting(digest) === before) await new Promise(setImmediate);
  return { answer };
}

const exceptFor = (until: number) => [
  { name: 'for-now', owner: 'team', reason: 'not reachable', until, ids: ['CVE-2026-1000'] },
];

const signed = { name: 'signed', action: 'deny', kind: 'signatures', signers: ['release'], atLeast: 1 } as const;

async function releaseKey(): Promise<{
  readonly pair: Awaited<ReturnType<typeof generateKeyPair>>;
  readonly pem: string;
  readonly signers: readonly [{ name: string; keys: readonly [{ pem: string }]; identities: readonly [] }];
}> {
  const pair = await generateKeyPair();
  const pem = pair.publicKey.key.export({ type: 'spki', format: 'pem' }).toString();
  return { pair, pem, signers: [{ name: 'release', keys: [{ pem }], identities: [] }] };
}

test('a tag that moves while its image is judged gives what was judged, and the next pull what it names then', async () => {
  const meanwhile = interleaved();
  await using gated = await startGatedRegistry({ rules: [noCriticals] }, {}, { origin: meanwhile.wrap });
  const [good, bad] = [image('good'), image('bad')];
  gated.scans.set(bad.descriptor.digest, known('bad'));
  gated.scans.set(good.descriptor.digest, known('good'));
  await gated.push('app', 'v1', good);
  meanwhile.on('blob', () => gated.push('app', 'v1', bad));
  const first = await pull(gated);
  assert.deepEqual([first.status, first.body.toString()], [200, bytesOf(good)]);
  meanwhile.on('blob', () => gated.push('app', 'v1', good));
  const second = await pull(gated);
  assert.equal(second.status, 403);
  assert.match(second.body.toString(), new RegExp(bad.descriptor.digest));
  assert.equal((await pull(gated)).body.toString(), bytesOf(good));
});

test('a tag that moves while its client is held gives what was scanned, or nothing', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] }, { sleep });
  for (const outcome of ['good', 'bad'] as const) {
    const [before, after] = [image(`${outcome} before`), image(`${outcome} after`)];
    const digest = await gated.push('app', 'v1', before);
    const { answer } = await heldPull(gated, digest);
    await gated.push('app', 'v1', after);
    gated.scans.set(digest, known(outcome));
    const { status, body } = await answer;
    if (outcome === 'good') assert.deepEqual([status, body.toString()], [200, bytesOf(before)]);
    else assert.equal(status, 403);
    const next = await heldPull(gated, after.descriptor.digest);
    gated.scans.set(after.descriptor.digest, known('bad'));
    assert.equal((await next.answer).status, 403);
  }
});

test('a tag that an image gets while its client is held counts for the rules about tags', async () => {
  const rule = { ...noCriticals, name: 'none-in-production', kind: 'source', deny: ['**'], match: { tags: ['prod'] } };
  const rules = [noCriticals, rule as unknown as typeof noCriticals];
  await using gated = await startGatedRegistry({ rules }, { sleep });
  const content = image('to be promoted');
  const digest = await gated.push('app', 'v1', content);
  const { answer } = await heldPull(gated, digest);
  await gated.push('app', 'prod', content);
  gated.scans.set(digest, known('good'));
  const { status, body } = await answer;
  assert.equal(status, 403);
  assert.match(body.toString(), /none-in-production/);
});

test('an exception that ends while a client is held lets nothing pass any more', async () => {
  await using gated = await startGatedRegistry({ rules: [] }, { sleep });
  const exceptions = exceptFor(gated.clock.now() + 60_000);
  gated.use({ rules: [noCriticals], exceptions });
  const digest = await gated.push('app', 'v1', image('excepted'));
  const { answer } = await heldPull(gated, digest);
  gated.clock.skip(60_001);
  gated.scans.set(digest, known('bad'));
  assert.equal((await answer).status, 403);
});

test('an exception that ends while another image of the index is judged lets nothing pass any more', async () => {
  const meanwhile = interleaved();
  await using gated = await startGatedRegistry({ rules: [] }, {}, { origin: meanwhile.wrap });
  const exceptions = exceptFor(gated.clock.now() + 60_000);
  gated.use({ rules: [noCriticals], exceptions }, { platforms: ['linux/amd64', 'linux/arm64'] });
  const children = (['amd64', 'arm64'] as const).map((architecture) => {
    const platform = { os: 'linux', architecture };
    return { content: image(architecture, { platform }), platform };
  });
  const [first, second] = children.map(({ content }) => content.descriptor.digest);
  gated.scans.set(first as Digest, known('bad'));
  gated.scans.set(second as Digest, known('good'));
  await gated.push('app', 'v1', buildIndex(children));
  meanwhile.on('blob', () => undefined);
  meanwhile.on('blob', () => Promise.resolve(gated.clock.skip(60_001)));
  assert.equal((await pull(gated)).status, 403);
});

test('an exception that is taken away counts for a client that is held', async () => {
  await using gated = await startGatedRegistry({ rules: [] }, { sleep });
  gated.use({ rules: [noCriticals], exceptions: exceptFor(gated.clock.now() + 60_000) });
  const digest = await gated.push('app', 'v1', image('excepted'));
  const { answer } = await heldPull(gated, digest);
  gated.use({ rules: [noCriticals] });
  gated.scans.set(digest, known('bad'));
  assert.equal((await answer).status, 403);
});

test('a key that is taken away counts for a client that is held, and for one that is being judged', async () => {
  const { pair, signers } = await releaseKey();
  const other = await releaseKey();
  const meanwhile = interleaved();
  await using gated = await startGatedRegistry({ rules: [] }, { sleep }, { origin: meanwhile.wrap });
  const content = image('signed');
  const digest = await gated.push('app', 'v1', content);
  await gated.sign('app', content, localSigner(pair.privateKey));
  gated.use({ rules: [noCriticals, signed], signers });
  const { answer } = await heldPull(gated, digest);
  gated.use({ rules: [noCriticals, signed], signers: other.signers });
  gated.scans.set(digest, known('good'));
  assert.equal((await answer).status, 403);
  gated.use({ rules: [signed], signers });
  // It was read by the old rules, and before they let it pass the new ones are there.
  meanwhile.on('referrers', () => {
    gated.use({ rules: [signed], signers: other.signers });
    return undefined;
  });
  assert.equal((await pull(gated)).status, 403);
  gated.use({ rules: [signed], signers });
  assert.equal((await pull(gated)).status, 200);
});

test('a policy that is taken away lets a client pass that is held', async () => {
  await using gated = await startGatedRegistry({ rules: [noCriticals] }, { sleep });
  const digest = await gated.push('app', 'v1', image('pending'));
  const { answer } = await heldPull(gated, digest);
  gated.useNone();
  gated.scans.set(digest, known('bad'));
  assert.equal((await answer).status, 200);
});

test('files that revoke trust count for the next pull: a key, the trusted root, the policy itself', async () => {
  await using sigstore = await startTestSigstore();
  const { pair, pem } = await releaseKey();
  using folder = temporaryDirectory();
  const policyOf = (rest: string): string =>
    `apiVersion: seaworthy.dev/v1alpha1\nkind: Policy\nspec:\n  signers: [{name: us, keys: [{file: key.pem}]}]\n  rules: [{name: signed, signatures: {signers: [us]}}${rest}]\n`;
  const root = JSON.stringify(sigstore.trustedRoot);
  const good = { 'key.pem': pem, 'trusted_root.json': root, 'policy.yaml': policyOf('') };
  for (const [name, text] of Object.entries(good)) folder.write(name, text);
  const path = (name: string): string => `${folder.path}/${name}`;
  const config = {
    policies: [path('policy.yaml')],
    trustedRoot: path('trusted_root.json'),
    holdMs: 0,
    retryAfterMs: 1,
    platforms: [],
    exempt: [],
    logKeys: true,
  };
  const clock = manualClock();
  await using lab = trustLab(folder.path, true);
  await using files = await GateFiles.open(config, { ...lab, everyMs: 10, clock, logger: silentLogger });
  await using gated = await startGatedRegistry({}, {}, { rules: () => files.rules });
  const content = image('signed and logged');
  await gated.push('app', 'v1', content);
  await gated.sign('app', content, localSigner(pair.privateKey), [{ url: sigstore.url, version: 1 }]);
  const looked = async (): Promise<void> => {
    const before = files.rules;
    for (let left = 20; left > 0 && files.rules === before; left -= 1) await clock.tick();
  };
  assert.equal((await pull(gated)).status, 200);
  for (const [name, revoked] of [
    ['key.pem', (await releaseKey()).pem],
    ['trusted_root.json', JSON.stringify({ ...sigstore.trustedRoot, tlogs: [] })],
    ['policy.yaml', policyOf(", {name: nothing, source: {deny: ['**']}}")],
  ] as const) {
    folder.write(name, revoked);
    await looked();
    assert.equal((await pull(gated)).status, 403, name);
    folder.write(name, good[name]);
    await looked();
    assert.equal((await pull(gated)).status, 200, name);
  }
});

test('a trusted root of a TUF repository counts for the next pull when it is another one, and stays while nobody answers', async () => {
  await using sigstore = await startTestSigstore();
  using folder = temporaryDirectory();
  folder.write(
    'policy.yaml',
    `apiVersion: seaworthy.dev/v1alpha1\nkind: Policy\nspec:\n  signers: [{name: us, identities: [{issuer: "${sigstore.issuers.email}", subjectRegex: .+@.+}]}]\n  rules: [{name: signed, signatures: {signers: [us]}}]\n`,
  );
  folder.write('root.json', sigstore.tufRoot);
  const config = {
    policies: [`${folder.path}/policy.yaml`],
    tufMirror: sigstore.tufUrl,
    tufRoot: `${folder.path}/root.json`,
    holdMs: 0,
    retryAfterMs: 1,
    platforms: [],
    exempt: [],
    logKeys: true,
  };
  await using lab = trustLab(`${folder.path}/data`);
  // Files are looked at by a clock of their own, which stands.
  const still = manualClock();
  const clock = {
    ...lab.clock,
    sleep: (ms: number, signal?: AbortSignal) => (ms === 1 ? still : lab.clock).sleep(ms, signal),
  };
  await using files = await GateFiles.open(config, { ...lab, clock, everyMs: 1 });
  await using gated = await startGatedRegistry({}, {}, { rules: () => files.rules });
  const content = image('signed and logged');
  await gated.push('app', 'v1', content);
  const token = parseIdentityToken(sigstore.token('email'), new Date());
  const signer = await openKeylessSigner(lab.network, sigstore.url, token);
  lab.asked.length = 0;
  await gated.sign('app', content, signer, [{ url: sigstore.url, version: 1 }]);
  const later = async (): Promise<void> => {
    lab.clock.set(lab.clock.now() + trustLimits.age);
    await lab.round();
  };
  const publish = (certificateAuthorities: unknown): void =>
    sigstore.publish([
      {
        name: 'trusted_root.json',
        bytes: Buffer.from(JSON.stringify({ ...sigstore.trustedRoot, certificateAuthorities })),
      },
    ]);
  const early = await pull(gated);
  assert.deepEqual([early.status, lab.asked], [503, []]);
  assert.match(early.body.toString(), /not known yet which authorities and logs are trusted/);
  await lab.round();
  assert.equal((await pull(gated)).status, 200);
  publish([]);
  assert.equal((await pull(gated)).status, 200);
  await later();
  assert.equal((await pull(gated)).status, 403);
  publish(sigstore.trustedRoot['certificateAuthorities']);
  sigstore.faults.add({ kind: 'status', service: 'tuf', status: 503 });
  await later();
  assert.equal((await pull(gated)).status, 403);
  sigstore.faults.clear();
  await later();
  assert.equal((await pull(gated)).status, 200);
});

test('a vulnerability database that is updated during a judgement counts, and what it was before is not remembered', async () => {
  const { pair, signers } = await releaseKey();
  const meanwhile = interleaved();
  await using gated = await startGatedRegistry(
    { rules: [noCriticals, signed], signers },
    {},
    { origin: meanwhile.wrap },
  );
  const content = image('soon bad');
  const digest = await gated.push('app', 'v1', content);
  await gated.sign('app', content, localSigner(pair.privateKey));
  gated.scans.set(digest, known('good', 'old'));
  // The findings of the old database were read, and its signature is still being looked for.
  meanwhile.on('referrers', () => Promise.resolve(gated.scans.set(digest, known('bad', 'new'))));
  assert.equal((await pull(gated)).status, 403);
  assert.equal((await pull(gated)).status, 403);
  // It changes as often as somebody looks. What was found at some time of the request stands, and the next pull looks again.
  let looks = 0;
  gated.scans.afterFind = () => {
    looks += 1;
    gated.scans.set(digest, looks % 2 === 1 ? known('bad', `${looks}`) : known('good', `${looks}`));
  };
  gated.scans.set(digest, known('good', '0'));
  await pull(gated);
  assert.ok(looks > 1 && looks < 20);
  gated.scans.afterFind = undefined;
  gated.scans.set(digest, known('bad', `${looks}`));
  assert.equal((await pull(gated)).status, 403);
});
