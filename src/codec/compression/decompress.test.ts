import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { CodecError } from '../error.ts';
import { decompress } from './decompress.ts';
import { defaultInflateLimits, type InflateLimits } from './limits.ts';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function unpack(bytes: Buffer, size = 1000, limits: InflateLimits = defaultInflateLimits): Promise<Buffer> {
  const out: Buffer[] = [];
  await decompress(inPieces(bytes, size), (chunk) => out.push(Buffer.from(chunk)), limits);
  return Buffer.concat(out);
}

const text = Buffer.from(Array.from({ length: 6000 }, (_, at) => `line ${at}\n`).join(''));
const half = text.length / 2;

const forms: Record<string, Buffer> = {
  'plain bytes': text,
  gzip: gzipSync(text),
  'gzip of two members': Buffer.concat([gzipSync(text.subarray(0, half)), gzipSync(text.subarray(half))]),
  zstd: zstdCompressSync(text),
  'zstd of two frames': Buffer.concat([
    zstdCompressSync(text.subarray(0, half)),
    zstdCompressSync(text.subarray(half)),
  ]),
  'zstd after a skippable frame': Buffer.concat([
    Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]),
    zstdCompressSync(text),
  ]),
};

forms['gzip that is padded with zeros'] = Buffer.concat([gzipSync(text), Buffer.alloc(700)]);

for (const [name, bytes] of Object.entries(forms)) {
  test(`decompress() unpacks ${name}`, async () => {
    for (const size of [3, 70_000, bytes.length])
      assert.ok((await unpack(bytes, size)).equals(text), `pieces of ${size}`);
  });
}

test('decompress() unpacks nothing from nothing', async () => {
  assert.equal((await unpack(Buffer.alloc(0))).length, 0);
});

async function codeOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (error instanceof CodecError) return error.code;
    throw error;
  }
  return 'none';
}

const gzip = forms['gzip'] as Buffer;
const damaged = Buffer.from(gzip);
damaged[Math.floor(damaged.length / 2)] = (damaged[Math.floor(damaged.length / 2)] as number) ^ 0xff;
const wrongSum = Buffer.from(gzip);
wrongSum[wrongSum.length - 6] = (wrongSum[wrongSum.length - 6] as number) ^ 1;
const bomb = gzipSync(Buffer.alloc(5_000_000));
const tight = { maxBytes: 1_000_000_000, maxRatio: 100, ratioFloor: 1_000_000 };

const broken: readonly (readonly [string, string, Promise<unknown>])[] = [
  ['gzip that is cut', 'TRUNCATED', unpack(gzip.subarray(0, gzip.length - 9))],
  ['zstd that is cut', 'TRUNCATED', unpack((forms['zstd'] as Buffer).subarray(0, 200))],
  ['gzip with a flipped bit', 'MALFORMED', unpack(damaged)],
  ['gzip with a wrong sum', 'MALFORMED', unpack(wrongSum)],
  ['bzip2', 'UNSUPPORTED', unpack(Buffer.from('BZh91AY&SY'))],
  ['xz', 'UNSUPPORTED', unpack(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 0, 4]))],
  ['more bytes than allowed', 'LIMIT_EXCEEDED', unpack(gzip, 1000, { ...tight, maxBytes: 1000 })],
  ['a bomb', 'LIMIT_EXCEEDED', unpack(bomb, 1000, tight)],
];

for (const [name, code, action] of broken) {
  const settled = codeOf(action);
  test(`decompress() refuses ${name}`, async () => assert.equal(await settled, code));
}

test('decompress() passes on what the sink and the source throw', async () => {
  const stop = new Error('stop');
  await assert.rejects(
    decompress(inPieces(gzip, 1000), () => assert.fail(stop), tight),
    stop,
  );
  async function* failing(): AsyncGenerator<Buffer> {
    yield gzip.subarray(0, 100);
    throw stop;
  }
  await assert.rejects(
    decompress(failing(), () => undefined, tight),
    stop,
  );
});

const member = gzipSync('second member');
const followed: readonly (readonly [string, Buffer, string])[] = [
  ['a member behind zeros', Buffer.concat([Buffer.alloc(600), member]), 'MALFORMED'],
  ['text', Buffer.from('behind the end'), 'MALFORMED'],
  ['text behind zeros', Buffer.concat([Buffer.alloc(3), Buffer.from('x')]), 'MALFORMED'],
  ['half a member', member.subarray(0, 12), 'TRUNCATED'],
  ['zeros only', Buffer.alloc(1), 'none'],
];

for (const [name, more, code] of followed) {
  test(`decompress() drops nothing in silence: gzip followed by ${name}`, async () => {
    const first = gzipSync('first');
    const bytes = Buffer.concat([first, more]);
    for (const size of [1, first.length, first.length + 1, first.length + 3, bytes.length])
      assert.equal(await codeOf(unpack(bytes, size)), code, `pieces of ${size}`);
  });
}

test('decompress() ends in a coded error or a result, whatever the bytes', async () => {
  const seeds = Object.values(forms);
  const mutation = fc.record({
    seed: fc.nat(seeds.length - 1),
    flips: fc.array(fc.tuple(fc.nat(2000), fc.nat(255)), { maxLength: 4 }),
    tail: fc.uint8Array({ maxLength: 20 }),
    size: fc.integer({ min: 1, max: 3000 }),
  });
  await fc.assert(
    fc.asyncProperty(mutation, async ({ seed, flips, tail, size }) => {
      const bytes = Buffer.concat([seeds[seed] as Buffer, tail]);
      for (const [at, value] of flips) bytes[at % bytes.length] = value;
      await codeOf(unpack(bytes, Math.max(size, bytes.length / 100), tight));
    }),
    { numRuns: 150 },
  );
});
