import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parsePipfileLock } from './parse.ts';

const text = `{
  "_meta": { "hash": { "sha256": "x" } },
  "default": {
    "django": { "hashes": [], "version": "==4.2.1" },
    "here": { "editable": true, "path": "." }
  },
  "develop": {
    "django": { "version": "==4.2.1" },
    "pytest": {
      "version": "==7.0.0"
    }
  },
  "docs": { "sphinx": { "version": "==5.0" } }
}`;

test('parsePipfileLock() reads sections, of which one is for development', () => {
  assert.deepEqual(linesOfReading(parsePipfileLock(Buffer.from(text))), [
    'django@4.2.1 4-4',
    'pytest@7.0.0 dev 9-11',
    'sphinx@5.0 13-13',
  ]);
});

test('parsePipfileLock() refuses other JSON', () => {
  for (const other of ['{}', '[]', '{"default": []}', 'x']) {
    assert.throws(() => parsePipfileLock(Buffer.from(other)), { code: 'MALFORMED' });
  }
});

test('parsePipfileLock() survives hostile bytes', () => {
  assertSurvives([text], parsePipfileLock);
});
