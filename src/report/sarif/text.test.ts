import assert from 'node:assert/strict';
import test from 'node:test';
import { clipText, isWebAddress, sarifMessageText, sarifText } from './text.ts';

for (const [text, expected] of [
  ['plain é漢💧\t\n', 'plain é漢💧\t\n'],
  ['a\r\nb\rc', 'a\nb\uFFFDc'],
  ['\0\u001b\u007f\u0085', '\uFFFD\uFFFD\uFFFD\uFFFD'],
  ['\ud800x', '\uFFFDx'],
] as const) {
  test(`sarifText() makes ${JSON.stringify(text)} fit for every reader`, () => assert.equal(sarifText(text), expected));
}

test('sarifMessageText() escapes links and placeholders', () => {
  assert.equal(sarifMessageText('[a](b) {0} \\ \0'), '\\[a\\](b) {{0}} \\\\ \uFFFD');
});

for (const [text, length, expected] of [
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab…'],
  ['a💧bc', 3, 'a…'],
  ['a💧bc', 4, 'a💧…'],
] as const) {
  test(`clipText() clips ${text} to ${length}`, () => assert.equal(clipText(text, length), expected));
}

for (const [text, expected] of [
  ['https://nvd.nist.gov/vuln/detail/CVE-2024-1', true],
  ['http://x.test/?a=1&b=%20#c', true],
  ['https://x.test/(a)', true],
  ['', false],
  ['javascript:alert(1)', false],
  ['https://', false],
  ['https://[', false],
  ['https://x.test/a b', false],
  ['https://x.test/<a>', false],
  ['https://x.test/%zz', false],
  ['https://x.test/é', false],
  ['https://x.test/\0', false],
] as const) {
  test(`isWebAddress() ${expected ? 'takes' : 'refuses'} ${JSON.stringify(text)}`, () =>
    assert.equal(isWebAddress(text), expected));
}
