import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { test } from 'node:test';
import { CreateEntryRequest } from '@sigstore/protobuf-specs/rekor/v2';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { listen } from '../../../testing/registry/listen.ts';
import { rekorV2 } from '../../../testing/signing/log-service.ts';
import { artifactDigest, certificate, envelope, message, publicKey } from '../../../testing/signing/logged-subjects.ts';
import { MemoryLog } from '../../../testing/signing/memory-log.ts';
import { openNetwork } from '../../net/open-network.ts';
import type { LogEntry } from '../entity.ts';
import { SigningError, type SigningErrorCode } from '../error.ts';
import { checkLogBodies } from '../verify/check-log-bodies.ts';
import { checkLogEntries } from '../verify/check-log-entries.ts';
import { encodeLogEntry } from './encode-entry.ts';
import { type RekorV2Submission, submitToRekorV2 } from './rekor-v2.ts';

const p256 = { key: { type: 'ecdsa-p256', bits: 256 }, hash: 'sha256' } as const;
const p384 = { key: { type: 'ecdsa-p384', bits: 384 }, hash: 'sha384' } as const;
const ed25519 = { key: { type: 'ed25519', bits: 256 }, hash: 'sha512' } as const;
const rsa = { key: { type: 'rsa', bits: 3072 }, hash: 'sha256' } as const;
const record: RekorV2Submission = {
  content: message,
  digest: artifactDigest('sha256'),
  verifier: publicKey,
  scheme: p256,
};

async function submit(listener: RequestListener, submission = record): Promise<LogEntry> {
  await using server = await listen(listener);
  await using network = openNetwork({ clock: instantClock() });
  return await submitToRekorV2({ network, baseUrl: server.url }, submission);
}

async function fails(
  listener: RequestListener,
  code: SigningErrorCode,
  says: RegExp,
  submission = record,
): Promise<void> {
  await assert.rejects(submit(listener, submission), (error) => {
    assert.ok(error instanceof SigningError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, says);
    return true;
  });
}

test('submitToRekorV2() gives entries that verify, of artifacts and of envelopes, with every kind of key', async () => {
  const log = new MemoryLog({ generation: 2 });
  const submissions: readonly RekorV2Submission[] = [
    record,
    { ...record, verifier: certificate },
    { content: message, digest: artifactDigest('sha384'), verifier: publicKey, scheme: p384 },
    { content: message, digest: artifactDigest('sha512'), verifier: publicKey, scheme: ed25519 },
    { content: message, digest: artifactDigest('sha256'), verifier: certificate, scheme: rsa },
    { content: envelope, verifier: publicKey, scheme: p256 },
    { content: envelope, verifier: certificate, scheme: p384 },
    { content: envelope, verifier: certificate, scheme: ed25519 },
  ];
  for (const submission of submissions) {
    const entry = await submit(rekorV2(log), submission);
    assert.deepEqual([entry.kind, entry.version, entry.promise], ['hashedrekord', '0.0.2', undefined]);
    const entries = [entry];
    const [verified] = checkLogEntries({ entries, logs: [log.instance()], threshold: 1, evidence: 'proof' });
    assert.equal(verified?.proven, true);
    checkLogBodies({ entries, ...submission, artifactDigest });
  }
  assert.equal(log.size, submissions.length);
});

