import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { plainHost } from '../../testing/plain-host.ts';
import { deliverAll } from './deliver.ts';

test('deliverAll() writes pieces of all sizes in their order, to files and to standard output', async () => {
  using folder = temporaryDirectory();
  const { host, out } = plainHost(folder.path);
  const sizes = [1, 0, 70_000, 3, 65_536, 65_535, 40_000, 40_000, 2, 300_000, 5];
  const pieces = sizes.map((size, at) => String.fromCodePoint(0x61 + at).repeat(size));
  for (const isText of [true, false]) {
    const written = async function* (): AsyncGenerator<string | Uint8Array> {
      for (const piece of pieces) yield await Promise.resolve(isText ? piece : Buffer.from(piece));
    };
    const texts = async function* (): AsyncGenerator<{
      readonly text: AsyncIterable<string | Uint8Array>;
      readonly target: { readonly file?: string };
    }> {
      yield await Promise.resolve({ text: written(), target: { file: `${isText}` } });
      yield { text: written(), target: {} };
    };
    await deliverAll(texts(), host);
    assert.equal(readFileSync(join(folder.path, `${isText}`), 'utf8'), pieces.join(''));
  }
  assert.equal(out(), pieces.join('').repeat(2));
});
