import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parseComposerLock } from './parse.ts';

const text = `{
  "packages": [
    {
      "name": "symfony/console", "version": "v6.4.1", "license": ["MIT"],
      "require": { "php": ">=8.1", "psr/log": "^3" }
    },
    { "name": "psr/log", "version": "3.0.0" }
  ],
  "packages-dev": [
    { "name": "phpunit/phpunit", "version": "10.0.0", "require": { "psr/log": "*" } }, 7
  ]
}`;
const manifest = '{"require":{"php":"8","symfony/console":"^6"},"require-dev":{"phpunit/phpunit":"^10"}}';

test('parseComposerLock() reads both lists', () => {
  const reading = parseComposerLock(Buffer.from(text), Buffer.from(manifest));
  assert.deepEqual(linesOfReading(reading), [
    'phpunit/phpunit@10.0.0 direct dev 10-10 > psr/log@3.0.0',
    'psr/log@3.0.0 indirect 7-7',
    'symfony/console@v6.4.1 direct 3-6 > psr/log@3.0.0',
  ]);
  assert.equal(reading.unusable, 1);
  assert.deepEqual(reading.packages[0]?.licenses, ['MIT']);
  assert.ok(parseComposerLock(Buffer.from(text)).packages.every(({ relationship }) => relationship === undefined));
});

test('parseComposerLock() refuses other JSON, and survives hostile bytes', () => {
  for (const other of ['{}', '{"packages":{}}']) {
    assert.throws(() => parseComposerLock(Buffer.from(other)), { code: 'MALFORMED' });
  }
  assertSurvives([text, manifest], (bytes) => parseComposerLock(bytes, bytes));
});
