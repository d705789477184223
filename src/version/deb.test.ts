import assert from 'node:assert/strict';
import test from 'node:test';
import { splitDebVersion, type DebVersion } from './deb.ts';

test('splitDebVersion() finds epoch, upstream version and revision', () => {
  const cases: readonly (readonly [string, DebVersion])[] = [
    ['1.0', { epoch: 0, upstream: '1.0' }],
    ['1.0-1', { epoch: 0, upstream: '1.0', revision: '1' }],
    ['2:1.0-rc1-3ubuntu2', { epoch: 2, upstream: '1.0-rc1', revision: '3ubuntu2' }],
    ['0:1:2-3', { epoch: 0, upstream: '1:2', revision: '3' }],
  ];
  for (const [text, wanted] of cases) assert.deepEqual(splitDebVersion(text), wanted, text);
});

test('splitDebVersion() refuses what dpkg refuses', () => {
  for (const text of ['', '1:', '1.0-', 'x:1', '1.0/2']) {
    assert.throws(() => splitDebVersion(text), { code: 'VERSION_INVALID' }, text);
  }
});
