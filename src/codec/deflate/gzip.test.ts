import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { codeLengths } from './code-lengths.ts';
import { gzip } from './gzip.ts';

async function pack(bytes: Uint8Array, pieceBytes = 65_536): Promise<Buffer> {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += pieceBytes)
      yield await Promise.resolve(bytes.subarray(at, at + pieceBytes));
  }
  const packed: Uint8Array[] = [];
  for await (const chunk of gzip(pieces())) packed.push(chunk);
  return Buffer.concat(packed);
}

/** Bytes of a few kinds, made without a clock or chance: words that repeat, a counter, and noise. */
function sample(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const kind = (at >> 14) % 4;
    const noise = state >>> 24;
    bytes[at] =
      kind === 0
        ? noise
        : kind === 1
          ? 97 + (noise & 7)
          : kind === 2
            ? (at >> 3) & 0xff
            : 'sea-worthy '.charCodeAt(at % 11);
  }
  return bytes;
}

test('gzip() packs what everybody unpacks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 0, max: 400 })), { maxLength: 12 }),
      async (parts) => {
        const bytes = Buffer.concat(parts.flatMap(([part, times]) => Array.from({ length: times }, () => part)));
        assert.ok(gunzipSync(await pack(bytes)).equals(bytes));
      },
    ),
    { numRuns: 60 },
  );
});

for (const length of [0, 1, 3, 4, 5, 257, 258, 259, 32_767, 32_768, 262_143, 262_144, 262_145, 294_912, 600_000]) {
  test(`gzip() packs ${length} bytes`, async () => {
    for (const bytes of [sample(length), Buffer.alloc(length, 7), sample(65_536 + length).subarray(65_536)]) {
      assert.ok(gunzipSync(await pack(bytes, 10_007)).equals(bytes));
    }
  });
}

test('gzip() gives the same bytes in whatever pieces they come', async () => {
  const bytes = sample(700_000);
  const whole = await pack(bytes, bytes.length);
  for (const piece of [1000, 65_536, 262_144, 262_145]) assert.ok((await pack(bytes, piece)).equals(whole), `${piece}`);
});

test('gzip() gives these bytes on every machine and every Node, since digests of images hang on them', async () => {
  const digests = await Promise.all(
    [0, 11, 65_536, 700_000].map(async (length) =>
      createHash('sha256')
        .update(await pack(sample(length)))
        .digest('hex'),
    ),
  );
  assert.deepEqual(digests, [
    '90d149baa9b7b43fed383436537e71009fad986c817af0496ec3ce4a99631355',
    'ebfa7a38b9ab5ea775cde838ac62ddfbf097e43c86cc992f33486373665b2da1',
    'eebe09d060fdfc6e764a8f9e26955c85ef4b1427ba9a07448490a6231a2df152',
    '0f3cf3c3d33f1e6ec91be88af9ab1bff5909f3872c784a1acc84233c5202c087',
  ]);
});

test('gzip() packs about as small as zlib does, and noise into hardly more than it is', async () => {
  const text = Buffer.from(Array.from({ length: 40_000 }, (_, at) => `line ${at} of ${at * 7919}\n`).join(''));
  const { stdout } = spawnSync('gzip', ['-6', '-n'], { input: text, maxBuffer: 1 << 26 });
  assert.ok((await pack(text)).length < stdout.length * 1.1, `${(await pack(text)).length} ${stdout.length}`);
  const noise = sample(16_384);
  assert.ok((await pack(noise)).length <= noise.length + 23);
});

test('gzip() is taken by the system’s own program', async () => {
  const input = await pack(sample(400_000));
  const { status, stdout } = spawnSync('gzip', ['-dc'], { input, maxBuffer: 1 << 26 });
  assert.equal(status, 0);
  assert.ok(stdout.equals(sample(400_000)));
});

test('codeLengths() gives a complete code within its longest length, whatever the counts', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 100_000 }), { minLength: 2, maxLength: 286 }), fc.boolean(), (counts, steep) => {
      // Counts that double each time want the longest codes.
      const used = steep ? counts.map((count, at) => (count === 0 ? 0 : 2 ** Math.min(30, at))) : counts;
      const lengths = codeLengths(used, 15);
      assert.ok(lengths.every((length, symbol) => length <= 15 && (length > 0 || used[symbol] === 0)));
      assert.equal(
        lengths.reduce((sum, length) => sum + (length === 0 ? 0 : 2 ** (15 - length)), 0),
        2 ** 15,
      );
    }),
  );
});
