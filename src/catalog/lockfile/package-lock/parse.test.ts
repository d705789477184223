import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parsePackageLock } from './parse.ts';

const manifest = JSON.stringify({ dependencies: { a: '^1' }, devDependencies: { tool: '1' } });

const second = `{
  "name": "app", "lockfileVersion": 3,
  "packages": {
    "": { "name": "app", "dependencies": { "a": "^1", "alias": "npm:real@1", "web": "1" }, "devDependencies": { "tool": "1" } },
    "node_modules/a": {
      "version": "1.0.0", "license": "MIT",
      "dependencies": { "b": "^2" }, "optionalDependencies": { "absent": "1" }, "peerDependencies": { "c": "1" }
    },
    "node_modules/a/node_modules/b": { "version": "2.0.0", "dependencies": { "c": "*" } },
    "node_modules/b": { "version": "1.0.0", "dev": true },
    "node_modules/c": { "version": "3.0.0" },
    "node_modules/alias": { "name": "real", "version": "1.0.0" },
    "node_modules/tool": { "version": "1.0.0", "dev": true, "dependencies": { "b": "1" } },
    "node_modules/never": { "optional": true },
    "node_modules/web": { "resolved": "packages/web", "link": true },
    "packages/web": { "version": "0.1.0", "dependencies": { "c": "3", "@s/d": "1" } },
    "packages/web/node_modules/@s/d": { "version": "1.0.0", "devOptional": true }
  }
}`;

const first = JSON.stringify({
  lockfileVersion: 1,
  dependencies: {
    a: {
      version: '1.0.0',
      requires: { b: '^2', c: '1' },
      dependencies: { b: { version: '2.0.0', requires: { c: '*' } } },
    },
    b: { version: '1.0.0', dev: true },
    c: { version: '3.0.0' },
    alias: { version: 'npm:@s/real@1.0.0' },
    tool: { version: '1.0.0', dev: true, requires: { b: '1' } },
  },
});

test('parsePackageLock() follows folders as Node does, in versions 2 and 3', () => {
  assert.deepEqual(linesOfReading(parsePackageLock(Buffer.from(second))), [
    '@s/d@1.0.0 direct 17-17',
    'a@1.0.0 direct 5-8 > b@2.0.0 c@3.0.0',
    'b@1.0.0 indirect dev 10-10',
    'b@2.0.0 indirect 9-9 > c@3.0.0',
    'c@3.0.0 direct 11-11',
    'real@1.0.0 direct 12-12',
    'tool@1.0.0 direct dev 13-13 > b@1.0.0',
  ]);
  assert.deepEqual(parsePackageLock(Buffer.from(second)).packages[0]?.licenses, ['MIT']);
});

test('parsePackageLock() reads the tree of version 1, and asks the manifest who is wanted', () => {
  const lines = [
    '@s/real@1.0.0',
    'a@1.0.0 > b@2.0.0 c@3.0.0',
    'b@1.0.0 dev',
    'b@2.0.0 > c@3.0.0',
    'c@3.0.0',
    'tool@1.0.0 dev > b@1.0.0',
  ];
  assert.deepEqual(linesOfReading(parsePackageLock(Buffer.from(first))), lines);
  const asked = linesOfReading(parsePackageLock(Buffer.from(first), Buffer.from(manifest)));
  assert.deepEqual(
    asked.filter((line) => line.includes(' direct')),
    ['a@1.0.0 direct > b@2.0.0 c@3.0.0', 'tool@1.0.0 direct dev > b@1.0.0'],
  );
});

test('parsePackageLock() lists a package for development and for more once, as one for more', () => {
  const packages = {
    'node_modules/a': { version: '1.0.0', dev: true },
    'node_modules/b/node_modules/a': { version: '1.0.0' },
  };
  assert.deepEqual(linesOfReading(parsePackageLock(Buffer.from(JSON.stringify({ packages })))), [
    'a@1.0.0 indirect 1-1',
  ]);
});

test('parsePackageLock() counts what cannot be a package', () => {
  const packages = {
    'node_modules/a': { version: 7 },
    'node_modules/b': 'text',
    'node_modules/c': { version: '\u0007' },
  };
  assert.equal(parsePackageLock(Buffer.from(JSON.stringify({ packages }))).unusable, 3);
});

test('parsePackageLock() survives names and versions that are no texts where something needs them', () => {
  const packages = {
    '': { dependencies: { a: '1' } },
    'node_modules/a': { version: '1.0.0', dependencies: { b: '1' } },
    'node_modules/b': { name: { toString: 1 }, version: '1.0.0' },
  };
  assert.equal(parsePackageLock(Buffer.from(JSON.stringify({ packages }))).unusable, 1);
});

test('parsePackageLock() has nothing to say of a project without dependencies, and refuses other JSON', () => {
  assert.deepEqual(parsePackageLock(Buffer.from('{"lockfileVersion":1}')), { packages: [], unusable: 0 });
  for (const text of ['{}', '[]', '{"packages":[]}', 'no']) {
    assert.throws(() => parsePackageLock(Buffer.from(text)), { code: 'MALFORMED' });
  }
});

test('parsePackageLock() stops at dependencies that are sought in too many folders', () => {
  const deep = 'node_modules/a/'.repeat(250);
  const wants = Object.fromEntries(Array.from({ length: 30_000 }, (_, index) => [`x${index}`, '1']));
  const packages = { [`${deep}node_modules/b`]: { version: '1', dependencies: wants } };
  assert.throws(() => parsePackageLock(Buffer.from(JSON.stringify({ packages }))), { code: 'LIMIT_EXCEEDED' });
});

test('parsePackageLock() survives hostile bytes', () => {
  assertSurvives([first, second], (bytes) => parsePackageLock(bytes, bytes));
});
