import assert from 'node:assert/strict';
import test from 'node:test';
import { compressLayer, sha256, type LayerCompression } from '../../testing/image/image-builder.ts';
import { file, writeTar } from '../../testing/image/tar-writer.ts';
import { npmPackage } from '../../testing/package-files.ts';
import { isSeaworthyError } from '../base/error.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import { catalogers } from '../catalog/list.ts';
import { OciError } from '../oci/error.ts';
import type { Digest } from '../oci/digest.ts';
import { decodeLayerIndex } from '../rootfs/layer-index.ts';
import { analyzeLayer, readLayerEntries } from './analyze-layer.ts';
import type { LayerAnalysis, LayerExpectation } from './layer-analysis.ts';

const dispatch = new Dispatch(catalogers);
const tar = writeTar([npmPackage('a', '1.0.0'), file('blob', 'x'.repeat(30_000)), npmPackage('b', '2.0.0')]);
const gzip = compressLayer(tar, 'gzip');
const truth = { diffId: sha256(tar), digest: sha256(gzip), size: gzip.length };
const other = sha256(Buffer.from('other'));

async function* pieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function analyze(bytes: Buffer, expectation: LayerExpectation): Promise<LayerAnalysis> {
  return analyzeLayer(pieces(bytes), expectation, dispatch);
}

async function codeOf(action: Promise<unknown>): Promise<string> {
  try {
    await action;
  } catch (error) {
    if (isSeaworthyError(error)) return error.code;
    throw error;
  }
  return 'none';
}

for (const compression of ['none', 'gzip', 'gzip-multi', 'zstd', 'zstd-multi'] satisfies LayerCompression[]) {
  test(`analyzeLayer() reads a layer stored as ${compression}`, async () => {
    const bytes = compressLayer(tar, compression);
    const { index, readings, problems } = await analyze(bytes, {
      diffId: sha256(tar),
      digest: sha256(bytes),
      size: bytes.length,
    });
    assert.deepEqual(
      readings.map(({ path }) => path),
      ['app/node_modules/a/package.json', 'app/node_modules/b/package.json'],
    );
    assert.equal(decodeLayerIndex(index).count, 7);
    assert.deepEqual(problems, []);
  });
}

const cut = gzip.subarray(0, gzip.length - 20);
const flipped = Buffer.from(gzip);
flipped[40] = (flipped[40] as number) ^ 0xff;
const cutTar = tar.subarray(0, 530);

interface Lie {
  readonly name: string;
  readonly code: string;
  readonly bytes: Buffer;
  readonly expectation?: Partial<LayerExpectation>;
}

const lies: readonly Lie[] = [
  { name: 'nothing wrong', code: 'none', bytes: gzip },
  {
    name: 'a layer whose archive tells no digest',
    code: 'none',
    bytes: gzip,
    expectation: { digest: undefined, size: undefined } as never,
  },
  { name: 'another blob digest', code: 'DIGEST_MISMATCH', bytes: gzip, expectation: { digest: other } },
  { name: 'another DiffID', code: 'DIGEST_MISMATCH', bytes: gzip, expectation: { diffId: other } },
  {
    name: 'a DiffID of another algorithm',
    code: 'DIGEST_MISMATCH',
    bytes: gzip,
    expectation: { diffId: `sha512:${'0'.repeat(128)}` as Digest },
  },
  { name: 'fewer bytes than promised', code: 'SIZE_MISMATCH', bytes: gzip, expectation: { size: gzip.length + 1 } },
  { name: 'more bytes than promised', code: 'SIZE_MISMATCH', bytes: gzip, expectation: { size: gzip.length - 1 } },
  { name: 'a blob that is cut', code: 'SIZE_MISMATCH', bytes: cut },
  {
    name: 'a cut blob of unknown size',
    code: 'TRUNCATED',
    bytes: cut,
    expectation: { digest: undefined, size: undefined } as never,
  },
  { name: 'a flipped bit', code: 'MALFORMED', bytes: flipped },
  {
    name: 'a tar that is cut',
    code: 'TRUNCATED',
    bytes: cutTar,
    expectation: { diffId: sha256(cutTar), digest: sha256(cutTar), size: 530 },
  },
  { name: 'a web page', code: 'MALFORMED', bytes: Buffer.from('<html>'.repeat(200)), expectation: { size: 1200 } },
  { name: 'nothing at all', code: 'SIZE_MISMATCH', bytes: Buffer.alloc(0) },
  {
    name: 'xz',
    code: 'UNSUPPORTED',
    bytes: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 1, 2]),
    expectation: { size: 8 },
  },
];

for (const { name, code, bytes, expectation } of lies) {
  test(`analyzeLayer() ends in ${code} for ${name}`, async () => {
    assert.equal(await codeOf(analyze(bytes, { ...truth, ...expectation })), code);
  });
}

test('analyzeLayer() passes on why its source failed, however many bytes came before', async () => {
  for (const before of [0, 1, 5000]) {
    async function* failing(): AsyncGenerator<Buffer> {
      yield gzip.subarray(0, before);
      throw new OciError('RATE_LIMITED', 'wait');
    }
    assert.equal(await codeOf(analyzeLayer(failing(), truth, dispatch)), 'RATE_LIMITED');
  }
});

test('analyzeLayer() lets go of its source when it gives up', async () => {
  let isClosed = false;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) yield Buffer.alloc(1000, 'x');
    } finally {
      isClosed = true;
    }
  }
  assert.equal(await codeOf(analyzeLayer(endless(), { diffId: truth.diffId }, dispatch)), 'MALFORMED');
  assert.equal(isClosed, true);
});

test('readLayerEntries() reads entries as other paths, checks the layer, and says what is too large', async () => {
  const body = JSON.stringify({ name: 'a', version: '1.0.0' });
  const big = Buffer.alloc(20 * 2 ** 20, ' ');
  const stored = writeTar([file('x', body), file('y', body), file('big', big)]);
  const expectation = { diffId: sha256(stored) };
  const wanted = [
    { entry: 0, path: 'm/package.json' },
    { entry: 0, path: 'n/package.json' },
    { entry: 0, path: 'nobody/wants' },
    { entry: 2, path: 'o/package.json' },
  ];
  const readings = await readLayerEntries(pieces(stored, 100_000), expectation, dispatch, wanted);
  assert.deepEqual(
    readings.map(({ path, entry, facts, problems }) => [path, entry, facts.length, problems.map(({ code }) => code)]),
    [
      ['m/package.json', 0, 1, []],
      ['n/package.json', 0, 1, []],
      ['o/package.json', 2, 0, ['FILE_TOO_LARGE']],
    ],
  );
  assert.equal(await codeOf(readLayerEntries(pieces(stored), { diffId: other }, dispatch, wanted)), 'DIGEST_MISMATCH');
});

for (const [name, patience] of [
  ['long work', { ms: -1, fileBytes: 1e9 }],
  ['a large file', { ms: 1e9, fileBytes: 10 }],
] as const) {
  test(`analyzeLayer() and readLayerEntries() leave ${name} to another thread`, async () => {
    const wanted = [{ entry: 3, path: 'x/package.json' }];
    const whole = { ms: 1e9, fileBytes: 1000 };
    await assert.rejects(analyzeLayer(pieces(gzip), truth, dispatch, patience), { name: 'HeavyLayer' });
    await assert.rejects(readLayerEntries(pieces(gzip), truth, dispatch, wanted, patience), { name: 'HeavyLayer' });
    assert.equal((await analyzeLayer(pieces(gzip), truth, dispatch, whole)).readings.length, 2);
  });
}
