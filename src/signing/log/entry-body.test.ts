import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import {
  artifactDigest,
  certificate,
  envelope,
  envelopeBodies,
  message,
  messageBodies,
  publicKey,
} from '../../../testing/signing/logged-subjects.ts';
import { canonical, pemOf } from '../../../testing/signing/log-bodies.ts';
import { isTiled, parseEntryBody, parseEntryKind } from './entry-body.ts';

const all = { ...messageBodies, ...envelopeBodies };

test('parseEntryBody() reads every kind, with a key or a certificate', () => {
  for (const [name, make] of Object.entries(all)) {
    for (const verifier of [publicKey, certificate]) {
      const { kind, version, subject, signatures } = parseEntryBody(make(verifier));
      assert.ok(name.startsWith(`${kind} ${version}`), name);
      assert.equal(signatures.length, 1, name);
      assert.deepEqual(signatures[0]?.verifier, verifier, name);
      const { signature } = name in messageBodies ? message : envelope;
      assert.deepEqual(signatures[0]?.signature, name === 'intoto 0.0.1' ? undefined : signature, name);
      assert.equal(subject.kind, name.startsWith('dsse') || name.startsWith('intoto') ? 'envelope' : 'message', name);
    }
  }
  const { subject } = parseEntryBody(messageBodies['rekord 0.0.1']?.(publicKey) ?? assert.fail());
  assert.deepEqual(subject, { kind: 'message', digest: { algorithm: 'sha256', value: artifactDigest('sha256') } });
});

test('parseEntryBody() takes the first certificate of a chain', () => {
  const chain = Buffer.from(pemOf(certificate) + pemOf(certificate)).toString('base64');
  const body = edit('rekord 0.0.1', (spec) => {
    spec['signature'] = { ...(spec['signature'] as object), publicKey: { content: chain } };
  });
  assert.deepEqual(parseEntryBody(body).signatures[0]?.verifier, certificate);
});

