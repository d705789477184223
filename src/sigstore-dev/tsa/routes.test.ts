import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { contextTag, derTag } from '../../codec/der/tag.ts';
import { derInteger, derOid, derSequence, derValue } from '../../codec/der/write.ts';
import { parsePem } from '../../codec/pem/pem.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { findProgram, needsProgram } from '../../../testing/registry/find-program.ts';
import { startTestSigstore, timestampRequest } from '../../../testing/sigstore.ts';
import { type TimestampParts, timestampParts } from '../../../testing/timestamp-parts.ts';
import type { Sigstore } from '../sigstore.ts';

const message = Buffer.from('what is to be timestamped');

async function stamp(sigstore: Sigstore, request: Uint8Array, type = 'application/timestamp-query'): Promise<Response> {
  const headers = { 'content-type': type };
  return fetch(sigstore.tsaUrl, { method: 'POST', headers, body: new Uint8Array(request) });
}

async function partsFor(sigstore: Sigstore, request: Uint8Array, type?: string): Promise<TimestampParts> {
  const response = await stamp(sigstore, request, type);
  assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'application/timestamp-reply']);
  const parts = timestampParts(Buffer.from(await response.arrayBuffer()));
  assert.ok(parts);
  return parts;
}

test('a timestamp says when, of what, and for which request', async () => {
  const now = new Date('2026-05-06T07:08:09.120Z');
  await using sigstore = await startTestSigstore({ now: () => now });
  const info = await partsFor(sigstore, timestampRequest(message, 99n));
  assert.deepEqual(info.digest, createHash('sha256').update(message).digest());
  assert.deepEqual([info.time, info.timeText, info.nonce], [now, '20260506070809.12Z', 99n]);
  const without = derSequence(
    derInteger(1),
    derSequence(derSequence(derOid('2.16.840.1.101.3.4.2.3')), derValue(derTag.octetString, Buffer.alloc(64, 1))),
    derOid('1.2.3'),
  );
  const bare = await partsFor(sigstore, without);
  assert.deepEqual([bare.nonce, bare.certificates.length, bare.digest], [undefined, 0, Buffer.alloc(64, 1)]);
  const artifactHash = createHash('sha256').update(message).digest('base64');
  const asJson = Buffer.from(JSON.stringify({ artifactHash, hashAlgorithm: 'sha256', nonce: 5, certificates: true }));
  const fromJson = await partsFor(sigstore, asJson, 'application/json');
  assert.deepEqual([fromJson.nonce, fromJson.certificates.length, fromJson.digest], [5n, 1, info.digest]);
});

test('the answer has the status that its reader takes', async () => {
  await using sigstore = await startTestSigstore();
  const body = new Uint8Array(timestampRequest(message));
  for (const [accept, status] of [
    // What cosign sends, and what notation, curl and OpenSSL's script do.
    ['application/timestamp-reply', 201],
    [undefined, 200],
    ['*/*', 200],
  ] as const) {
    const headers = { 'content-type': 'application/timestamp-query', ...(accept === undefined ? {} : { accept }) };
    const response = await fetch(sigstore.tsaUrl, { method: 'POST', headers, body });
    assert.deepEqual([response.status, response.headers.get('content-type')], [status, 'application/timestamp-reply']);
  }
});

test('the imprint is given back byte for byte', async () => {
  await using sigstore = await startTestSigstore();
  const none = Buffer.alloc(0);
  const digest = createHash('sha256').update(message).digest();
  const imprintOf = (...parameters: Buffer[]): Buffer =>
    derSequence(derSequence(derOid('2.16.840.1.101.3.4.2.1'), ...parameters), derValue(derTag.octetString, digest));
  for (const imprint of [imprintOf(derValue(derTag.null)), imprintOf()]) {
    assert.deepEqual((await partsFor(sigstore, derSequence(derInteger(1), imprint))).imprint, imprint);
  }
  for (const parameters of [
    [derInteger(1)],
    [derValue(derTag.null, Buffer.alloc(1))],
    [derValue(derTag.null), none, derInteger(1)],
  ]) {
    assert.equal((await stamp(sigstore, derSequence(derInteger(1), imprintOf(...parameters)))).status, 400);
  }
  const asJson = Buffer.from(JSON.stringify({ artifactHash: digest.toString('base64'), hashAlgorithm: 'sha256' }));
  assert.deepEqual((await partsFor(sigstore, asJson, 'application/json')).imprint, imprintOf(derValue(derTag.null)));
});

