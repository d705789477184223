import assert from 'node:assert/strict';
import { verify, X509Certificate } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { listen } from '../../../testing/registry/listen.ts';
import { startTestSigstore } from '../../../testing/sigstore.ts';
import { openNetwork } from '../../net/open-network.ts';
import { localSigner } from '../key/local-signer.ts';
import { generateKeyPair } from '../key/private-key.ts';
import { fetchCertificate } from './fulcio.ts';
import { openKeylessSigner } from './keyless-signer.ts';
import { type IdentityToken, parseIdentityToken } from './token/identity-token.ts';

const sigstore = await startTestSigstore();
const network = openNetwork({ clock: instantClock() });
after(async () => {
  await network[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
});
const token = (): IdentityToken => parseIdentityToken(sigstore.token('email'), new Date());

test('openKeylessSigner() signs with the key that the certificate is for, a new one each time', async () => {
  const one = await openKeylessSigner(network, `${sigstore.url}/`, token());
  const two = await openKeylessSigner(network, sigstore.url, token());
  for (const signer of [one, two]) {
    assert.equal(signer.certificates.length, 1);
    const leaf = new X509Certificate(signer.certificates[0] as Buffer);
    const message = Buffer.from('message');
    assert.equal(verify('sha256', message, leaf.publicKey, await signer.sign(message)), true);
    assert.match(leaf.subjectAltName ?? '', /dev@example\.com/);
    assert.deepEqual(signer.notAfter, new Date(leaf.validTo));
  }
  assert.equal(one.publicKey.spki.equals(two.publicKey.spki), false);
});

test('fetchCertificate() gets a certificate for each kind of key', async () => {
  for (const type of ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'ed25519', 'rsa'] as const) {
    const { privateKey, publicKey } = await generateKeyPair(type);
    const { chain } = await fetchCertificate(network, sigstore.url, localSigner(privateKey), token());
    const spki = new X509Certificate(chain[0] as Buffer).publicKey.export({ type: 'spki', format: 'der' });
    assert.deepEqual(spki, publicKey.spki, type);
  }
});

test('fetchCertificate() keeps the promise of the log that comes beside the certificate', async () => {
  await using beside = await startTestSigstore({ sct: 'detached' });
  const own = parseIdentityToken(beside.token('email'), new Date());
  assert.equal(((await openKeylessSigner(network, beside.url, own)).detachedSct?.length ?? 0) > 0, true);
  assert.equal((await openKeylessSigner(network, sigstore.url, token())).detachedSct, undefined);
});

describe('what Fulcio may answer', () => {
  for (const what of ['fulcio.other-key', 'fulcio.protocol'] as const) {
    test(`fetchCertificate() refuses ${what}`, async () => {
      sigstore.faults.add({ kind: 'spoil', what });
      await assert.rejects(openKeylessSigner(network, sigstore.url, token()), { code: 'SERVICE_PROTOCOL' });
      sigstore.faults.clear();
    });
  }

  for (const [title, answer] of [
    ['no object', '[]'],
    ['an empty chain', '{"signedCertificateEmbeddedSct":{"chain":{"certificates":[]}}}'],
    ['a chain of numbers', '{"signedCertificateEmbeddedSct":{"chain":{"certificates":[1]}}}'],
    ['what is no PEM', '{"signedCertificateEmbeddedSct":{"chain":{"certificates":["x"]}}}'],
    [
      'PEM of no certificate',
      '{"signedCertificateEmbeddedSct":{"chain":{"certificates":["-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n"]}}}',
    ],
    [
      'a hundred certificates',
      JSON.stringify({
        signedCertificateEmbeddedSct: { chain: { certificates: Array.from({ length: 100 }, () => '') } },
      }),
    ],
    ['two values of one name', '{"a":1,"a":2}'],
  ] as const) {
    test(`fetchCertificate() refuses ${title}`, async () => {
      await using server = await listen((_request, response) => {
        response.end(answer);
      });
      await assert.rejects(openKeylessSigner(network, server.url, token()), { code: 'SERVICE_PROTOCOL' });
    });
  }

  test('fetchCertificate() never repeats the token, even when Fulcio does', async () => {
    const own = token();
    for (const [status, code] of [
      [400, 'SERVICE_REFUSED'],
      [401, 'SERVICE_REFUSED'],
      [429, 'SERVICE_UNAVAILABLE'],
      [503, 'SERVICE_UNAVAILABLE'],
    ] as const) {
      await using server = await listen((request, response) => {
        response
          .writeHead(status)
          .end(JSON.stringify({ message: `no: ${(request.headers.authorization ?? '').replace('Bearer ', '')}` }));
      });
      await assert.rejects(openKeylessSigner(network, server.url, own), (error: Error & { code?: string }) => {
        assert.equal(error.code, code);
        assert.equal(`${error.message}${String(error.cause)}`.includes(own.text), false);
        return true;
      });
    }
  });
});
