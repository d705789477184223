import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOid } from '../../src/codec/der/primitives.ts';
import { readDer } from '../../src/codec/der/read.ts';
import { derTag } from '../../src/codec/der/tag.ts';
import { derInteger, derSequence, derValue } from '../../src/codec/der/write.ts';
import { CodecError } from '../../src/codec/error.ts';
import { parseCertificate } from '../../src/signing/certificate/parse.ts';
import { parseIdentityToken } from '../../src/signing/keyless/token/identity-token.ts';
import { verifyTimestamp } from '../../src/signing/timestamp/verify.ts';
import { startTestSigstore, timestampRequest } from '../../testing/sigstore.ts';
import { makeAuthority, makeCertificateDer } from '../../testing/signing/certificate-maker.ts';
import { makeTimestamp, makeTimestampSigner } from '../../testing/signing/timestamp-maker.ts';

const now = new Date();
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = { iss: 'https://issuer.example', sub: 'somebody', exp: now.getTime() / 1000 + 600 };
const good = `${part({ alg: 'RS256' })}.${part(claims)}.c2ln`;

test('a token of many dots is refused before it is taken apart', () => {
  assert.equal(parseIdentityToken(good, now).principal, 'somebody');
  for (const text of ['.'.repeat(20_000_000), `${good}${'.a'.repeat(10_000_000)}`, 'a'.repeat(20_000_000)]) {
    const wanted = { code: 'IDENTITY_TOKEN_INVALID', message: /it has \d{8} characters$/ };
    assert.throws(() => parseIdentityToken(text, now), wanted);
  }
  for (const text of [`${good}.`, `${good}.a`, `${good}${'.'.repeat(60_000)}`, `.${good}`]) {
    assert.throws(() => parseIdentityToken(text, now), { code: 'IDENTITY_TOKEN_INVALID' }, text.slice(0, 200));
  }
});

test('the development sigstore takes no token of many dots either, and lives on', async () => {
  await using sigstore = await startTestSigstore();
  const token = sigstore.token('email');
  const ask = async (oidcIdentityToken: string): Promise<number> => {
    const body = JSON.stringify({ credentials: { oidcIdentityToken }, publicKeyRequest: {} });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${sigstore.url}/api/v2/signingCert`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.status;
  };
  for (const text of [`${token}.`, `${token}${'.'.repeat(10_000_000)}`, '.'.repeat(10_000_000)]) {
    assert.equal(await ask(text), 401);
  }
  // With a token that is good, what is wrong is the rest of the request.
  assert.equal(await ask(token), 400);
});

/** Object identifiers in DER: of one endless number, and of very many small ones. */
const huge = [Buffer.alloc(200_000, 0x81), Buffer.alloc(200_000, 0x01), Buffer.alloc(128, 0x81)].map((bytes) =>
  derValue(derTag.oid, Buffer.from([0x2b]), bytes, Buffer.from([0x01])),
);

test('an object identifier is as long as real ones, wherever it stands', async () => {
  const root = makeAuthority('root');
  const signer = makeTimestampSigner(root);
  const message = Buffer.from('message');
  const authorities = [{ uri: 'tsa', certificates: [root.parsed], window: { start: new Date(0) } }];
  await using sigstore = await startTestSigstore();
  for (const oid of huge) {
    const limit = (error: unknown): boolean => error instanceof CodecError && error.code === 'LIMIT_EXCEEDED';
    assert.throws(() => readOid(readDer(oid)), limit);
    const field = derSequence(oid, derValue(derTag.octetString, Buffer.alloc(2)));
    // The caps on certificates and timestamps come first where there is more.
    assert.throws(() => parseCertificate(makeCertificateDer({ extensions: [field] }).der), limit);
    const imprint = derSequence(derSequence(oid), derValue(derTag.octetString, Buffer.alloc(32)));
    const stamp = makeTimestamp({ signer, message, certificates: [signer.der], imprint });
    assert.throws(() => verifyTimestamp(stamp, message, authorities), {
      code: 'TIMESTAMP_WRONG',
      message: /^The (?:DER has an object identifier of|timestamp has) \d+ bytes$/,
    });
    const headers = { 'content-type': 'application/timestamp-query' };
    for (const body of [derSequence(derInteger(1), imprint), Buffer.concat([timestampRequest(message), oid])]) {
      const response = await fetch(sigstore.tsaUrl, { method: 'POST', headers, body: new Uint8Array(body) });
      assert.equal(response.status, 400);
    }
    const type = `application/${'/'.repeat(8000)}timestamp-query`;
    const body = new Uint8Array(timestampRequest(message));
    assert.equal(
      (await fetch(sigstore.tsaUrl, { method: 'POST', headers: { 'content-type': type }, body })).status,
      400,
    );
  }
});
