import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { encodeRpmHeader } from '../../../testing/rpm-database.ts';
import { CodecError } from '../error.ts';
import { parseRpmHeader } from './header.ts';

const tags = [
  { tag: 1000, value: 'bash' },
  { tag: 1003, value: [4_000_000_000] },
  { tag: 1014, value: ['GPL', 'GPL (de)'], type: 9 },
  { tag: 261, value: Buffer.from('0123456789abcdef') },
  { tag: 1030, value: [0o100_755, 0o040_755], type: 3 },
  { tag: 1117, value: ['', 'bash', 'größe'] },
];

test('parseRpmHeader() reads every type, with and without a region', () => {
  for (const region of [false, true]) {
    const header = parseRpmHeader(encodeRpmHeader(tags, region));
    assert.deepEqual([...header.tags], [1000, 1003, 1014, 261, 1030, 1117]);
    assert.equal(header.string(1000), 'bash');
    assert.equal(header.number(1003), 4_000_000_000);
    assert.deepEqual(header.strings(1014), ['GPL', 'GPL (de)']);
    assert.equal(header.string(1014), 'GPL');
    assert.equal(header.bytes(261)?.toString(), '0123456789abcdef');
    assert.deepEqual([...header.numbers(1030)], [0o100_755, 0o040_755]);
    assert.deepEqual(header.strings(1117), ['', 'bash', 'größe']);
  }
});

test('parseRpmHeader() gives nothing for absent tags and for values of another type', () => {
  const header = parseRpmHeader(encodeRpmHeader(tags));
  assert.deepEqual([header.string(9), header.number(9), header.bytes(9)], [undefined, undefined, undefined]);
  assert.deepEqual([header.strings(1003), [...header.numbers(1000)], header.bytes(1000)], [[], [], undefined]);
});

test('parseRpmHeader() lets entries after the region replace those in it', () => {
  const blob = encodeRpmHeader(tags, true, [
    { tag: 1000, value: 'zsh' },
    { tag: 1008, value: [7] },
  ]);
  const header = parseRpmHeader(blob);
  assert.equal(header.string(1000), 'zsh');
  assert.equal(header.number(1008), 7);
  assert.equal(header.number(1003), 4_000_000_000);
});

/** A header of one entry over `data`. */
function oneEntry(type: number, offset: number, count: number, data: Buffer): Buffer {
  const blob = Buffer.alloc(24);
  blob.writeUInt32BE(1, 0);
  blob.writeUInt32BE(data.length, 4);
  blob.writeUInt32BE(1000, 8);
  blob.writeUInt32BE(type, 12);
  blob.writeInt32BE(offset, 16);
  blob.writeUInt32BE(count, 20);
  return Buffer.concat([blob, data]);
}

test('parseRpmHeader() refuses what points outside, is cut off or too large', () => {
  const text = Buffer.from('abc\0');
  const cases: readonly (readonly [string, Buffer, CodecError['code']])[] = [
    ['no index', Buffer.alloc(7), 'TRUNCATED'],
    ['fewer bytes than stated', oneEntry(6, 0, 1, text).subarray(0, 27), 'TRUNCATED'],
    ['too many entries', Buffer.from('7fffffff00000000', 'hex'), 'LIMIT_EXCEEDED'],
    ['too much data', Buffer.from('000000017fffffff', 'hex'), 'LIMIT_EXCEEDED'],
    ['a string past the end', oneEntry(6, 4, 1, text), 'MALFORMED'],
    ['a string without an end', oneEntry(6, 0, 1, Buffer.from('abc')), 'MALFORMED'],
    ['a negative offset', oneEntry(6, -1, 1, text), 'MALFORMED'],
    ['more strings than there are', oneEntry(8, 0, 2, text), 'MALFORMED'],
    ['an endless array', oneEntry(8, 0, 0xffff_ffff, text), 'LIMIT_EXCEEDED'],
    ['integers past the end', oneEntry(4, 0, 2, text), 'MALFORMED'],
    ['bytes past the end', oneEntry(7, 1, 4, text), 'MALFORMED'],
  ];
  for (const [title, blob, code] of cases) {
    const read = (): unknown => {
      const header = parseRpmHeader(blob);
      return [header.strings(1000), header.numbers(1000), header.bytes(1000)];
    };
    assert.throws(read, (error) => error instanceof CodecError && error.code === code, title);
  }
});

test('parseRpmHeader() throws nothing but CodecError, whatever the bytes', () => {
  const valid = encodeRpmHeader(tags, true, [{ tag: 1008, value: [7] }]);
  const flips = fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 8 });
  const mutated = flips.map((changes) => {
    const bytes = Buffer.from(valid);
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  });
  const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(fc.oneof(mutated, random), (bytes) => {
      try {
        const header = parseRpmHeader(bytes);
        for (const tag of header.tags) [header.strings(tag), header.numbers(tag), header.bytes(tag)].toString();
      } catch (error) {
        assert.ok(error instanceof CodecError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});
