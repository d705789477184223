import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesHost, parseHostPattern } from './host-pattern.ts';

const cases: readonly (readonly [pattern: string, host: string, matches: boolean])[] = [
  ['ghcr.io', 'ghcr.io', true],
  ['GHCR.io', 'ghcr.IO:8443', true],
  ['ghcr.io', 'ghcr.io.', true],
  ['ghcr.io', 'ghcr.io.evil.example', false],
  ['ghcr.io:443', 'ghcr.io', true],
  ['ghcr.io:5000', 'ghcr.io', false],
  ['*.example.org', 'a.b.example.org', true],
  ['*.example.org', 'example.org', false],
  ['*.example.org', 'x.example.org.evil.example', false],
  ['*', 'anything.example:1', true],
  ['10.*', '10.1.2.3', true],
  ['127.0.0.1', '2130706433', true],
  ['[::1]:5000', '[0:0:0:0:0:0:0:1]:5000', true],
  ['registry:*', 'registry:5000', true],
];

for (const [pattern, host, matches] of cases) {
  test(`${pattern} ${matches ? 'is' : 'is not'} about ${host}`, () => {
    const parsed = parseHostPattern(pattern) ?? assert.fail('no pattern');
    assert.equal(matchesHost(parsed, new URL(`https://${host}/`)), matches);
  });
}

test('what is no registry is no pattern', () => {
  for (const text of ['', 'https://ghcr.io', 'ghcr.io/org', 'a b', 'ghcr.io:', 'ghcr.io:port', 'user@host', '::1']) {
    assert.equal(parseHostPattern(text), undefined, text);
  }
});
