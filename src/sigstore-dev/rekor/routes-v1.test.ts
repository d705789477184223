import assert from 'node:assert/strict';
import { createHash, createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { formatPem } from '../../codec/pem/pem.ts';
import { post, signMessage, signStatement, startTestSigstore, statementAbout } from '../../../testing/sigstore.ts';
import { makeDevKey, signWith } from '../key/dev-key.ts';
import type { Sigstore } from '../sigstore.ts';
import { hashLeaf } from './merkle-tree.ts';

// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;

async function get(url: string): Promise<Json> {
  return (await fetch(url)).json();
}

function propose(sigstore: Sigstore, entry: unknown): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${sigstore.url}/api/v1/log/entries`, { method: 'POST', headers, body: JSON.stringify(entry) });
}

const key = makeDevKey('ecdsa-p256');
const publicPem = formatPem({ label: 'PUBLIC KEY', bytes: key.spki });
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');

function hashed(message: string): Json {
  const value = createHash('sha256').update(message).digest('hex');
  const content = base64(signWith(key, Buffer.from(message)));
  const signature = { content, publicKey: { content: base64(publicPem) } };
  return {
    kind: 'hashedrekord',
    apiVersion: '0.0.1',
    spec: { data: { hash: { algorithm: 'sha256', value } }, signature },
  };
}

const payloadType = 'application/vnd.in-toto+json';
const statement = JSON.stringify(statementAbout('ab'.repeat(32)));

function envelopeOf(payload = statement): Json {
  const signed = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} ${payload}`);
  return { payload: base64(payload), payloadType, signatures: [{ sig: base64(signWith(key, signed)) }] };
}

/** Checks all that an answer promises by the log's public key alone. */
async function checkAnswer(sigstore: Sigstore, answer: Json, logIndex: number): Promise<Json> {
  const [[uuid, entry]] = Object.entries(answer) as [[string, Json]];
  const logKey = createPublicKey(await (await fetch(`${sigstore.url}/api/v1/log/publicKey`)).text());
  const { body, integratedTime, logID, verification } = entry;
  assert.equal(entry.logIndex, logIndex);
  assert.equal(
    logID,
    createHash('sha256')
      .update(logKey.export({ type: 'spki', format: 'der' }))
      .digest('hex'),
  );
  const signed = `{"body":"${body}","integratedTime":${integratedTime},"logID":"${logID}","logIndex":${logIndex}}`;
  const promise = Buffer.from(verification.signedEntryTimestamp, 'base64');
  assert.ok(verify('sha256', Buffer.from(signed), logKey, promise));
  const leaf = hashLeaf(Buffer.from(body, 'base64'));
  assert.equal(uuid.slice(16), leaf.toString('hex'));
  const { checkpoint, rootHash, treeSize } = verification.inclusionProof;
  const [text, signatures] = checkpoint.split('\n\n') as [string, string];
  const [origin, size, root] = text.split('\n') as [string, string, string];
  const [, name, note] = /^\u2014 (\S+) (\S+)\n$/.exec(signatures) as unknown as [string, string, string];
  assert.equal(origin, `${name} - ${BigInt(`0x${uuid.slice(0, 16)}`)}`);
  assert.deepEqual([Number(size), Buffer.from(root, 'base64').toString('hex')], [treeSize, rootHash]);
  const bytes = Buffer.from(note, 'base64');
  assert.equal(bytes.subarray(0, 4).toString('hex'), logID.slice(0, 8));
  assert.ok(verify('sha256', Buffer.from(`${text}\n`), logKey, bytes.subarray(4)));
  return JSON.parse(Buffer.from(body, 'base64').toString());
}

