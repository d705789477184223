import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { startTestSigstore } from '../../../testing/sigstore.ts';
import { openNetwork } from '../../net/open-network.ts';
import { encodeBundle } from '../bundle/encode.ts';
import { parseBundle } from '../bundle/parse.ts';
import { hashChunks } from '../key/hash-chunks.ts';
import { localSigner } from '../key/local-signer.ts';
import { generateKeyPair } from '../key/private-key.ts';
import { openKeylessSigner } from '../keyless/keyless-signer.ts';
import { parseIdentityToken } from '../keyless/token/identity-token.ts';
import type { Signer } from '../signer.ts';
import { buildStatement } from '../statement/build.ts';
import { parseTrustedRoot } from '../trust/parse-trusted-root.ts';
import type { CertificatePolicy, KeyPolicy, VerificationPolicy } from '../verify/policy.ts';
import { exactly } from '../verify/text-matcher.ts';
import { verifyEntity } from '../verify/verify-entity.ts';
import { verifyStatement } from '../verify/verify-statement.ts';
import type { SigningServices } from './services.ts';
import { signMessage, signStatement } from './sign-entity.ts';

const sigstore = await startTestSigstore();
const network = openNetwork({ clock: instantClock() });
after(async () => {
  await network[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
});
const trust = parseTrustedRoot(Buffer.from(JSON.stringify(sigstore.trustedRoot)), 'of the test');
const bytes = Buffer.from('a message');
const hex = 'ab'.repeat(32);
const payload = buildStatement('app', { algorithm: 'sha256', hex }, 'https://example.com/p', { ok: true });

const someone: CertificatePolicy = {
  kind: 'certificate',
  identities: [{ issuer: exactly(sigstore.issuers.email), subject: exactly('dev@example.com') }],
  claims: [],
  scts: 1,
};

function servicesOf(log: 0 | 1 | 2, stamped: boolean): SigningServices {
  return {
    network,
    logs: log === 0 ? [] : [{ url: sigstore.url, version: log }],
    timestampAuthorities: stamped ? [sigstore.tsaUrl] : [],
  };
}

function policyOf(signer: KeyPolicy | CertificatePolicy, services: SigningServices): VerificationPolicy {
  return { trust, signer, logs: services.logs.length, timestamps: services.timestampAuthorities.length };
}

async function verifyBoth(
  signer: Signer,
  who: KeyPolicy | CertificatePolicy,
  services: SigningServices,
): Promise<void> {
  const policy = policyOf(who, services);
  const message = await signMessage(bytes, signer, services);
  await verifyEntity(parseBundle(encodeBundle(message)), { kind: 'bytes', bytes }, policy, new Date());
  const other = Buffer.from('another message');
  await assert.rejects(verifyEntity(message, { kind: 'bytes', bytes: other }, policy, new Date()));
  const statement = await signStatement(payload, signer, services);
  const whole = { ...policy, annotations: new Map<string, string>(), checkSubject: true };
  const artifact = { kind: 'digest', algorithm: 'sha256', hex } as const;
  const verified = await verifyStatement(parseBundle(encodeBundle(statement)), artifact, whole, new Date());
  assert.equal(verified.statement.predicateType, 'https://example.com/p');
  assert.equal(verified.logs.length, services.logs.length);
  assert.equal(verified.timestamps.length, services.timestampAuthorities.length);
}

describe('what is signed verifies', () => {
  for (const [title, services] of [
    ['no service', servicesOf(0, false)],
    ['a log of version 1', servicesOf(1, false)],
    ['a log of version 1 and a stamp', servicesOf(1, true)],
    ['a log of version 2 and a stamp', servicesOf(2, true)],
    ['a stamp alone', servicesOf(0, true)],
  ] as const) {
    test(`signMessage() and signStatement() sign with a key and ${title}`, async () => {
      for (const type of ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'rsa'] as const) {
        const { privateKey, publicKey } = await generateKeyPair(type);
        const keys = [{ name: type, key: publicKey }];
        await verifyBoth(localSigner(privateKey), { kind: 'key', keys }, services);
      }
    });
    if (title === 'no service') continue;
    test(`signMessage() and signStatement() sign without a key and with ${title}`, async () => {
      const token = parseIdentityToken(sigstore.token('email'), new Date());
      await verifyBoth(await openKeylessSigner(network, sigstore.url, token), someone, services);
    });
  }
});

