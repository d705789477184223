import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitLines } from './split-lines.ts';

async function* stream(chunks: readonly Buffer[]): AsyncGenerator<Buffer, void, undefined> {
  yield* chunks;
}

test('splitLines() finds the lines wherever the stream is cut, and no half one at its end', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'ä', '\n'), maxLength: 40 });
  const cuts = fc.array(fc.nat(80), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(text, cuts, async (whole, at) => {
      const bytes = Buffer.from(whole);
      const places = [
        0,
        ...at.map((cut) => Math.min(cut, bytes.length)).toSorted((one, other) => one - other),
        bytes.length,
      ];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      const lines: string[] = [];
      for await (const line of splitLines(stream(chunks), 100)) lines.push(line.toString());
      assert.deepEqual(
        lines,
        whole
          .split('\n')
          .slice(0, -1)
          .filter((line) => line !== ''),
      );
    }),
  );
});

test('splitLines() holds no line that is too long, whole or in pieces', async () => {
  const read = async (chunks: readonly string[]): Promise<string[]> => {
    const lines: string[] = [];
    for await (const line of splitLines(stream(chunks.map((chunk) => Buffer.from(chunk))), 5))
      lines.push(line.toString());
    return lines;
  };
  assert.deepEqual(await read(['12345\n', '123', '45\n']), ['12345', '12345']);
  for (const chunks of [
    ['123456\n'],
    ['123', '456\n'],
    ['123456'],
    ['123', '456'],
    ['1\n123456'],
    ['1\n', '12345', '6\n'],
  ]) {
    await assert.rejects(read(chunks), { code: 'LIMIT_EXCEEDED' }, chunks.join('|'));
  }
});
