import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  keySigner,
  openSignatureScene,
  outcomeOf,
  sceneRepository,
  type SignatureScene,
} from '../../testing/evidence/signature-scene.ts';
import { storeArtifact } from '../../testing/registry/attached.ts';
import { instantClock } from '../../testing/registry/instant-clock.ts';
import { storeIndex, makeSyntheticImage } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';
import { openNetwork } from '../net/open-network.ts';
import type { Keychain } from '../oci/client/credential.ts';
import { RegistryClient } from '../oci/client/registry-client.ts';
import { type Digest, digestHex } from '../oci/digest.ts';
import { parseReference } from '../oci/reference.ts';
import type { AttestationCheck, Gathered } from '../policy/evidence.ts';
import type { Rule } from '../policy/model.ts';
import { encodeBundle } from '../signing/bundle/encode.ts';
import { localSigner } from '../signing/key/local-signer.ts';
import { generateKeyPair } from '../signing/key/private-key.ts';
import { signStatement } from '../signing/sign/sign-entity.ts';
import type { Signer as SigningKey } from '../signing/signer.ts';
import { predicateTypes, signPredicateType } from '../signing/statement/predicate-type.ts';

const network = openNetwork({ clock: instantClock() });
after(() => network[Symbol.asyncDispose]());
const [mine, theirs] = (await Promise.all([1, 2].map(() => generateKeyPair()))).map(({ privateKey }) =>
  localSigner(privateKey),
) as [SigningKey, SigningKey];
const services = { network, logs: [], timestampAuthorities: [] };

async function statements(
  scene: SignatureScene,
  predicateType: string,
  key: SigningKey = mine,
): Promise<Gathered<AttestationCheck> | undefined> {
  const rule: Rule = { name: 'r', action: 'deny', kind: 'attestation', predicateType, signers: ['a'], atLeast: 1 };
  const { attestations = {} } = await scene.gather({ rules: [rule], signers: [keySigner('a', key)] });
  return attestations[predicateType]?.['a'];
}

function known<Value>(gathered: Gathered<Value> | undefined): Value {
  assert.ok(gathered?.state === 'known', JSON.stringify(gathered));
  return gathered.value;
}

test('gatherAttached() takes no attestation for a signature, nor one of another type for the wanted one (CVE-2022-35929, CVE-2022-35930)', async () => {
  await using scene = await openSignatureScene();
  await scene.attest(mine, predicateTypes.vuln, { scanner: 'x' });
  // What a manifest says of its bundle is nobody's word.
  await scene.attest(mine, predicateTypes.spdxjson, {}, { predicateType: signPredicateType });
  await scene.attestByTag(mine, predicateTypes.slsaprovenance1, {});
  const checks = await scene.look([keySigner('a', mine)]);
  assert.match(outcomeOf(checks['a']), /^2 signatures were found and none counts: The statement says something else/);
  const vuln = known(await statements(scene, predicateTypes.vuln));
  assert.deepEqual(
    vuln.verified.map(({ predicate }) => predicate),
    [{ scanner: 'x' }],
  );
  assert.match(vuln.refused ?? '', /^2 other statements do not count: The statement says something else/);
  assert.equal(known(await statements(scene, predicateTypes.spdxjson)).verified.length, 1);
  assert.equal(known(await statements(scene, predicateTypes.slsaprovenance1)).verified.length, 1);
  const cyclonedx = known(await statements(scene, predicateTypes.cyclonedx));
  assert.deepEqual(cyclonedx.verified, []);
  assert.match(cyclonedx.refused ?? '', /^3 statements were found and none counts/);
  assert.deepEqual(known(await statements(scene, predicateTypes.vuln, theirs)).verified, []);
});

test('gatherAttached() gives every statement that counts, in whichever layout, since each may have to hold', async () => {
  await using scene = await openSignatureScene();
  for (const round of [1, 2, 3]) await scene.attest(mine, predicateTypes.vuln, { round });
  await scene.attestByTag(mine, predicateTypes.vuln, { round: 4 });
  await scene.attest(theirs, predicateTypes.vuln, { round: 5 });
  const { verified } = known(await statements(scene, predicateTypes.vuln));
  const rounds = verified.map(({ predicate }) => (predicate as { round: number }).round);
  assert.deepEqual(new Set(rounds), new Set([1, 2, 3, 4]));
  await using bare = await openSignatureScene();
  assert.equal((await statements(bare, predicateTypes.vuln))?.state, 'absent');
});

