import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { after, test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { type LooseBundle, startTestSigstore } from '../../../testing/sigstore.ts';
import { signingLimits } from '../limits.ts';
import { parseTrustedRoot } from './parse-trusted-root.ts';
import { isWithin } from './trust-material.ts';

const sigstore = await startTestSigstore();
after(() => sigstore[Symbol.asyncDispose]());

/** The trusted root of the development sigstore, changed. */
function changed(change: (root: LooseBundle) => void = () => undefined): Buffer {
  const root = structuredClone(sigstore.trustedRoot) as LooseBundle;
  change(root);
  return Buffer.from(JSON.stringify(root));
}

test('parseTrustedRoot() reads authorities, logs and their windows', () => {
  const trust = parseTrustedRoot(changed(), 'of the test');
  const { authorities, timestampAuthorities, logs, ctLogs } = trust;
  assert.deepEqual([authorities.length, timestampAuthorities.length, logs.length, ctLogs.length], [1, 1, 2, 1]);
  for (const { window } of [...authorities, ...logs, ...ctLogs, ...timestampAuthorities]) {
    assert.equal(isWithin(window, new Date()), true);
    assert.equal(isWithin(window, new Date(0)), false);
  }
});

test('parseTrustedRoot() leaves a log without a start untrusted', () => {
  const bytes = changed((root) => delete root.tlogs[0].publicKey.validFor);
  const [log] = parseTrustedRoot(bytes, 'of the test').logs;
  assert.equal(isWithin(log?.window ?? {}, new Date()), false);
});

test('parseTrustedRoot() keeps an end, included', () => {
  const end = '2026-01-02T03:04:05Z';
  const bytes = changed((root) => {
    root.tlogs[0].publicKey.validFor = { start: '2026-01-01T00:00:00Z', end };
  });
  const window = parseTrustedRoot(bytes, 'of the test').logs[0]?.window ?? {};
  assert.equal(isWithin(window, new Date(end)), true);
  assert.equal(isWithin(window, new Date(Date.parse(end) + 1)), false);
});

test('parseTrustedRoot() reads keys of PKCS #1, and passes over what it does not know', () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const bytes = changed((root) => {
    root.somethingNew = { a: 1 };
    root.tlogs[0].publicKey = {
      ...root.tlogs[0].publicKey,
      rawBytes: publicKey.export({ type: 'pkcs1', format: 'der' }).toString('base64'),
      keyDetails: 'PKCS1_RSA_PKCS1V5',
    };
  });
  const [log] = parseTrustedRoot(bytes, 'of the test').logs;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  assert.deepEqual(log?.key.spki, spki);
  assert.equal(createPublicKey({ key: log.key.spki, format: 'der', type: 'spki' }).asymmetricKeyType, 'rsa');
});

test('parseTrustedRoot() takes its media types and no others', () => {
  for (const mediaType of [
    'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    'application/vnd.dev.sigstore.trustedroot.v0.2+json',
  ]) {
    parseTrustedRoot(
      changed((root) => Object.assign(root, { mediaType })),
      'of the test',
    );
  }
  for (const mediaType of [
    '',
    'application/json',
    'application/vnd.dev.sigstore.trustedroot+json;version=0.1EVIL',
    'application/vnd.dev.sigstore.trustedroot.v0.9+json',
    'application/vnd.dev.sigstore.bundle.v0.3+json',
  ]) {
    const bytes = changed((root) => Object.assign(root, { mediaType }));
    assert.throws(() => parseTrustedRoot(bytes, 'of the test'), { code: 'TRUSTED_ROOT_INVALID' }, mediaType);
  }
});

for (const [title, bytes] of [
  ['nothing', Buffer.alloc(0)],
  ['a list', Buffer.from('[]')],
  ['two values of one name', Buffer.from(changed().toString().replace('{', '{"tlogs":[],'))],
  ['an authority without certificates', changed((root) => (root.certificateAuthorities[0].certChain = {}))],
  [
    'a certificate that is none',
    changed((root) => (root.certificateAuthorities[0].certChain.certificates[0].rawBytes = 'AAAA')),
  ],
  ['a log without a key', changed((root) => delete root.tlogs[0].publicKey)],
  ['a log without an id', changed((root) => delete root.ctlogs[0].logId)],
  ['a key that is none', changed((root) => (root.tlogs[0].publicKey.rawBytes = 'AAAA'))],
  ['base64 that is none', changed((root) => (root.tlogs[0].publicKey.rawBytes = '!'))],
  ['a time that is none', changed((root) => (root.tlogs[0].publicKey.validFor.start = 'yesterday'))],
  ['logs that are no list', changed((root) => (root.tlogs = {}))],
  ['more logs than any', changed((root) => (root.tlogs = Array.from({ length: 65 }, () => root.tlogs[0])))],
  ['more bytes than any', Buffer.alloc(signingLimits.trustBytes + 1, 0x20)],
] as const) {
  test(`parseTrustedRoot() refuses ${title}`, () => {
    assert.throws(() => parseTrustedRoot(bytes, 'of the test'), { code: 'TRUSTED_ROOT_INVALID' });
  });
}

test('parseTrustedRoot() survives hostile bytes', () => {
  assertSurvives([changed()], (bytes) => parseTrustedRoot(bytes, 'of the test'));
});
