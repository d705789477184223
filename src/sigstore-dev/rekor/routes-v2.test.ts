import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { post, signMessage, startTestSigstore } from '../../../testing/sigstore.ts';
import { makeDevKey, signWith } from '../key/dev-key.ts';
import type { Sigstore } from '../sigstore.ts';
import { hashLeaf, hashNode } from './merkle-tree.ts';

// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;

const key = makeDevKey('ecdsa-p256');
const publicKey = { rawBytes: key.spki.toString('base64') };

function hashed(message: string, verifier: Json = { publicKey, keyDetails: 'PKIX_ECDSA_P256_SHA_256' }): Json {
  const digest = createHash('sha256').update(message).digest('base64');
  const content = signWith(key, Buffer.from(message)).toString('base64');
  return { hashedRekordRequestV002: { digest, signature: { content, verifier } } };
}

function propose(sigstore: Sigstore, request: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${sigstore.url}/api/v2/log/entries`, { method: 'POST', headers, body: JSON.stringify(request) });
}

/** Size and root of a checkpoint that the log's key in the trusted root verifies (C2SP signed-note). */
function checkNote(sigstore: Sigstore, note: string): { size: number; root: Buffer } {
  const log = (sigstore.trustedRoot as Json).tlogs[1];
  const raw = Buffer.from(log.publicKey.rawBytes, 'base64');
  const [text, signature] = note.split('\n\n') as [string, string];
  const [origin, size, root] = text.split('\n') as [string, string, string];
  assert.equal(origin, '127.0.0.1');
  const bytes = Buffer.from(
    (/^\u2014 127\.0\.0\.1 (\S+)\n$/.exec(signature) as RegExpExecArray)[1] as string,
    'base64',
  );
  const id = createHash('sha256').update(`${origin}\n\u0001`).update(raw.subarray(-32)).digest();
  assert.deepEqual(Buffer.from(log.logId.keyId, 'base64'), id);
  assert.deepEqual(bytes.subarray(0, 4), id.subarray(0, 4));
  const logKey = createPublicKey({ key: raw, type: 'spki', format: 'der' });
  assert.ok(verify(null, Buffer.from(`${text}\n`), logKey, bytes.subarray(4)));
  return { size: Number(size), root: Buffer.from(root, 'base64') };
}

test('an entry comes back with its proof, and can be found in the tiles', async () => {
  await using sigstore = await startTestSigstore();
  for (let index = 0; index < 3; index += 1) {
    const request = hashed(`message ${index}`);
    const response = await propose(sigstore, request);
    assert.equal(response.status, 201);
    const entry = (await response.json()) as Json;
    const { digest, signature } = request.hashedRekordRequestV002;
    const body = Buffer.from(entry.canonicalizedBody, 'base64').toString();
    assert.equal(
      body,
      `{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"${digest}"},"signature":{"content":"${signature.content}","verifier":{"keyDetails":"PKIX_ECDSA_P256_SHA_256","publicKey":{"rawBytes":"${publicKey.rawBytes}"}}}}}}`,
    );
    assert.deepEqual(entry.kindVersion, { kind: 'hashedrekord', version: '0.0.2' });
    assert.deepEqual([entry.logIndex, entry.integratedTime, entry.inclusionPromise], [String(index), '0', null]);
    assert.deepEqual(entry.logId, (sigstore.trustedRoot as Json).tlogs[1].logId);
    const { size, root } = checkNote(sigstore, entry.inclusionProof.checkpoint.envelope);
    assert.deepEqual(
      [String(size), root.toString('base64')],
      [entry.inclusionProof.treeSize, entry.inclusionProof.rootHash],
    );
    if (index === 2) {
      const [pair] = entry.inclusionProof.hashes;
      assert.deepEqual(hashNode(Buffer.from(pair, 'base64'), hashLeaf(Buffer.from(body))), root);
    }
    const get = async (path: string): Promise<Buffer> =>
      Buffer.from(await (await fetch(`${sigstore.url}${path}`)).arrayBuffer());
    assert.deepEqual(checkNote(sigstore, (await get('/api/v2/checkpoint')).toString()), { size, root });
    const hashes = await get(`/api/v2/tile/0/000.p/${size}`);
    assert.deepEqual(hashes.subarray(-32), hashLeaf(Buffer.from(body)));
    const entries = await get(`/api/v2/tile/entries/000.p/${size}`);
    assert.equal(entries.subarray(-body.length).toString(), body);
  }
  assert.equal((await fetch(`${sigstore.url}/api/v2/tile/0/000`)).status, 404);
});

test('what is in the log already is not added again', async () => {
  await using sigstore = await startTestSigstore();
  const request = hashed('message');
  assert.equal((await propose(sigstore, hashed('first'))).status, 201);
  assert.equal((await propose(sigstore, request)).status, 201);
  const conflict = await propose(sigstore, request);
  assert.deepEqual([conflict.status, conflict.headers.get('x-log-index')], [409, '1']);
  assert.equal(((await conflict.json()) as Json).code, 6);
});

test('entries that do not hold are refused', async () => {
  await using sigstore = await startTestSigstore();
  const other = { rawBytes: makeDevKey('ecdsa-p256').spki.toString('base64') };
  const keyDetails = 'PKIX_ECDSA_P256_SHA_256';
  // Without a look at the kind of key this would verify: the digest and the signature are right.
  const longer = hashed('x', { publicKey, keyDetails: 'PKIX_ED25519_PH' });
  const { hashedRekordRequestV002: content } = longer;
  content.digest = createHash('sha512').update('x').digest('base64');
  content.signature.content = signWith(key, Buffer.from('x'), 'sha512').toString('base64');
  for (const [what, request] of [
    ['nothing', {}],
    ['a key that is said to be another', longer],
    ['another key', hashed('x', { publicKey: other, keyDetails })],
    ['another kind of key', hashed('x', { publicKey, keyDetails: 'PKIX_ECDSA_P384_SHA_384' })],
    ['an unknown kind', hashed('x', { publicKey, keyDetails: 'constructor' })],
    ['a certificate that is none', hashed('x', { x509Certificate: publicKey, keyDetails })],
    ['no key', hashed('x', { keyDetails })],
    ['an envelope', { dsseRequestV002: {} }],
  ] as const) {
    assert.equal((await propose(sigstore, request)).status, 400, what);
  }
});

test('a log as it was at first takes envelopes', async () => {
  await using sigstore = await startTestSigstore({ envelopesV2: true });
  const [payloadType, payload] = ['text/plain', 'words'];
  const sig = signWith(key, Buffer.from(`DSSEv1 10 ${payloadType} 5 ${payload}`)).toString('base64');
  const envelope = { payload: Buffer.from(payload).toString('base64'), payloadType, signatures: [{ sig, keyid: '' }] };
  const verifiers = [{ publicKey, keyDetails: 'PKIX_ECDSA_P256_SHA_256' }];
  const entry: Json = await post(`${sigstore.url}/api/v2/log/entries`, { dsseRequestV002: { envelope, verifiers } });
  assert.deepEqual(entry.kindVersion, { kind: 'dsse', version: '0.0.2' });
  assert.deepEqual(JSON.parse(Buffer.from(entry.canonicalizedBody, 'base64').toString()).spec, {
    dsseV002: {
      payloadHash: { algorithm: 'SHA2_256', digest: createHash('sha256').update(payload).digest('base64') },
      signatures: [{ content: sig, verifier: verifiers[0] }],
    },
  });
  const wrong = { ...envelope, payload: 'AAAA' };
  assert.equal((await propose(sigstore, { dsseRequestV002: { envelope: wrong, verifiers } })).status, 400);
});

test('certificates of every kind of key are logged', async () => {
  await using sigstore = await startTestSigstore();
  for (const kind of ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'rsa'] as const) {
    const bundle = await signMessage(sigstore, Buffer.from(kind), { key: kind, rekor: 2 });
    const [entry] = bundle.verificationMaterial.tlogEntries;
    const { verifier } = JSON.parse(Buffer.from(entry.canonicalizedBody, 'base64').toString()).spec.hashedRekordV002
      .signature;
    assert.deepEqual(verifier.x509Certificate, bundle.verificationMaterial.certificate, kind);
  }
});