test('fractions of a second can be left out, or set', async () => {
  const now = (): Date => new Date('2026-05-06T07:08:09.999Z');
  for (const [fractions, expected] of [
    [true, '20260506070809.999Z'],
    [false, '20260506070809Z'],
    [100, '20260506070809.1Z'],
    [0, '20260506070809Z'],
  ] as const) {
    await using sigstore = await startTestSigstore({ now, fractions });
    assert.equal((await partsFor(sigstore, timestampRequest(message))).timeText, expected);
  }
});

test('requests that cannot be read are refused', async () => {
  await using sigstore = await startTestSigstore();
  const digest = (oid: string, length: number): Buffer =>
    derSequence(derSequence(derOid(oid)), derValue(derTag.octetString, Buffer.alloc(length)));
  const sha256 = digest('2.16.840.1.101.3.4.2.1', 32);
  for (const [what, request] of [
    ['nothing', Buffer.alloc(0)],
    ['no DER', message],
    ['another version', derSequence(derInteger(2), sha256)],
    ['SHA-1', derSequence(derInteger(1), digest('1.3.14.3.2.26', 20))],
    ['a short digest', derSequence(derInteger(1), digest('2.16.840.1.101.3.4.2.1', 31))],
    ['extensions', derSequence(derInteger(1), sha256, derValue(contextTag(0, true)))],
    ['something after the end', Buffer.concat([timestampRequest(message), Buffer.from([0])])],
  ] as const) {
    assert.equal((await stamp(sigstore, request)).status, 400, what);
  }
  assert.equal((await stamp(sigstore, timestampRequest(message), 'text/plain')).status, 400);
  assert.equal((await stamp(sigstore, Buffer.from('{"hashAlgorithm":"md5"}'), 'application/json')).status, 400);
});

test('OpenSSL asks and verifies', needsProgram('openssl'), async () => {
  await using sigstore = await startTestSigstore();
  using folder = temporaryDirectory();
  const openssl = (...args: string[]): string =>
    execFileSync(findProgram('openssl') as string, args, { cwd: folder.path, stdio: 'pipe' }).toString();
  const pems =
    (await (await fetch(`${sigstore.tsaUrl}/certchain`)).text()).match(/-----BEGIN[^]+?-----END[^\n]+\n/g) ?? [];
  assert.equal(pems.length, 2);
  const [own, root] = pems as [string, string];
  assert.equal(parsePem(own).length, 1);
  folder.write('own.pem', own);
  folder.write('root.pem', root);
  folder.write('message', message);
  for (const hash of ['sha256', 'sha384', 'sha512']) {
    for (const certificates of [['-cert'], []]) {
      openssl('ts', '-query', '-data', 'message', `-${hash}`, ...certificates, '-out', 'query.tsq');
      const response = await stamp(sigstore, readFileSync(join(folder.path, 'query.tsq')));
      folder.write('reply.tsr', Buffer.from(await response.arrayBuffer()));
      const check = ['ts', '-verify', '-in', 'reply.tsr', '-CAfile', 'root.pem', '-untrusted', 'own.pem'];
      assert.match(openssl(...check, '-queryfile', 'query.tsq'), /Verification: OK/);
      assert.match(openssl(...check, '-data', 'message'), /Verification: OK/);
    }
  }
  for (const what of [
    'tsa.wrong-signature',
    'tsa.wrong-imprint',
    'tsa.wrong-nonce',
    'tsa.no-usage',
    'tsa.expired-chain',
  ] as const) {
    sigstore.faults.clear();
    sigstore.faults.add({ kind: 'spoil', what });
    openssl('ts', '-query', '-data', 'message', '-sha256', '-cert', '-out', 'query.tsq');
    const response = await stamp(sigstore, readFileSync(join(folder.path, 'query.tsq')));
    folder.write('reply.tsr', Buffer.from(await response.arrayBuffer()));
    const check = ['ts', '-verify', '-in', 'reply.tsr', '-CAfile', 'root.pem', '-queryfile', 'query.tsq'];
    assert.throws(() => openssl(...check), Error, what);
  }
});
