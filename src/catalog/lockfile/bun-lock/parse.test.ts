import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parseBunLock } from './parse.ts';

const text = `{
  // written by bun
  "lockfileVersion": 1,
  "workspaces": {
    "": { "name": "app", "dependencies": { "a": "^1", }, "devDependencies": { "tool": "1", }, },
    "packages/web": { "name": "web", "dependencies": { "b": "^1", }, },
  },
  "packages": {
    "a": ["a@1.0.0", "", { "dependencies": { "b": "^2", } }, "sha512-x"],
    "a/b": ["b@2.0.0", "", {}, "sha512-,]"],
    "b": ["b@1.0.0", "", {}, "sha512-x"], /* , ] */
    "tool": ["@s/real@1.0.0", "", { "dependencies": { "c": "1" } }, "sha512-x"],
    "c": ["c@1.0.0", "", {}, "sha512-x"],
    "web": ["web@workspace:packages/web"],
  }
}
`;

test('parseBunLock() reads JSON with comments and commas at ends', () => {
  assert.deepEqual(linesOfReading(parseBunLock(Buffer.from(text))), [
    '@s/real@1.0.0 direct dev > c@1.0.0',
    'a@1.0.0 direct > b@2.0.0',
    'b@1.0.0 direct',
    'b@2.0.0 indirect',
    'c@1.0.0 indirect dev',
  ]);
});

test('parseBunLock() refuses what is no such file', () => {
  for (const broken of ['{}', '{"packages": [],}', '{"a": ,}', '{,}', '{"packages":{}, /* ']) {
    assert.throws(() => parseBunLock(Buffer.from(broken)), { code: 'MALFORMED' });
  }
});

test('parseBunLock() survives hostile bytes', () => {
  assertSurvives([text], parseBunLock);
});