test('signMessage() gives no signature that a service did not vouch for', async () => {
  const { privateKey } = await generateKeyPair('ecdsa-p256');
  for (const service of ['rekor-v1', 'tsa'] as const) {
    sigstore.faults.add({ kind: 'status', service, status: 503 });
    await assert.rejects(signMessage(bytes, localSigner(privateKey), servicesOf(1, true)), {
      code: 'SERVICE_UNAVAILABLE',
    });
    sigstore.faults.clear();
  }
});

test('signStatement() has every log and every authority vouch for it', async () => {
  const { privateKey } = await generateKeyPair('ecdsa-p256');
  const services: SigningServices = {
    network,
    logs: [
      { url: sigstore.url, version: 1 },
      { url: sigstore.url, version: 2 },
    ],
    timestampAuthorities: [sigstore.tsaUrl, sigstore.tsaUrl],
  };
  const { logEntries, timestamps } = await signStatement(payload, localSigner(privateKey), services);
  assert.deepEqual([logEntries.length, timestamps.length], [2, 2]);
});

test('signMessage() ends with its signal', async () => {
  const { privateKey } = await generateKeyPair('ecdsa-p256');
  const reason = new Error('enough');
  const signing = signMessage(bytes, localSigner(privateKey), servicesOf(1, false), AbortSignal.abort(reason));
  await assert.rejects(signing, (error) => error === reason);
});

test('signMessage() signs and verifyEntity() verifies what is never held whole', async () => {
  const services = servicesOf(2, true);
  const cases = [
    ['ecdsa-p256', {}],
    ['ecdsa-p384', {}],
    ['ecdsa-p521', {}],
    ['rsa', {}],
    ['ed25519', { ed25519: 'prehashed' }],
  ] as const;
  for (const [type, options] of cases) {
    const { privateKey, publicKey } = await generateKeyPair(type);
    const policy = policyOf({ kind: 'key', keys: [{ name: type, key: publicKey }] }, services);
    const entity = await signMessage(chunksOf(bytes), localSigner(privateKey, options), services);
    await verifyEntity(entity, { kind: 'bytes', bytes }, policy, new Date());
    const digests = await hashChunks(chunksOf(bytes), ['sha256', 'sha384', 'sha512']);
    const { passed } = await verifyEntity(entity, { kind: 'digests', digests }, policy, new Date());
    assert.ok(passed.includes('signature'), type);
    const others = await hashChunks(chunksOf(Buffer.from('another')), ['sha256', 'sha384', 'sha512']);
    const other = { kind: 'digests', digests: others } as const;
    await assert.rejects(verifyEntity(entity, other, policy, new Date()), { code: /MISMATCH|WRONG/ });
  }
});

test('a key that signs whole messages says so of what is never held whole', async () => {
  const services = servicesOf(0, false);
  const { privateKey, publicKey } = await generateKeyPair('ed25519');
  const signer = localSigner(privateKey);
  await assert.rejects(signMessage(chunksOf(bytes), signer, services), { code: 'LIMIT_EXCEEDED' });
  const policy = policyOf({ kind: 'key', keys: [{ name: 'mine', key: publicKey }] }, services);
  const entity = await signMessage(bytes, signer, services);
  const digests = await hashChunks(chunksOf(bytes), ['sha256', 'sha384', 'sha512']);
  const check = verifyEntity(entity, { kind: 'digests', digests }, policy, new Date());
  await assert.rejects(check, { code: 'SIGNATURE_UNSUPPORTED', message: /cannot be verified by its digest/ });
});

async function* chunksOf(message: Buffer): AsyncGenerator<Uint8Array> {
  yield message.subarray(0, 4);
  yield message.subarray(4);
}
