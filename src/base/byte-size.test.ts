import assert from 'node:assert/strict';
import test from 'node:test';
import { formatByteSize, parseByteSize } from './byte-size.ts';

const sizes: readonly (readonly [text: string, bytes: number | undefined, written?: string])[] = [
  ['2GiB', 2 ** 31, '2GiB'],
  ['2gib', 2 ** 31, '2GiB'],
  ['500MB', 500e6, '500000000'],
  ['1.5 KiB', 1536, '1536'],
  ['1048576', 2 ** 20, '1MiB'],
  ['10B', 10, '10'],
  ['0', 0, '0'],
  ['9007199254740993', undefined],
  ['2GG', undefined],
  ['-1', undefined],
  ['1e9', undefined],
  ['', undefined],
];

for (const [text, bytes, written] of sizes) {
  test(`parseByteSize() reads "${text}"`, () => {
    assert.equal(parseByteSize(text), bytes);
    if (bytes !== undefined) assert.equal(formatByteSize(bytes), written);
  });
}
