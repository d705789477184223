import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  openSignatureScene,
  outcomeOf,
  sceneRepository,
  type SignatureScene,
} from '../../testing/evidence/signature-scene.ts';
import { storeArtifact } from '../../testing/registry/attached.ts';
import type { MadeCertificate } from '../../testing/signing/certificate-maker.ts';
import { type EnvelopeParts, makeJws, payloadOf } from '../../testing/signing/notation/maker.ts';
import { chain, middle, now, other, root, signer, us, usual } from '../../testing/signing/notation/material.ts';
import { formatPem } from '../codec/pem/pem.ts';
import type { Signer, SignerCertificate } from '../policy/model.ts';
import { notationType } from '../signing/cosign/media-types.ts';
import type { SignatureContext } from './context.ts';

const pemOf = (...certificates: readonly MadeCertificate[]): string =>
  certificates.map(({ der }) => formatPem({ label: 'CERTIFICATE', bytes: der })).join('');

function attach({ registry, digest }: SignatureScene, parts: Partial<EnvelopeParts> = {}, payload?: object): void {
  const image = registry.store.manifest(sceneRepository, 'v1');
  const bytes = makeJws({
    chain,
    signingTime: new Date(now.getTime() - 1000),
    payload: payload ?? payloadOf(image?.bytes as Uint8Array),
    ...parts,
  });
  const layers = [{ mediaType: 'application/jose+json', bytes }];
  storeArtifact(registry.store, sceneRepository, { configType: notationType, subject: digest, layers });
}

const by = (certificate: SignerCertificate, more: Partial<Signer> = {}): Signer => ({
  name: 'a',
  keys: [],
  identities: [],
  certificates: [certificate],
  ...more,
});

async function outcome(scene: SignatureScene, one: Signer, context: Partial<SignatureContext> = {}): Promise<string> {
  return outcomeOf((await scene.look([one], { now: () => now.getTime(), ...context }))['a']);
}

test('a signature of Notary Project counts by the authorities of a certificate, and each member can fail', async () => {
  await using scene = await openSignatureScene();
  attach(scene);
  const authorities = pemOf(root);
  const whom = (subject: string): SignerCertificate => ({ authorities, identities: [{ subject: { exact: subject } }] });
  for (const [certificate, more, wanted] of [
    [{ authorities }, {}, 'verified'],
    [{ authorities: pemOf(middle) }, {}, 'verified'],
    [{ authorities }, { layouts: ['notation'] }, 'verified'],
    [{ authorities }, { layouts: ['bundle', 'legacy'] }, /^absent$/],
    [{ authorities: pemOf(other) }, {}, /No certificate of the chain lies in a trust store/],
    [{}, { trust: { authorities }, layouts: ['notation'] }, 'verified'],
    [{ leaf: pemOf(usual) }, {}, 'verified'],
    [{ leaf: pemOf(usual), authorities }, {}, 'verified'],
    [{ leaf: pemOf(signer()), authorities }, {}, /another certificate than was named/],
    [{ leaf: pemOf(signer()) }, {}, /No certificate of the chain lies in a trust store/],
    [whom('C=US, ST=WA, O=acme, CN=signer'), {}, 'verified'],
    // As trust policies have it, a name with these three is enough.
    [whom('C=US, ST=WA, O=acme'), {}, 'verified'],
    [whom('C=US, ST=WA, O=other'), {}, /names somebody else/],
    [whom('CN=signer'), {}, /names somebody else/],
    [{ authorities, identities: [{ subject: { search: 'CN=signer$' } }] }, {}, 'verified'],
    [{ authorities, identities: [{ subject: { search: 'CN=sign$' } }] }, {}, /names somebody else/],
    [{ authorities, identities: [{ issuer: { exact: 'CN=middle' } }] }, {}, 'verified'],
    [{ authorities, identities: [{ issuer: { exact: 'CN=root' } }] }, {}, /names somebody else/],
    [{ authorities, identities: [{ claims: { '1.2.3': { search: '' } } }] }, {}, /names somebody else/],
    [{ authorities, identities: [] }, {}, /names somebody else/],
    [{ authorities }, { annotations: { env: { exact: 'prod' } } }, /"env" is not signed/],
    [{ authorities }, { trust: { log: 'required' } }, /^(?:unavailable: It is not known yet|.*is in no log)/],
    [{ authorities }, { trust: { timestampAuthorities: authorities } }, /has no timestamp/],
  ] as const) {
    const found = await outcome(scene, by(certificate, more));
    const what = JSON.stringify([certificate, more]).replaceAll(/-----BEGIN[^"]*/g, 'PEM');
    if (wanted === 'verified') assert.equal(found, wanted, what);
    else assert.match(found, wanted, what);
  }
  const later = { now: () => now.getTime() + 3 * 86_400_000 };
  assert.match(await outcome(scene, by({ authorities }), later), /was not valid/);
});

test('a signature of Notary Project counts for the image that it names alone, by digest, size and type', async () => {
  const authorities = pemOf(root);
  for (const [change, wanted] of [
    [{}, 'verified'],
    [{ size: 1 }, /another artifact/],
    [{ mediaType: 'application/vnd.docker.distribution.manifest.v2+json' }, /another artifact/],
    [{ digest: `sha256:${'00'.repeat(32)}` }, /another artifact/],
    [{ annotations: { env: 'prod' } }, 'verified'],
  ] as const) {
    await using scene = await openSignatureScene();
    const image = scene.registry.store.manifest(sceneRepository, 'v1');
    const payload = payloadOf(image?.bytes as Uint8Array) as { targetArtifact: object };
    attach(scene, {}, { ...payload, targetArtifact: { ...payload.targetArtifact, ...change } });
    const found = await outcome(scene, by({ authorities }));
    if (wanted === 'verified') assert.equal(found, wanted);
    else assert.match(found, wanted);
    if ('annotations' in change) {
      assert.equal(await outcome(scene, by({ authorities }, { annotations: { env: { glob: 'p*' } } })), 'verified');
    }
  }
});

test('a signature of Notary Project is asked for what its image is once, or not at all where that is known', async () => {
  await using scene = await openSignatureScene();
  attach(scene);
  attach(scene, { chain: [signer({ subject: us(['CN', 'second']) }), middle, root] });
  const image = scene.registry.store.manifest(sceneRepository, 'v1');
  const asked = (): number =>
    scene.registry.requests.filter(({ path }) => path.endsWith(`/manifests/${scene.digest}`)).length;
  assert.equal(await outcome(scene, by({ authorities: pemOf(root) })), 'verified');
  assert.equal(asked(), 1);
  const manifests = [{ mediaType: image?.mediaType ?? '', digest: scene.digest, size: image?.bytes.length ?? 0 }];
  assert.equal(await outcome(scene, by({ authorities: pemOf(root) }), { manifests }), 'verified');
  assert.equal(asked(), 1);
});