test('submitToRekorV2() sends what protobuf reads', async () => {
  const sent: string[] = [];
  const log = new MemoryLog({ generation: 2 });
  const record_: RequestListener = (request, response) => {
    request.on('data', (chunk: Buffer) => sent.push(chunk.toString()));
    rekorV2(log)(request, response);
  };
  await submit(record_);
  await submit(record_, { content: envelope, verifier: certificate, scheme: ed25519 });
  for (const text of sent) {
    const json: unknown = JSON.parse(text);
    assert.deepEqual(CreateEntryRequest.toJSON(CreateEntryRequest.fromJSON(json)), json);
  }
  assert.equal(sent.length, 2);
  assert.match(sent[0] ?? '', /"publicKey":\{"rawBytes":"[^"]+"\},"keyDetails":"PKIX_ECDSA_P256_SHA_256"/);
  assert.match(sent[1] ?? '', /"x509Certificate":\{"rawBytes":"[^"]+"\},"keyDetails":"PKIX_ED25519_PH"/);
});

function always(status: number, body: string): RequestListener {
  return (request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(status).end(body));
  };
}

test('submitToRekorV2() tells refusals, failures and nonsense apart', async () => {
  for (const [status, code] of [
    [400, 'SERVICE_REFUSED'],
    [403, 'SERVICE_REFUSED'],
    [429, 'SERVICE_UNAVAILABLE'],
    [500, 'SERVICE_UNAVAILABLE'],
    [504, 'SERVICE_UNAVAILABLE'],
    [202, 'SERVICE_PROTOCOL'],
  ] as const) {
    await fails(always(status, '{"code":3,"message":"so it is","details":[]}'), code, /so it is/);
  }
  await fails(always(201, 'garbage'), 'SERVICE_PROTOCOL', /cannot be read/);
  await fails(always(201, '{}'), 'SERVICE_PROTOCOL', /cannot be read/);
  await fails(always(201, `{"x":"${'x'.repeat(9_000_000)}"}`), 'SERVICE_PROTOCOL', /more than/);
});

test('submitToRekorV2() takes an entry that was there already where the log gives it, and else says so', async () => {
  const log = new MemoryLog({ generation: 2 });
  const first = await submit(rekorV2(log));
  await fails(rekorV2(log), 'SERVICE_REFUSED', /has this entry already, with index 0, and does not give it again/);
  await fails(always(409, 'no JSON'), 'SERVICE_REFUSED', /has this entry already and does not/);
  const again = JSON.stringify(encodeLogEntry(first));
  assert.deepEqual(await submit(always(409, again)), first);
  // No less than a new one it must be about what was sent, and come with its proof.
  const other = new MemoryLog({ generation: 2 });
  const wrong = await submit(rekorV2(other), { ...record, verifier: certificate });
  await fails(always(409, JSON.stringify(encodeLogEntry(wrong))), 'SERVICE_PROTOCOL', /another key/);
  const { proof: _proof, ...unproven } = first;
  await fails(always(409, JSON.stringify(encodeLogEntry(unproven))), 'SERVICE_PROTOCOL', /without its proof/);
  await fails(always(409, '{"canonicalizedBody":1}'), 'SERVICE_PROTOCOL', /cannot be read/);
});

test('submitToRekorV2() refuses an entry about something else, or without proof', async () => {
  const log = new MemoryLog({ generation: 2 });
  await submit(rekorV2(log), { ...record, verifier: certificate });
  const [other] = [log.entry(0)];
  for (const [change, says] of [
    [
      (text: string) =>
        text.replace(/"canonicalizedBody":"[^"]*"/, `"canonicalizedBody":"${other.body.toString('base64')}"`),
      /another key/,
    ],
    [
      (text: string) => text.replace(/"checkpoint":\{"envelope":"(?:[^"\\]|\\.)*"\}/, '"checkpoint":null'),
      /without its proof/,
    ],
    [(text: string) => text.replace('"inclusionProof"', '"other"'), /without its proof/],
    [(text: string) => text.replace('"logId"', '"other"'), /cannot be read/],
  ] as const) {
    const listener: RequestListener = (request, response) => {
      const end = response.end.bind(response);
      response.end = ((text: string) => end(change(text))) as typeof response.end;
      rekorV2(new MemoryLog({ generation: 2 }))(request, response);
    };
    await fails(listener, 'SERVICE_PROTOCOL', says);
  }
});

test('submitToRekorV2() does not send what no such log takes', async () => {
  const never: RequestListener = () => assert.fail('it was sent');
  await fails(never, 'KEY_INVALID', /prehashed/, { ...record, scheme: { ...ed25519, pure: true } });
  await fails(never, 'KEY_INVALID', /no name/, { ...record, scheme: { ...rsa, hash: 'sha512' } });
});
