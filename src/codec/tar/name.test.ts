import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { decodeName } from './name.ts';

const names: readonly (readonly [bytes: string | readonly number[], name: string])[] = [
  ['usr/lib', 'usr/lib'],
  ['ä/日本/😀', 'ä/日本/😀'],
  ['\uFFFD', '\uFFFD'],
  [[0x61, 0xff, 0x2f, 0xc3, 0xa4], 'a\uEFFF/ä'],
  [[0xe9, 0x74, 0xe9], '\uEFE9t\uEFE9'],
  // A letter that is cut off, and one that is longer than it need be.
  [[0xe6, 0x97], '\uEFE6\uEF97'],
  [[0xc0, 0xaf], '\uEFC0\uEFAF'],
  // What stands for a byte is taken for its own bytes.
  ['\uEFFF', '\uEFEE\uEFBF\uEFBF'],
];

for (const [bytes, name] of names) {
  test(`decodeName() reads ${JSON.stringify(bytes)} as ${JSON.stringify(name)}`, () => {
    assert.equal(decodeName(typeof bytes === 'string' ? Buffer.from(bytes) : Buffer.from(bytes)), name);
  });
}

/** The bytes that a name was read from. */
function bytesOf(name: string): Buffer {
  const letters = Array.from(name).map((letter) => {
    const code = letter.codePointAt(0) as number;
    return code >= 0xef80 && code <= 0xefff ? Buffer.from([code - 0xef00]) : Buffer.from(letter);
  });
  return Buffer.concat(letters);
}

test('decodeName() gives names of different bytes different names', () => {
  const pieces = fc.oneof(
    fc.uint8Array({ maxLength: 4 }),
    fc.string({ unit: 'binary', maxLength: 3 }).map((text) => Buffer.from(text)),
    fc.integer({ min: 0xef70, max: 0xf010 }).map((code) => Buffer.from(String.fromCharCode(code))),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const bytes = Buffer.concat(parts);
      assert.deepEqual(bytesOf(decodeName(bytes)), bytes);
    }),
  );
});

test('decodeName() reads a path as its parts', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 6 }), fc.uint8Array({ maxLength: 6 }), (folder, name) => {
      const whole = decodeName(Buffer.concat([folder, Buffer.from('/'), name]));
      assert.equal(whole, `${decodeName(Buffer.from(folder))}/${decodeName(Buffer.from(name))}`);
    }),
  );
});
