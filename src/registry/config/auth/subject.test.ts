import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitSubject, subject, templateMayGive } from './subject.ts';

test('subject takes kinds with names, and authenticated without one', () => {
  for (const text of ['authenticated', 'user:alice', 'group:a:b', 'robot:ci$x', 'workload:o/r', 'certificate:CN x']) {
    assert.ok(subject.test(text), text);
  }
  for (const text of ['anonymous', 'user', 'user:', 'alice', 'User:x', 'authenticated:x', 'user:a\nb', '']) {
    assert.ok(!subject.test(text), text);
  }
  assert.deepEqual(splitSubject('group:a:b'), { kind: 'group', name: 'a:b' });
  assert.deepEqual(splitSubject('authenticated'), { kind: 'authenticated', name: '' });
});

for (const [template, name, expected] of [
  ['{sub}', 'x', true],
  ['{sub}', '', false],
  ['ci', 'ci', true],
  ['ci', 'cj', false],
  ['gh-{repository}', 'gh-o/r', true],
  ['gh-{repository}', 'gh-', false],
  ['gh-{repository}', 'gl-o/r', false],
  ['{a}/{b}', 'x/y', true],
  ['{a}/{b}', 'x/', false],
  ['{a}/{b}', '/y', false],
  ['{a}:{b}:end', 'x:y:end', true],
  ['{a}:{b}:end', 'x:end', false],
  ['{a}{b}', 'xy', true],
] as const) {
  test(`templateMayGive() says ${expected} of ${template} and "${name}"`, () =>
    assert.equal(templateMayGive(template, name), expected));
}
