import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { CodecError } from '../error.ts';
import { formatPem, parsePem } from './pem.ts';

test('parsePem() reads what formatPem() writes', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('PUBLIC KEY', 'X'), fc.uint8Array()), { maxLength: 4 }), (blocks) => {
      const values = blocks.map(([label, bytes]) => ({ label, bytes: Buffer.from(bytes) }));
      assert.deepEqual(parsePem(values.map(formatPem).join('a note\r\n')), values);
    }),
  );
  const windows = formatPem({ label: 'CERTIFICATE', bytes: Buffer.alloc(100, 1) }).replaceAll('\n', '\r\n');
  assert.deepEqual(parsePem(windows)[0]?.bytes, Buffer.alloc(100, 1));
  assert.deepEqual(parsePem('no block at all'), []);
});

test('parsePem() refuses broken blocks', () => {
  for (const text of [
    '-----BEGIN A-----\nQQ==\n',
    '-----BEGIN A-----\nQQ==\n-----END B-----',
    '-----END A-----',
    '-----BEGIN A-----\n-----BEGIN A-----\n-----END A-----',
    '-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nQQ==\n-----END A-----',
    '-----BEGIN A-----\nQQ\n-----END A-----',
  ]) {
    assert.throws(() => parsePem(text), CodecError, text);
  }
});

test('parsePem() survives hostile bytes', () => {
  assertSurvives([formatPem({ label: 'PUBLIC KEY', bytes: Buffer.alloc(90, 5) })], (bytes) =>
    parsePem(bytes.toString()),
  );
});
