import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { VerificationError } from '../verify/verification-error.ts';
import type { SignedEntity } from '../entity.ts';
import { encodeBundle } from './encode.ts';
import { bundleMediaType } from './media-type.ts';
import { parseBundle } from './parse.ts';

const leaf = Buffer.from('certificate');

const logEntry = {
  logIndex: 0n,
  logId: Buffer.alloc(32, 1),
  kind: 'hashedrekord',
  version: '0.0.1',
  integratedTime: 1_700_000_000n,
  promise: Buffer.from('promise'),
  proof: {
    logIndex: 0n,
    treeSize: 1n,
    rootHash: Buffer.alloc(32, 2),
    hashes: [],
    checkpoint: 'origin\n1\nroot\n\n— origin sig\n',
  },
  body: Buffer.from('{}'),
} as const;

const entities: readonly SignedEntity[] = [
  {
    format: 'bundle',
    mediaType: bundleMediaType,
    material: { kind: 'certificate', certificates: [leaf] },
    logEntries: [logEntry],
    timestamps: [Buffer.from('stamp')],
    content: {
      kind: 'message',
      signature: Buffer.from('signature'),
      digest: { algorithm: 'sha256', value: Buffer.alloc(32, 3) },
    },
  },
  {
    format: 'bundle',
    mediaType: bundleMediaType,
    material: { kind: 'public-key', hint: 'aGludA==' },
    logEntries: [],
    timestamps: [],
    content: {
      kind: 'envelope',
      payloadType: 'application/vnd.in-toto+json',
      payload: Buffer.from('{"a":1}'),
      signature: Buffer.from('signature'),
      keyId: 'key',
    },
  },
];

const [message, envelope] = entities.map((entity) => JSON.parse(encodeBundle(entity).toString()) as Json) as [
  Json,
  Json,
];

type Json = Record<string, unknown>;

test('parseBundle() reads what encodeBundle() writes', () => {
  for (const entity of entities) assert.deepEqual(parseBundle(encodeBundle(entity)), entity);
});

test('parseBundle() takes values that writers leave out when they are zero', () => {
  const bundle = structuredClone(message) as { verificationMaterial: { tlogEntries: Json[] } };
  const [entry] = bundle.verificationMaterial.tlogEntries as [Json];
  delete entry['logIndex'];
  const proof = entry['inclusionProof'] as Json;
  delete proof['logIndex'];
  delete proof['hashes'];
  const [read] = parseBundle(Buffer.from(JSON.stringify(bundle))).logEntries;
  assert.deepEqual([read?.logIndex, read?.proof?.logIndex, read?.proof?.hashes], [0n, 0n, []]);
});

/** The bundle with one value replaced; `undefined` takes the field away. */
function changed(bundle: Json, path: string, value: unknown): Buffer {
  const copy = structuredClone(bundle);
  const names = path.split('.');
  const last = names.pop() as string;
  let at: Record<string, unknown> = copy;
  for (const name of names) at = at[name] as Record<string, unknown>;
  if (value === undefined) delete at[last];
  else at[last] = value;
  return Buffer.from(JSON.stringify(copy));
}

const material = 'verificationMaterial';
const entry = `${material}.tlogEntries.0`;
const chain = { certificates: [{ rawBytes: leaf.toString('base64') }] };