/** An entry with its `spec` changed. */
function edit(name: string, change: (spec: Record<string, unknown>) => void): Buffer {
  const make = all[name] ?? assert.fail(name);
  const { kind, apiVersion, spec } = JSON.parse(make(certificate).toString()) as {
    readonly kind: string;
    readonly apiVersion: string;
    readonly spec: Record<string, unknown>;
  };
  change(spec);
  return canonical(kind, apiVersion, spec);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const sha256 = { algorithm: 'sha256', value: '00'.repeat(32) };

test('parseEntryBody() refuses entries that break their form', () => {
  const cases: readonly (readonly [name: string, spec: object])[] = [
    ['hashedrekord 0.0.1', { data: undefined }],
    ['hashedrekord 0.0.1', { data: { hash: { ...sha256, value: '00'.repeat(31) } } }],
    ['hashedrekord 0.0.1', { data: { hash: { ...sha256, value: '00'.repeat(33) } } }],
    ['hashedrekord 0.0.1', { data: { hash: { ...sha256, value: 'zz'.repeat(32) } } }],
    ['hashedrekord 0.0.1', { data: { hash: { value: sha256.value } } }],
    ['hashedrekord 0.0.1', { signature: { content: 'AA', publicKey: { content: base64(pemOf(certificate)) } } }],
    ['hashedrekord 0.0.1', { signature: { content: '', publicKey: { content: base64(pemOf(certificate)) } } }],
    ['hashedrekord 0.0.1', { signature: { content: 'AAAA', publicKey: { content: base64('no PEM') } } }],
    ['hashedrekord 0.0.1', { signature: { content: 'AAAA', publicKey: { content: pemOf(certificate) } } }],
    ['hashedrekord 0.0.1', { signature: { content: 'AAAA', publicKey: base64(pemOf(certificate)) } }],
    ['hashedrekord 0.0.1', pemCase(pemOf(publicKey) + pemOf(publicKey))],
    ['hashedrekord 0.0.1', pemCase(pemOf(publicKey) + pemOf(certificate))],
    ['hashedrekord 0.0.1', pemCase(pemOf(certificate) + pemOf(publicKey))],
    ['hashedrekord 0.0.1', pemCase(pemOf(certificate).repeat(12))],
    ['hashedrekord 0.0.1', pemCase(pemOf(publicKey).replaceAll('PUBLIC KEY', 'RSA PUBLIC KEY'))],
    ['hashedrekord 0.0.2', { hashedRekordV002: undefined }],
    ['hashedrekord 0.0.2', { hashedRekordV002: [] }],
    ['dsse 0.0.1', { signatures: [] }],
    ['dsse 0.0.1', { signatures: [null] }],
    ['dsse 0.0.1', { signatures: {} }],
    ['dsse 0.0.1', { payloadHash: null }],
    ['dsse 0.0.1', { envelopeHash: 'sha256:00' }],
    ['intoto 0.0.1', { publicKey: undefined }],
    ['intoto 0.0.1', { content: { hash: sha256 } }],
    ['intoto 0.0.2', { content: { payloadHash: sha256, envelope: { signatures: [] } } }],
    ['intoto 0.0.2', { content: { payloadHash: sha256, envelope: { signatures: [once()] } } }],
  ];
  for (const [name, change] of cases) {
    const body = edit(name, (spec) => Object.assign(spec, change));
    assert.throws(() => parseEntryBody(body), { code: 'MALFORMED' }, `${name} ${JSON.stringify(change)}`);
  }
});

function pemCase(pem: string): object {
  return { signature: { content: 'AAAA', publicKey: { content: base64(pem) } } };
}

/** A signature in base64 once where twice is the rule. */
function once(): object {
  return { publicKey: base64(pemOf(certificate)), sig: Buffer.from([1, 2, 3]).toString('base64') };
}

test('parseEntryBody() wants exactly one of key and certificate in entries of the second generation', () => {
  for (const verifier of [
    { keyDetails: 'PKIX_ED25519' },
    { keyDetails: 'PKIX_ED25519', publicKey: { rawBytes: 'AAAA' }, x509Certificate: { rawBytes: 'AAAA' } },
    { publicKey: { rawBytes: 'AAAA' } },
    { keyDetails: 'PKIX_ED25519', publicKey: { rawBytes: '' } },
    { keyDetails: 'PKIX_ED25519', publicKey: 'AAAA' },
  ]) {
    const body = edit('hashedrekord 0.0.2', (spec) => {
      const record = spec['hashedRekordV002'] as Record<string, unknown>;
      record['signature'] = { content: 'AAAA', verifier };
    });
    assert.throws(() => parseEntryBody(body), { code: 'MALFORMED' }, JSON.stringify(verifier));
  }
});

test('parseEntryBody() says what it does not understand', () => {
  for (const body of [
    canonical('hashedrekord', '0.0.3', {}),
    canonical('intoto', '0.0.3', {}),
    canonical('rpm', '0.0.1', {}),
    canonical('constructor', 'prototype', {}),
    edit('hashedrekord 0.0.1', (spec) => Object.assign(spec, { data: { hash: { ...sha256, algorithm: 'md5' } } })),
    edit('hashedrekord 0.0.1', (spec) => Object.assign(spec, { data: { hash: { ...sha256, algorithm: 'toString' } } })),
    edit('rekord 0.0.1', (spec) => Object.assign(spec['signature'] as object, { format: 'pgp' })),
  ]) {
    assert.throws(() => parseEntryBody(body), { code: 'UNSUPPORTED' }, body.toString().slice(0, 200));
  }
});

test('parseEntryBody() reads JSON strictly and within bounds', () => {
  const body = (messageBodies['hashedrekord 0.0.1']?.(publicKey) ?? assert.fail()).toString();
  for (const [text, code] of [
    [body.replace('"spec":', '"kind":"dsse","spec":'), 'MALFORMED'],
    [body.replace('"spec":', '"spec":{},"spec":'), 'MALFORMED'],
    [`\ufeff${body}`, 'MALFORMED'],
    [`${body}{}`, 'MALFORMED'],
    ['[]', 'MALFORMED'],
    ['null', 'MALFORMED'],
    ['{"__proto__":{"kind":"dsse","apiVersion":"0.0.1","spec":{}}}', 'MALFORMED'],
    [body.replace('"spec":', `"x":${'['.repeat(40)}${']'.repeat(40)},"spec":`), 'LIMIT_EXCEEDED'],
    [body + ' '.repeat(16_777_216), 'LIMIT_EXCEEDED'],
  ] as const) {
    assert.throws(() => parseEntryBody(Buffer.from(text)), { code }, text.slice(0, 100));
  }
});

test('parseEntryKind() reads the kind alone; isTiled() knows those of the second generation', () => {
  assert.deepEqual(parseEntryKind(canonical('x', 'y', {})), { kind: 'x', version: 'y' });
  for (const [kind, version, tiled] of [
    ['hashedrekord', '0.0.1', false],
    ['hashedrekord', '0.0.2', true],
    ['dsse', '0.0.1', false],
    ['dsse', '0.0.2', true],
    ['intoto', '0.0.2', false],
  ] as const) {
    assert.equal(isTiled({ kind, version }), tiled, `${kind} ${version}`);
  }
});

test('parseEntryBody() survives hostile entries of every kind', () => {
  for (const make of Object.values(all)) {
    assertSurvives([make(publicKey), make(certificate)], parseEntryBody, ({ signatures }) => {
      assert.ok(signatures.length > 0);
    });
  }
});
