import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exactly } from './text-matcher.ts';
import { matching } from './text-pattern.ts';

test('exactly() takes the text and no other', () => {
  const matcher = exactly('https://github.com/org/repo');
  assert.ok(matcher.matches('https://github.com/org/repo'));
  for (const text of [
    'https://github.com/org/repo-evil',
    'xhttps://github.com/org/repo',
    'https://githubXcom/org/repo',
    '',
  ]) {
    assert.ok(!matcher.matches(text), text);
  }
});

test('matching() matches the whole text', () => {
  for (const [pattern, text, matches] of [
    ['https://github\\.com/org/.*', 'https://github.com/org/repo/.github/workflows/x.yml@refs/heads/main', true],
    ['https://github\\.com/org/.*', 'https://evil.example/?u=https://github.com/org/repo', false],
    ['https://github\\.com/org/repo', 'https://github.com/org/repo-evil', false],
    ['hub.com/a', 'https://github.com/a', false],
    ['a|b', 'ab', false],
    ['a|b', 'b', true],
    ['.*', 'a\nb', false],
    ['(?s).*', 'a\nb', true],
    ['^a$', 'a', true],
    ['a$', 'a\n', false],
    ['', '', true],
    ['', 'a', false],
    ['(?i)ORG', 'org', true],
  ] as const) {
    assert.equal(matching(pattern).matches(text), matches, `${pattern} on ${text}`);
  }
});

test('matching() cannot be made to hang, and refuses what it cannot read', () => {
  assert.ok(!matching('(a+)+$').matches(`${'a'.repeat(50_000)}b`));
  for (const pattern of ['(', '[', '(?<=a)b', '\\1', 'x'.repeat(5000), 'a{1001}']) {
    assert.throws(() => matching(pattern), { code: 'IDENTITY_PATTERN_INVALID' }, pattern.slice(0, 20));
  }
});