test('parseBundle() refuses what breaks the format', () => {
  for (const [bytes, code] of [
    [changed(message, 'mediaType', undefined), 'SIGNATURE_UNSUPPORTED'],
    [changed(message, 'mediaType', `${bundleMediaType}EVIL`), 'SIGNATURE_UNSUPPORTED'],
    [changed(message, 'mediaType', 'application/vnd.dev.sigstore.bundle.v0.9+json'), 'SIGNATURE_UNSUPPORTED'],
    [changed(message, 'mediaType', 'application/vnd.dev.sigstore.bundle+json;version=0.4'), 'SIGNATURE_UNSUPPORTED'],
    [changed(message, material, undefined), 'SIGNATURE_MALFORMED'],
    [changed(message, `${material}.certificate`, undefined), 'SIGNATURE_MALFORMED'],
    [changed(message, `${material}.certificate.rawBytes`, ''), 'SIGNATURE_MALFORMED'],
    [changed(message, `${material}.publicKey`, { hint: '' }), 'SIGNATURE_MALFORMED'],
    [changed(message, 'dsseEnvelope', envelope['dsseEnvelope']), 'SIGNATURE_MALFORMED'],
    [changed(message, 'messageSignature', undefined), 'SIGNATURE_MALFORMED'],
    [changed(message, 'messageSignature.signature', ''), 'SIGNATURE_MALFORMED'],
    [changed(message, 'messageSignature.signature', 'c2ln bmF0dXJl'), 'SIGNATURE_MALFORMED'],
    [changed(message, 'messageSignature.messageDigest.algorithm', 'SHA1'), 'SIGNATURE_MALFORMED'],
    [changed(message, 'messageSignature.messageDigest.algorithm', 'SHA3_256'), 'SIGNATURE_UNSUPPORTED'],
    [changed(message, 'messageSignature.messageDigest.digest', 'QQ=='), 'SIGNATURE_MALFORMED'],
    [changed(message, 'dsse_envelope', {}), 'SIGNATURE_MALFORMED'],
    [changed(message, `${entry}.logIndex`, '1e3'), 'SIGNATURE_MALFORMED'],
    [changed(message, `${entry}.inclusionProof`, undefined), 'SIGNATURE_MALFORMED'],
    [changed(message, `${entry}.inclusionProof.checkpoint`, undefined), 'SIGNATURE_MALFORMED'],
    [changed(message, `${entry}.logId`, undefined), 'SIGNATURE_MALFORMED'],
    [changed(message, `${entry}.kindVersion`, undefined), 'SIGNATURE_MALFORMED'],
    [changed(message, `${entry}.canonicalizedBody`, undefined), 'SIGNATURE_MALFORMED'],
    [
      changed(
        message,
        `${material}.tlogEntries`,
        Array.from({ length: 33 }, () => ({})),
      ),
      'SIGNATURE_TOO_LARGE',
    ],
    [
      changed(
        message,
        `${material}.timestampVerificationData.rfc3161Timestamps`,
        Array.from({ length: 33 }, () => ({})),
      ),
      'SIGNATURE_TOO_LARGE',
    ],
    [changed(envelope, 'dsseEnvelope.signatures', []), 'SIGNATURE_MALFORMED'],
    [changed(envelope, 'dsseEnvelope.signatures', [{ sig: 'QQ==' }, { sig: 'QQ==' }]), 'SIGNATURE_MALFORMED'],
    [changed(envelope, 'dsseEnvelope.payload', ''), 'SIGNATURE_MALFORMED'],
    [Buffer.from(JSON.stringify(message).replace('{', '{"mediaType":"x",')), 'SIGNATURE_MALFORMED'],
    [Buffer.from('['.repeat(100_000)), 'SIGNATURE_TOO_LARGE'],
    [Buffer.from('null'), 'SIGNATURE_UNSUPPORTED'],
  ] as const) {
    assert.throws(
      () => parseBundle(bytes),
      (error) => error instanceof VerificationError && error.code === code && error.facts.check === 'shape',
      bytes.toString().slice(0, 300),
    );
  }
});

test('parseBundle() takes a chain in v0.3 only where that was asked for', () => {
  const without = JSON.parse(changed(message, `${material}.certificate`, undefined).toString()) as Json;
  const bytes = changed(without, `${material}.x509CertificateChain`, chain);
  assert.throws(() => parseBundle(bytes), { code: 'SIGNATURE_MALFORMED' });
  assert.deepEqual(parseBundle(bytes, { allowCertificateChain: true }).material, {
    kind: 'certificate',
    certificates: [leaf],
  });
  const old = 'application/vnd.dev.sigstore.bundle+json;version=0.1';
  const first = JSON.parse(changed(without, 'mediaType', old).toString()) as Json;
  assert.equal(parseBundle(changed(first, `${material}.x509CertificateChain`, chain)).mediaType, old);
  assert.throws(() => parseBundle(changed(first, `${material}.x509CertificateChain`, {})), /chain is empty/);
});

test('parseBundle() survives hostile bytes', () => {
  assertSurvives([JSON.stringify(message), JSON.stringify(envelope)], (bytes) => parseBundle(bytes));
});