test('gatherAttached() counts nothing whose payload cannot be read, though the key is right (CVE-2026-39395)', async () => {
  const hex = `"sha256":"${'00'.repeat(32)}"`;
  for (const payload of [
    '',
    'null',
    '[]',
    '{',
    '{}',
    '{"_type":"https://in-toto.io/Statement/v1"}',
    `{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"${predicateTypes.vuln}","predicate":{}}`,
    `{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{}}],"predicateType":"${predicateTypes.vuln}","predicate":{}}`,
    `{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{${hex}}}],"predicate":{}}`,
    `{"_type":"x","subject":[{"digest":{${hex}}}],"predicateType":"${predicateTypes.vuln}","predicate":{}}`,
    `{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{${hex},${hex}}}],"predicateType":"${predicateTypes.vuln}","predicate":{}}`,
  ]) {
    await using scene = await openSignatureScene();
    const text = payload.replaceAll('00'.repeat(32), digestHex(scene.digest));
    scene.attachBundle(encodeBundle(await signStatement(Buffer.from(text), mine, services)));
    assert.match(
      outcomeOf((await scene.look([keySigner('a', mine)]))['a']),
      /^1 signature was found and does not/,
      text,
    );
    const { verified, refused } = known(await statements(scene, predicateTypes.vuln));
    assert.deepEqual([verified, typeof refused], [[], 'string'], text);
  }
});

test('gatherAttached() lets a signer that is nobody count for nothing', async () => {
  await using scene = await openSignatureScene();
  await scene.signByBundle(mine);
  await scene.attest(mine, predicateTypes.vuln, {});
  const nobody = { name: 'a', keys: [], identities: [] };
  const rule: Rule = { name: 'r', action: 'deny', kind: 'sbom', signers: ['a'] };
  const { sbom } = await scene.gather({ rules: [rule], signers: [keySigner('a', mine)] });
  assert.equal(sbom?.state, 'absent');
  // A policy has none; whoever gathers for another kind of policy might.
  const { gatherSignatures } = await import('./gather-signatures.ts');
  const { Gathering } = await import('./gathering.ts');
  const trust = { trust: undefined, logsForKeys: 0, timestamps: 0 };
  const context = { remote: scene.remote, trust, now: () => Date.now() };
  const checks = await gatherSignatures(
    new Gathering(context, new AbortController().signal),
    [scene.digest],
    [nobody],
    false,
  );
  assert.equal(checks['a']?.state, 'absent');
});

test('gatherAttached() says how many signatures there are and why none counts, the nearest first, in a bounded text', async () => {
  await using scene = await openSignatureScene();
  await scene.signByBundle(theirs);
  await scene.signByTag(theirs);
  await scene.signByTag(mine, { annotations: new Map([['env', '\u202e\u0007x'.repeat(5000)]]) });
  for (const text of ['', '{', 'x', '[]', '{"mediaType":"y"}']) scene.attachBundle(Buffer.from(text));
  const signer = keySigner('a', mine, { annotations: { env: { exact: 'prod' } } });
  const why = outcomeOf((await scene.look([signer]))['a']);
  assert.match(
    why,
    /^8 signatures were found and none counts: The annotation "env" is not signed with that value \(found env=/,
  );
  assert.match(why, /wanted env=prod\); The signature was not made with the key that was asked for .* \(2 times\); /);
  assert.match(why, /; and for \d other reasons$/);
  assert.ok(why.length < 2500, `${why.length}`);
  assert.doesNotMatch(why, /[\u202e\u0007]/);
});

test('gatherAttached() never takes what could not be looked at for missing, and what was found for lost', async () => {
  for (const path of ['/referrers/', /manifests\/sha256-[^.]*$/, /\.sig$/, /blobs/]) {
    await using scene = await openSignatureScene();
    await scene.signByTag(theirs);
    scene.registry.faults.add({ kind: 'status', status: 500, path });
    const checks = await scene.look([keySigner('a', mine)]);
    assert.match(outcomeOf(checks['a']), /^unavailable: .*could not be looked up/, String(path));
  }
  // A signature that is found is one, whatever becomes of looking on for somebody else's.
  await using scene = await openSignatureScene();
  await scene.signByBundle(mine);
  scene.registry.faults.add({ kind: 'status', status: 429, path: /\.sig$/ });
  const checks = await scene.look([keySigner('a', mine), keySigner('b', theirs)]);
  assert.equal(outcomeOf(checks['a']), 'verified');
  assert.match(outcomeOf(checks['b']), /^unavailable/);
});

test('gatherAttached() lets a key count while it is not known who is trusted, and an identity not', async () => {
  await using scene = await openSignatureScene();
  await scene.signByBundle(mine);
  const context = { trust: { trust: undefined, logsForKeys: 0, timestamps: 0 } };
  const either = (key: SigningKey) => ({ ...keySigner('a', key), identities: [{ subject: { exact: 'x' } }] });
  assert.equal(outcomeOf((await scene.look([either(mine)], context))['a']), 'verified');
  assert.match(outcomeOf((await scene.look([either(theirs)], context))['a']), /^unavailable: It is not known yet/);
  // Of statements each may have to hold, and so all must be told.
  await scene.attest(mine, predicateTypes.vuln, {});
  const predicateType = predicateTypes.vuln;
  const rule: Rule = { name: 'r', action: 'deny', kind: 'attestation', predicateType, signers: ['a'], atLeast: 1 };
  const { attestations } = await scene.gather({ rules: [rule], signers: [either(mine)] }, context);
  assert.equal(attestations?.[predicateType]?.['a']?.state, 'unavailable');
});

