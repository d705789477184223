import assert from 'node:assert/strict';
import test from 'node:test';
import { parseRpmVersion, type RpmVersion } from './rpm.ts';

test('parseRpmVersion() finds epoch, version and release', () => {
  const cases: readonly (readonly [string, RpmVersion])[] = [
    ['1.0', { version: '1.0' }],
    ['1.0-', { version: '1.0', release: '' }],
    ['1.0-1.el9', { version: '1.0', release: '1.el9' }],
    ['0:1.0-1.el9', { epoch: 0, version: '1.0', release: '1.el9' }],
    ['2:1.0-a-1', { epoch: 2, version: '1.0-a', release: '1' }],
    ['a:1-2', { version: 'a:1', release: '2' }],
  ];
  for (const [text, wanted] of cases) assert.deepEqual(parseRpmVersion(text), wanted, text);
});

test('parseRpmVersion() refuses a text without a version', () => {
  for (const text of ['', '1:', '1:-1', '-1', '1 0']) {
    assert.throws(() => parseRpmVersion(text), { code: 'VERSION_INVALID' }, text);
  }
});
