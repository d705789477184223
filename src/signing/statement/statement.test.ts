import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { checkAnnotations } from '../verify/check-annotations.ts';
import { checkPredicateType } from '../verify/check-predicate-type.ts';
import { checkSubject } from '../verify/check-subject.ts';
import { buildSignStatement, buildStatement } from './build.ts';
import { parseStatement } from './parse.ts';
import { isPredicateType, predicateTypeOf, predicateTypes, signPredicateType } from './predicate-type.ts';
import { preAuthenticationEncoding } from './pre-authentication-encoding.ts';
import type { ArtifactDigest } from './statement.ts';

const digest: ArtifactDigest = { algorithm: 'sha256', hex: 'ab'.repeat(32) };
const other: ArtifactDigest = { algorithm: 'sha256', hex: 'cd'.repeat(32) };

const statement = (fields: Record<string, unknown>): Buffer =>
  Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: digest.hex } }],
      predicateType: 'https://example.com/p',
      ...fields,
    }),
  );

test('buildSignStatement() states what cosign states', () => {
  const built = buildSignStatement(digest, new Map([['env', 'prod']]));
  assert.equal(
    built.toString(),
    `{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"${digest.hex}"},"annotations":{"env":"prod"}}],` +
      `"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}`,
  );
  const read = parseStatement(built);
  assert.equal(read.predicateType, signPredicateType);
  assert.deepEqual(checkSubject(read, [digest]).annotations, new Map([['env', 'prod']]));
  assert.deepEqual(parseStatement(buildSignStatement(digest, new Map())).subjects[0]?.annotations, new Map());
});

test('buildStatement() names the repository', () => {
  const read = parseStatement(buildStatement('ghcr.io/org/app', digest, predicateTypes.spdxjson, { a: 1 }));
  assert.deepEqual(read, {
    type: 'https://in-toto.io/Statement/v0.1',
    subjects: [{ name: 'ghcr.io/org/app', digests: new Map([['sha256', digest.hex]]), annotations: new Map() }],
    predicateType: 'https://spdx.dev/Document',
    predicate: { a: 1 },
  });
});

test('parseStatement() refuses what is no statement', () => {
  for (const bytes of [
    Buffer.from(''),
    Buffer.from('[]'),
    Buffer.from('{"a":1,"a":2}'),
    statement({ _type: 'https://in-toto.io/Statement/v2' }),
    statement({ _type: undefined }),
    statement({ subject: [] }),
    statement({ subject: undefined }),
    statement({ subject: {} }),
    statement({ subject: [null] }),
    statement({ subject: [{ digest: {} }] }),
    statement({ subject: [{ digest: { sha256: 5 } }] }),
    statement({ subject: [{ digest: { sha256: digest.hex }, annotations: [] }] }),
    statement({ predicateType: '' }),
    statement({ predicateType: 7 }),
  ]) {
    assert.throws(() => parseStatement(bytes), { code: 'SIGNATURE_MALFORMED' }, bytes.toString());
  }
  const many = { subject: Array.from({ length: 1025 }, () => ({ digest: { sha256: digest.hex } })) };
  assert.throws(() => parseStatement(statement(many)), { code: 'SIGNATURE_TOO_LARGE' });
  const digests = Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`x${at}`, '00']));
  assert.throws(() => parseStatement(statement({ subject: [{ digest: digests }] })), { code: 'SIGNATURE_TOO_LARGE' });
});

test('parseStatement() survives hostile bytes', () => {
  assertSurvives([buildSignStatement(digest, new Map([['a', 'b']])), statement({})], (bytes) => parseStatement(bytes));
});

test('checkSubject() finds the artifact among the subjects, by every digest that is known', () => {
  const sha512 = 'ef'.repeat(64);
  const read = parseStatement(
    statement({
      subject: [
        { digest: { sha256: other.hex } },
        { name: 'both', digest: { sha256: digest.hex, sha512 } },
        { digest: { gitCommit: '00' } },
      ],
    }),
  );
  assert.equal(checkSubject(read, [digest]).name, 'both');
  assert.equal(checkSubject(read, [digest, { algorithm: 'sha512', hex: sha512 }]).name, 'both');
  for (const digests of [
    [],
    [{ ...digest, hex: '11'.repeat(32) }],
    [digest, { algorithm: 'sha512', hex: '00'.repeat(64) }],
    [{ algorithm: 'sha384', hex: '00'.repeat(48) }],
  ] as readonly (readonly ArtifactDigest[])[]) {
    assert.throws(() => checkSubject(read, digests), { code: 'ARTIFACT_MISMATCH' });
  }
});

test('checkAnnotations() wants each annotation with its value', () => {
  const found = new Map([['env', 'prod']]);
  checkAnnotations(found, new Map());
  checkAnnotations(found, new Map([['env', 'prod']]));
  for (const wanted of [
    ['env', 'dev'],
    ['other', ''],
    ['env', 'prod '],
  ] as const) {
    assert.throws(() => checkAnnotations(found, new Map([wanted])), { code: 'ANNOTATION_MISMATCH' });
  }
});

test('checkPredicateType() takes no statement for another', () => {
  const read = parseStatement(statement({ predicateType: 'https://spdx.dev/Document' }));
  checkPredicateType(read, 'https://spdx.dev/Document');
  for (const wanted of [signPredicateType, 'https://spdx.dev', 'https://spdx.dev/Document/v2.3']) {
    assert.throws(() => checkPredicateType(read, wanted), { code: 'PREDICATE_TYPE_MISMATCH' });
  }
  assert.ok(isPredicateType('https://openvex.dev/ns/v0.2.0', predicateTypes.openvex));
  assert.ok(!isPredicateType('https://openvex.dev/ns/v0.2.0/x', predicateTypes.openvex));
});

test('predicateTypeOf() knows names and URIs', () => {
  assert.equal(predicateTypeOf('slsaprovenance1'), 'https://slsa.dev/provenance/v1');
  assert.equal(predicateTypeOf('https://example.com/p'), 'https://example.com/p');
  assert.equal(predicateTypeOf('urn:x:y'), 'urn:x:y');
  for (const text of ['', 'spdxx', 'toString', 'https://a b']) assert.equal(predicateTypeOf(text), undefined);
});

test('preAuthenticationEncoding() counts bytes (DSSE v1.0, protocol.md, test vector)', () => {
  const encoded = preAuthenticationEncoding('http://example.com/HelloWorld', Buffer.from('hello world'));
  assert.equal(encoded.toString(), 'DSSEv1 29 http://example.com/HelloWorld 11 hello world');
  assert.equal(preAuthenticationEncoding('\u00E4', Buffer.from('\u00E4')).toString(), 'DSSEv1 2 \u00E4 2 \u00E4');
});