test('an entry comes back with promise, proof and checkpoint, by every way there is to ask', async () => {
  await using sigstore = await startTestSigstore({ firstIndex: 1000 });
  for (let index = 0; index < 5; index += 1) {
    const entry = hashed(`message ${index}`);
    const response = await propose(sigstore, entry);
    const answer = (await response.json()) as Json;
    const [uuid] = Object.keys(answer) as [string];
    assert.deepEqual(
      [response.status, response.headers.get('etag'), response.headers.get('location')],
      [201, uuid, `/api/v1/log/entries/${uuid}`],
    );
    const { spec } = await checkAnswer(sigstore, answer, 1000 + index);
    assert.deepEqual(spec, entry.spec);
    for (const again of [
      await get(`${sigstore.url}/api/v1/log/entries/${uuid}`),
      await get(`${sigstore.url}/api/v1/log/entries/${uuid.slice(16)}`),
      await get(`${sigstore.url}/api/v1/log/entries?logIndex=${1000 + index}`),
      ...((await post(`${sigstore.url}/api/v1/log/entries/retrieve`, { entryUUIDs: [uuid] })) as Json),
      ...((await post(`${sigstore.url}/api/v1/log/entries/retrieve`, { logIndexes: [1000 + index] })) as Json),
      ...((await post(`${sigstore.url}/api/v1/log/entries/retrieve`, { entries: [entry] })) as Json),
    ]) {
      assert.deepEqual(Object.keys(again), [uuid]);
      await checkAnswer(sigstore, again, 1000 + index);
    }
  }
  const log = await get(`${sigstore.url}/api/v1/log`);
  assert.equal(log.treeSize, 5);
  const proof = await get(`${sigstore.url}/api/v1/log/proof?firstSize=3&lastSize=5`);
  assert.equal(proof.rootHash, log.rootHash);
  assert.ok(proof.hashes.length > 0);
  for (const query of ['firstSize=0&lastSize=5', 'firstSize=3&lastSize=6', 'firstSize=4&lastSize=3', 'lastSize=x']) {
    assert.equal((await fetch(`${sigstore.url}/api/v1/log/proof?${query}`)).status, 400, query);
  }
});

test('what is in the log already is not added again', async () => {
  await using sigstore = await startTestSigstore();
  // ECDSA signs anew each time, which makes another entry.
  for (let times = 0; times < 2; times += 1) assert.equal((await propose(sigstore, hashed('once'))).status, 201);
  const entry = hashed('twice');
  assert.equal((await propose(sigstore, entry)).status, 201);
  const conflict = await propose(sigstore, entry);
  assert.equal(conflict.status, 409);
  const location = conflict.headers.get('location') as string;
  const existing = Object.keys(await get(`${sigstore.url}${location}`))[0] as string;
  assert.ok((await get(`${sigstore.url}/api/v1/log`)).treeSize === 3);
  assert.match(((await conflict.json()) as Json).message, new RegExp(`already exists .* ${existing}$`));
});

test('envelopes and statements are written down as the real log does', async () => {
  await using sigstore = await startTestSigstore();
  const envelope = JSON.stringify(envelopeOf());
  const sha256 = (text: string): Json => ({
    algorithm: 'sha256',
    value: createHash('sha256').update(text).digest('hex'),
  });
  const proposedContent = { envelope, verifiers: [base64(publicPem)] };
  const dsse = { kind: 'dsse', apiVersion: '0.0.1', spec: { proposedContent } };
  const { sig } = JSON.parse(envelope).signatures[0];
  const written = await checkAnswer(sigstore, await (await propose(sigstore, dsse)).json(), 0);
  assert.deepEqual(written, {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: sha256(envelope),
      payloadHash: sha256(statement),
      signatures: [{ signature: sig, verifier: base64(publicPem) }],
    },
  });

  const publicKey = base64(publicPem);
  const twice = {
    payload: base64(base64(statement)),
    payloadType,
    signatures: [{ keyid: 'me', publicKey, sig: base64(sig) }],
  };
  const intoto = {
    kind: 'intoto',
    apiVersion: '0.0.2',
    spec: { content: { envelope: twice, hash: sha256(envelope) } },
  };
  const answer = (await (await propose(sigstore, intoto)).json()) as Json;
  assert.deepEqual((await checkAnswer(sigstore, answer, 1)).spec, {
    content: {
      envelope: { payloadType, signatures: twice.signatures },
      hash: sha256(envelope),
      payloadHash: sha256(statement),
    },
  });
  assert.equal((Object.values(answer)[0] as Json).attestation.data, base64(statement));

  const old = { kind: 'intoto', apiVersion: '0.0.1', spec: { content: { envelope }, publicKey } };
  assert.deepEqual((await checkAnswer(sigstore, await (await propose(sigstore, old)).json(), 2)).spec, {
    content: { hash: sha256(envelope), payloadHash: sha256(statement) },
    publicKey,
  });
});

