import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { manifestLicenses } from './licenses.ts';
import { parseManifest } from './manifest.ts';

const cases: readonly (readonly [title: string, text: string, attributes: Readonly<Record<string, string>>])[] = [
  ['lines with LF', 'Manifest-Version: 1.0\nA: b\n', { 'manifest-version': '1.0', a: 'b' }],
  ['lines with CRLF', 'A: b\r\nC: d\r\n', { a: 'b', c: 'd' }],
  ['lines with CR', 'A: b\rC: d\r', { a: 'b', c: 'd' }],
  ['a last line without end', 'A: b', { a: 'b' }],
  ['folded lines', 'A: first, sec\r\n ond, th\r\n ird\r\nB: c\r\n', { a: 'first, second, third', b: 'c' }],
  ['the main section only', 'A: b\n\nName: x.class\nC: d\n', { a: 'b' }],
  ['the last of repeated attributes', 'A: b\na: c\n', { a: 'c' }],
  ['attributes without a value as absent', 'A:\nB: c\n', { b: 'c' }],
  ['what is no attribute as nothing', 'nonsense\n: x\nA: b\n', { a: 'b' }],
  ['a value with a colon', 'A: http://example.com\n', { a: 'http://example.com' }],
  ['names of prototypes', '__proto__: x\n', { ['__proto__']: 'x' }],
  ['nothing', '', {}],
];

for (const [title, text, attributes] of cases) {
  test(`parseManifest() reads ${title}`, () => {
    assert.deepEqual([...parseManifest(Buffer.from(text))], Object.entries(attributes));
  });
}

test('parseManifest() joins characters that are folded in their middle', () => {
  const bytes = Buffer.concat([Buffer.from('A: caf'), Buffer.from([0xc3]), Buffer.from('\r\n '), Buffer.from([0xa9])]);
  assert.equal(parseManifest(bytes).get('a'), 'café');
});

test('parseManifest() stops at the limit', () => {
  const bytes = Buffer.from(`A: b\n${' x\n'.repeat(400_000)}C: d\n`);
  assert.equal(parseManifest(bytes).has('c'), false);
});

test('parseManifest() survives hostile bytes', () => {
  assertSurvives(
    cases.map(([, text]) => text),
    (bytes) => manifestLicenses(parseManifest(bytes)),
  );
});

const licenses: readonly (readonly [text: string, names: readonly string[]])[] = [
  ['Apache-2.0', ['Apache-2.0']],
  ['https://www.apache.org/licenses/LICENSE-2.0.txt', ['https://www.apache.org/licenses/LICENSE-2.0.txt']],
  ['"EPL-2.0";link="https://a.example/x,y", MIT;description="d"', ['EPL-2.0', 'MIT']],
  ['<<EXTERNAL>>', []],
  ['"unclosed, MIT', ['unclosed, MIT']],
];

for (const [text, names] of licenses) {
  test(`manifestLicenses() reads ${text}`, () => {
    assert.deepEqual(manifestLicenses(new Map([['bundle-license', text]])), names);
  });
}

test('manifestLicenses() stops at the limit and costs no more than a pass', () => {
  assert.equal(manifestLicenses(new Map([['bundle-license', `"${'a,'.repeat(200_000)}`]])).length, 1);
  assert.equal(manifestLicenses(new Map([['bundle-license', 'a,'.repeat(200_000)]])).length, 100);
});
