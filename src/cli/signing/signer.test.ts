import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LocalSignerOptions } from '../../signing/key/local-signer.ts';
import { choicesFor, type SignedKind } from './signer.ts';

const rows: readonly {
  readonly kind: SignedKind;
  readonly logs: readonly (1 | 2)[];
  readonly wanted: LocalSignerOptions;
  readonly why: string;
}[] = [
  { kind: 'message', logs: [], wanted: { ed25519: 'pure' }, why: 'what every cosign verifies' },
  { kind: 'message', logs: [1], wanted: { ed25519: 'prehashed' }, why: 'the log is told a digest' },
  { kind: 'message', logs: [2], wanted: { ed25519: 'prehashed' }, why: 'the log is told a digest' },
  { kind: 'payload', logs: [], wanted: { ed25519: 'pure', hash: 'sha256' }, why: 'cosign 2 knows SHA-256 alone' },
  { kind: 'payload', logs: [1], wanted: { ed25519: 'prehashed', hash: 'sha256' }, why: 'and so does what it logs' },
  { kind: 'statement', logs: [], wanted: { ed25519: 'pure', hash: 'sha256' }, why: 'envelopes are read so' },
  { kind: 'statement', logs: [1], wanted: { ed25519: 'pure', hash: 'sha256' }, why: 'the log is sent the envelope' },
  { kind: 'statement', logs: [2], wanted: { ed25519: 'prehashed' }, why: 'Rekor v2 wants the digest of the key' },
  { kind: 'statement', logs: [1, 2], wanted: { ed25519: 'prehashed' }, why: 'the strictest log decides' },
];

test('choicesFor() signs so that logs and cosign verify it', () => {
  for (const { kind, logs, wanted, why } of rows) {
    const addresses = logs.map((version) => ({ url: 'https://log.example', version }));
    assert.deepEqual(choicesFor(kind, addresses), wanted, `${kind} in ${logs.join() || 'no log'}: ${why}`);
  }
});
