import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { denialOf, encodeAnswer, plainAllowance, type ReviewAnswer } from './answer.ts';
import { boundMessage, boundWarnings, cutAtWord } from './bound-text.ts';

function response(answer: ReviewAnswer): Record<string, unknown> {
  const review = JSON.parse(encodeAnswer('u-1', answer).toString()) as Record<string, unknown>;
  assert.deepEqual([review['apiVersion'], review['kind']], ['admission.k8s.io/v1', 'AdmissionReview']);
  return review['response'] as Record<string, unknown>;
}

test('encodeAnswer() allows, with nothing that nobody asked for', () => {
  assert.deepEqual(response(plainAllowance), { uid: 'u-1', allowed: true });
});

test('encodeAnswer() allows with a patch, warnings and audit annotations', () => {
  const patch = [{ op: 'add', path: '/metadata/annotations', value: {} }] as const;
  const answer = response({ allowed: true, patch, warnings: ['look\nhere'], auditAnnotations: { 'a/b c': 'x' } });
  assert.deepEqual(answer, {
    uid: 'u-1',
    allowed: true,
    patchType: 'JSONPatch',
    patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
    warnings: ['look here'],
    auditAnnotations: { 'a-b-c': 'x' },
  });
  assert.equal('patch' in response({ ...plainAllowance, patch: [] }), false);
});

test('encodeAnswer() denies as an API server passes it on', () => {
  assert.deepEqual(response(denialOf('\nresource Pod/shop/web was blocked\n')), {
    uid: 'u-1',
    allowed: false,
    status: {
      status: 'Failure',
      message: '\nresource Pod/shop/web was blocked\n',
      reason: 'Forbidden',
      code: 403,
    },
  });
  const patch = [{ op: 'add', path: '/a', value: 1 }] as const;
  const busy = response(denialOf('later', { code: 429, patch, warnings: ['w'] }));
  assert.deepEqual(busy['status'], { status: 'Failure', message: 'later', reason: 'TooManyRequests', code: 429 });
  assert.equal('patch' in busy, false);
  assert.deepEqual(busy['warnings'], ['w']);
});

test('boundMessage() keeps lines, takes out what a terminal would obey, and ends', () => {
  assert.equal(boundMessage('a\n\tb\u001B[31m\u202Ec'), 'a\n\tb\uFFFD[31m\uFFFDc');
  assert.equal(boundMessage('x'.repeat(20_000)).length, 16_384);
});

const cuts: readonly (readonly [text: string, most: number, cut: string])[] = [
  ['short', 5, 'short'],
  ['one two three', 9, 'one two…'],
  ['one two three', 8, 'one two…'],
  ['one two three', 7, 'one…'],
  ['abcdefghij', 5, 'abcd…'],
  ['a bcdefghijk', 8, 'a bcdef…'],
  ['😀😀😀😀', 4, '😀😀😀😀'],
  ['😀😀😀😀😀', 4, '😀😀😀…'],
];

for (const [text, most, cut] of cuts) {
  test(`cutAtWord() makes "${cut}" of "${text}"`, () => assert.equal(cutAtWord(text, most), cut));
}

const lengthOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + Array.from(line).length, 0);
const words = (length: number): string => 'word '.repeat(length / 5).trim();

test('boundWarnings() leaves what is short, cuts what is long, and says how many are left out', () => {
  assert.deepEqual(boundWarnings(['a', '', 'b\r\nc']), ['a', 'b c']);
  const [one] = boundWarnings([words(300)]);
  assert.ok(one !== undefined && one.length <= 256 && one.length > 245 && one.endsWith('word…'), one);
  // Together they are too long with 256 characters each, but not with 120.
  const twenty = boundWarnings(Array.from({ length: 30 }, () => words(300)));
  assert.equal(twenty.length, 30);
  assert.ok(twenty.every((line) => line.length <= 120));
  const many = boundWarnings(Array.from({ length: 1000 }, () => words(300)));
  assert.ok(lengthOf(many) <= 4096 && lengthOf(many) > 3900, String(lengthOf(many)));
  assert.equal(many.at(-1), `… and ${1001 - many.length} more warnings`);
});

test('boundWarnings() keeps its bounds whatever it is given', () => {
  const text = fc.string({ unit: 'binary', maxLength: 700, size: 'max' });
  fc.assert(
    fc.property(fc.array(text, { maxLength: 60, size: 'max' }), (warnings) => {
      const bounded = boundWarnings(warnings);
      assert.ok(lengthOf(bounded) <= 4096);
      assert.ok(bounded.every((line) => lengthOf([line]) <= 256 && !/[\r\n\u0000-\u001F]/.test(line)));
      assert.ok(bounded.length <= warnings.length);
    }),
    { numRuns: 20 },
  );
});