test('gatherAttached() lets the signature of an index vouch for its images', async () => {
  await using scene = await openSignatureScene();
  const index = storeIndex(scene.registry.store, sceneRepository, 'all', {
    arm64: makeSyntheticImage([{ a: '1' }]),
  }) as Digest;
  await scene.signByTag(theirs);
  const rule: Rule = { name: 'r', action: 'deny', kind: 'signatures', signers: ['a', 'b'], atLeast: 1 };
  const signers = [keySigner('a', mine), keySigner('b', theirs)];
  const payload = await import('../signing/statement/build.ts').then(({ buildSignStatement }) =>
    buildSignStatement({ algorithm: 'sha256', hex: digestHex(index) }, new Map()),
  );
  const bytes = encodeBundle(await signStatement(payload, mine, services));
  const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  storeArtifact(scene.registry.store, sceneRepository, {
    artifactType: mediaType,
    layers: [{ mediaType, bytes }],
    subject: index,
  });
  const { signatures = {} } = await scene.gather({ rules: [rule], signers }, {}, [index]);
  assert.deepEqual([outcomeOf(signatures['a']), outcomeOf(signatures['b'])], ['verified', 'verified']);
  const without = await scene.gather({ rules: [rule], signers });
  assert.match(outcomeOf(without.signatures?.['a']), /not made with the key/);
});

test("gatherAttached() shows each registry its own credentials, and no other's", async () => {
  const theirsToKnow = { username: 'other', password: 'theirs' };
  await using other = await startTestRegistry({ auth: 'basic', ...theirsToKnow });
  await using scene = await openSignatureScene({ auth: 'basic' });
  const bundle = await openSignatureScene();
  await bundle.signByTag(mine);
  for (const { mediaType, bytes, digest } of bundle.registry.store.manifests(sceneRepository)) {
    other.store.putManifest('org/signatures', digest, mediaType, bytes);
  }
  const tag = `${scene.digest.replace(':', '-')}.sig`;
  const signature = bundle.registry.store.manifest(sceneRepository, tag);
  assert.ok(signature !== undefined);
  other.store.putManifest('org/signatures', tag, signature.mediaType, signature.bytes);
  const { layers } = JSON.parse(Buffer.from(signature.bytes).toString()) as { layers: { digest: string }[] };
  other.store.putBlob(
    'org/signatures',
    bundle.registry.store.blob(sceneRepository, layers[0]?.digest ?? '') as Uint8Array,
  );
  await bundle[Symbol.asyncDispose]();
  const credentials = new Map([
    [scene.registry.host, { kind: 'password', username: 'sailor', password: 'hold-fast' } as const],
    [other.host, { kind: 'password', ...theirsToKnow } as const],
  ]);
  const keychain: Keychain = { find: (registry) => Promise.resolve(credentials.get(registry)) };
  const clients = new Map<string, RegistryClient>();
  const remoteFor = (name: string) => {
    const { registry, repository } = parseReference(name);
    const client = clients.get(registry) ?? new RegistryClient(network, registry, { keychain });
    clients.set(registry, client);
    return { client, repository };
  };
  const remote = remoteFor(`${scene.registry.host}/${sceneRepository}`);
  const signer = keySigner('a', mine, { repository: `${other.host}/org/signatures` });
  const checks = await scene.look([signer, keySigner('b', mine)], { remote, remoteFor });
  assert.equal(outcomeOf(checks['a']), 'verified');
  assert.equal(outcomeOf(checks['b']), 'absent');
  for (const [registry, host] of [
    [scene.registry, scene.registry.host],
    [other, other.host],
  ] as const) {
    const { username, password } = credentials.get(host) as { username: string; password: string };
    const shown = new Set(registry.requests.flatMap(({ authorization }) => authorization ?? []));
    assert.deepEqual([...shown], [`Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`]);
  }
});

test('gatherAttached() ends with its signal', async () => {
  await using scene = await openSignatureScene();
  await scene.signByBundle(mine);
  const { gatherAttached } = await import('./gather-attached.ts');
  const { compilePolicy } = await import('../policy/compile.ts');
  const { makeSubject } = await import('../../testing/policy/make-evidence.ts');
  const rule: Rule = { name: 'r', action: 'deny', kind: 'signatures', signers: ['a'], atLeast: 1 };
  const policy = compilePolicy({ rules: [rule], signers: [keySigner('a', mine)], exceptions: [], unknown: 'deny' });
  const reason = new Error('enough');
  const trust = { trust: undefined, logsForKeys: 0, timestamps: 0 };
  const context = { remote: scene.remote, trust, now: () => Date.now() };
  await assert.rejects(
    gatherAttached(context, policy, makeSubject({ digest: scene.digest }), [], AbortSignal.abort(reason)),
    (error) => error === reason,
  );
});