test('entries that do not hold are refused', async () => {
  await using sigstore = await startTestSigstore();
  const other = base64(formatPem({ label: 'PUBLIC KEY', bytes: makeDevKey('ecdsa-p256').spki }));
  const change = (changes: (entry: Json) => void): Json => {
    const entry = hashed('message');
    changes(entry);
    return entry;
  };
  const envelope = envelopeOf();
  const dsse = (content: Json): Json => ({ kind: 'dsse', apiVersion: '0.0.1', spec: { proposedContent: content } });
  const verifiers = [base64(publicPem)];
  for (const [what, entry] of [
    ['not an object', []],
    ['no kind', {}],
    ['another kind', { ...hashed('x'), kind: 'rpm' }],
    ['another version', { ...hashed('x'), apiVersion: '0.0.9' }],
    ['another key', change(({ spec }) => (spec.signature.publicKey.content = other))],
    ['another digest', change(({ spec }) => (spec.data.hash.value = 'ab'.repeat(32)))],
    ['a short digest', change(({ spec }) => (spec.data.hash.value = 'abcd'))],
    ['another algorithm', change(({ spec }) => (spec.data.hash.algorithm = 'sha1'))],
    ['no signature', change(({ spec }) => delete spec.signature.content)],
    ['no base64', change(({ spec }) => (spec.signature.content = '****'))],
    ['an envelope of another key', dsse({ envelope: JSON.stringify(envelope), verifiers: [other] })],
    ['an envelope without key', dsse({ envelope: JSON.stringify(envelope), verifiers: [] })],
    ['another payload', dsse({ envelope: JSON.stringify({ ...envelope, payload: base64('{}') }), verifiers })],
    ['another type', dsse({ envelope: JSON.stringify({ ...envelope, payloadType: 'text/plain' }), verifiers })],
    ['no signatures', dsse({ envelope: JSON.stringify({ ...envelope, signatures: [] }), verifiers })],
    [
      'two, one wrong',
      dsse({
        envelope: JSON.stringify({ ...envelope, signatures: [...envelope.signatures, { sig: 'AAAA' }] }),
        verifiers,
      }),
    ],
    ['no envelope', dsse({ envelope: 'x', verifiers })],
    ['a payload that is no statement', dsse({ envelope: JSON.stringify(envelopeOf('no json')), verifiers })],
  ] as const) {
    assert.equal((await propose(sigstore, entry)).status, 400, what);
  }
  assert.equal((await get(`${sigstore.url}/api/v1/log`)).treeSize, 0);
  assert.equal((await fetch(`${sigstore.url}/api/v1/log/entries?logIndex=0`)).status, 404);
  assert.equal((await fetch(`${sigstore.url}/api/v1/log/entries?logIndex=-1`)).status, 404);
  assert.equal((await fetch(`${sigstore.url}/api/v1/log/entries/${'ab'.repeat(32)}`)).status, 404);
  assert.equal((await fetch(`${sigstore.url}/api/v1/log/entries/none`)).status, 400);
  const many = { logIndexes: Array.from({ length: 11 }, (_, index) => index) };
  await assert.rejects(post(`${sigstore.url}/api/v1/log/entries/retrieve`, many), /answered 400/);
});

test('entries are found by digest, address, key and what a statement is about', async () => {
  await using sigstore = await startTestSigstore();
  const message = Buffer.from('artefact');
  await signMessage(sigstore, message);
  await signStatement(sigstore, statementAbout('cd'.repeat(32)), { claims: { email: 'mate@example.com' } });
  await propose(sigstore, hashed('mine'));
  const search = async (query: Json): Promise<string[]> => post(`${sigstore.url}/api/v1/index/retrieve`, query) as Json;
  const named = async (index: number): Promise<string> => {
    return Object.keys(await get(`${sigstore.url}/api/v1/log/entries?logIndex=${index}`))[0] as string;
  };
  const digest = createHash('sha256').update(message).digest('hex');
  assert.deepEqual(await search({ hash: `sha256:${digest}` }), [await named(0)]);
  assert.deepEqual(await search({ hash: digest.toUpperCase() }), [await named(0)]);
  assert.deepEqual(await search({ email: 'dev@example.com' }), [await named(0)]);
  assert.deepEqual(await search({ hash: `sha256:${'cd'.repeat(32)}` }), [await named(1)]);
  assert.deepEqual(await search({ publicKey: { format: 'x509', content: base64(publicPem) } }), [await named(2)]);
  const both = { hash: digest, email: 'mate@example.com' };
  assert.equal((await search(both)).length, 2);
  assert.equal((await search({ ...both, operator: 'and' })).length, 0);
  assert.deepEqual(await search({ hash: 'ee'.repeat(32) }), []);
  await assert.rejects(search({}), /answered 400/);
});

test('keys of every kind may sign what is logged', async () => {
  await using sigstore = await startTestSigstore();
  for (const kind of ['ecdsa-p256', 'ecdsa-p384', 'ecdsa-p521', 'rsa'] as const) {
    const bundle = await signMessage(sigstore, Buffer.from(kind), { key: kind });
    assert.equal(bundle.verificationMaterial.tlogEntries.length, 1, kind);
  }
});
