import assert from 'node:assert/strict';
import { link } from 'node:fs/promises';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { duplexPair } from 'node:stream';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';

import { sha256 } from '../../../../testing/image/image-builder.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import type { Digest } from '../../../oci/digest.ts';
import { OciError } from '../../../oci/error.ts';
import { streamRange } from '../../../oci/file-range.ts';
import { seededBytes } from '../../../oci/random/random-bytes.ts';
import type { BlobFile, OpenBlob } from '../../../store/blob/blob-store.ts';
import { processLimits } from '../limits.ts';
import { LentFiles } from '../pool/lent-files.ts';
import { channelSource } from './channel-source.ts';
import { ContentPace } from './content-pace.ts';
import { Peer } from './peer.ts';
import { ContentService } from './serve-content.ts';

const bytes = seededBytes('layer', 3_000_000);
const layer: Descriptor = { mediaType: 'x', digest: sha256(bytes), size: bytes.length };
const never = new AbortController().signal;

interface Blob {
  /** Absent where there is no file. */
  readonly file?: Partial<BlobFile>;
  readonly bytes?: Buffer;
  readonly failure?: Error;
}

/** A worker's source at one end of a channel, and what answers it at the other. */
function connect(
  blobOf: (digest: Digest) => Blob,
  digests: readonly Digest[] = [layer.digest],
): Disposable & {
  readonly source: ReturnType<typeof channelSource>;
  readonly service: ContentService;
  readonly pace: ContentPace;
  readonly folder: string;
  readonly lent: string;
  readonly asked: string[];
} {
  const folder = temporaryDirectory();
  const lent = join(folder.path, 'lent');
  const path = folder.write('blob', bytes);
  const pace = new ContentPace();
  const open = (digest: Digest): OpenBlob => {
    const { file, failure, bytes: given = bytes } = blobOf(digest);
    if (failure !== undefined) throw failure;
    return {
      size: given.length,
      // oxlint-disable-next-line require-await -- a generator like those of the stores
      async *read() {
        yield given;
      },
      ...(file === undefined
        ? {}
        : {
            file: {
              isChecked: true,
              linkTo: (other) => link(path, other).then(() => true),
              // oxlint-disable-next-line require-await -- as above
              async *arrivals() {
                yield given.length;
              },
              ...file,
            },
          }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  };
  const origin = { findBlob: (_: string, digest: Digest) => Promise.resolve({ open: async () => open(digest) }) };
  const manifest = Buffer.from('{}');
  const blobs = new Set(digests);
  const image = { repository: 'a', digest: sha256(manifest), manifest, blobs, foreign: new Set<Digest>(), origin };
  const service = new ContentService(image, pace);
  const files = new LentFiles(lent);
  const asked: string[] = [];
  const [here, there] = duplexPair();
  const registry = new Peer(here, (question, signal) => {
    asked.push(question.kind);
    return service.answer(question, signal, files);
  });
  const worker = new Peer(there, () => assert.fail('asked'));
  const source = channelSource(worker);
  return {
    source,
    service,
    pace,
    folder: folder.path,
    lent,
    asked,
    [Symbol.dispose]() {
      source[Symbol.dispose]();
      registry.close();
      worker.close();
      folder[Symbol.dispose]();
    },
  };
}

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

test('a layer is read from the file that is lent for it, opened once, and what was read is told', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  using channel = connect(() => ({ file: {} }));
  const { source, service, pace, asked } = channel;
  const range = await source.locateLayer?.(layer);
  assert.ok(range !== undefined);
  assert.equal(range.isChecked, true);
  assert.deepEqual(await gather(streamRange(range)), bytes);
  assert.equal((await source.locateLayer?.(layer))?.fd, range.fd);
  assert.deepEqual(asked, ['file']);
  assert.deepEqual([...service.unfinished], []);
  assert.equal(pace.bytes, 0);
  context.mock.timers.tick(processLimits.readTime);
  await sleep(20);
  assert.equal(pace.bytes, bytes.length);
  context.mock.timers.tick(processLimits.readTime);
  await sleep(20);
  assert.deepEqual(asked, ['file', 'read']);
});

test('what was read of many files is told in one question', async (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const digests = Array.from({ length: processLimits.streams + 1 }, (_, at) => sha256(Buffer.from(String(at))));
  using channel = connect(() => ({ file: {} }), digests);
  const { source, pace, asked } = channel;
  for (const digest of digests) {
    const range = await source.locateLayer?.({ ...layer, digest });
    assert.ok(range !== undefined);
    for await (const _ of streamRange(range));
    while (channel.service.unfinished.size > 0) await sleep(1);
  }
  context.mock.timers.tick(processLimits.readTime);
  while (pace.bytes < digests.length * bytes.length) await sleep(1);
  assert.deepEqual(asked.filter((kind) => kind === 'read').length, 1);
  assert.deepEqual(
    await gather(source.openLayer(layer)).catch((error: Error) => error.message),
    'This is no content of the image',
  );
});

test('whoever reads a file is told whether its bytes were compared with their digest', async () => {
  using channel = connect(() => ({ file: { isChecked: false } }));
  const range = await channel.source.locateLayer?.(layer);
  assert.equal(range?.isChecked, false);
});

test('a file that still grows is read as it comes, and waited for', async () => {
  const steps = [1_000_000, 2_500_000, 3_000_000];
  const gates = steps.map(() => Promise.withResolvers<void>());
  async function* arrivals(): AsyncGenerator<number> {
    for (const [at, step] of steps.entries()) {
      await gates[at]?.promise;
      yield step;
    }
  }
  using channel = connect(() => ({ file: { arrivals } }));
  const range = await channel.source.locateLayer?.(layer);
  assert.ok(range !== undefined);
  let seen = 0;
  const reading = (async () => {
    for await (const chunk of streamRange(range)) {
      assert.deepEqual(chunk, bytes.subarray(seen, seen + chunk.length));
      seen += chunk.length;
    }
  })();
  for (const [at, step] of steps.entries()) {
    await sleep(20);
    assert.equal(seen, steps[at - 1] ?? 0);
    assert.equal(channel.pace.isAwaited, true);
    assert.deepEqual([...channel.service.unfinished], [layer.digest]);
    gates[at]?.resolve();
    while (seen < step) await sleep(1);
  }
  await reading;
  assert.equal(channel.pace.isAwaited, false);
  assert.deepEqual([...channel.service.unfinished], []);
});

test('a file of which the rest does not come breaks off, and the other side knows why', async () => {
  const failure = new OciError('DIGEST_MISMATCH', 'other bytes came');
  // oxlint-disable-next-line require-await -- a generator like those of the stores
  async function* arrivals(): AsyncGenerator<number> {
    yield 2_000_000;
    throw failure;
  }
  using channel = connect(() => ({ file: { arrivals } }));
  const range = await channel.source.locateLayer?.(layer);
  assert.ok(range !== undefined);
  await assert.rejects(gather(streamRange(range)), { code: 'LAYER_UNREADABLE' });
  assert.equal(channel.service.failure, failure);
  assert.deepEqual([...channel.service.unfinished], [layer.digest]);
});

for (const [name, blob] of [
  ['lies in no file', {}],
  ['cannot be linked', { file: { linkTo: () => Promise.resolve(false) } }],
] as const satisfies readonly (readonly [string, Blob])[]) {
  test(`a layer that ${name} has its bytes sent`, async () => {
    using channel = connect(() => blob);
    assert.equal(await channel.source.locateLayer?.(layer), undefined);
    assert.deepEqual(await gather(channel.source.openLayer(layer)), bytes);
    assert.deepEqual(channel.asked, ['file', 'content']);
    assert.equal(channel.service.failure, undefined);
    assert.equal(channel.pace.bytes, bytes.length);
  });
}

test('why a layer cannot be had is told to whoever asks for its bytes, and counts once', async () => {
  const failure = new OciError('BLOB_UNKNOWN', 'it is gone');
  using channel = connect(() => ({ failure }));
  assert.equal(await channel.source.locateLayer?.(layer), undefined);
  assert.equal(channel.service.failure, undefined);
  await assert.rejects(gather(channel.source.openLayer(layer)), { name: 'OciError', code: 'BLOB_UNKNOWN' });
  assert.equal(channel.service.failure, failure);
});

test('no file is lent but those of the image, and none for little', async () => {
  using channel = connect(() => ({ file: {} }));
  assert.equal(await channel.source.locateLayer?.({ ...layer, digest: sha256(Buffer.from('other')) }), undefined);
  assert.equal(existsSync(channel.lent), false);
  assert.equal(await channel.source.locateLayer?.({ ...layer, size: processLimits.fileBytes - 1 }), undefined);
  assert.deepEqual(channel.asked, ['file']);
});

test('no more files are followed at once than may be', async () => {
  const digests = Array.from({ length: processLimits.growingFiles + 1 }, (_, at) => sha256(Buffer.from(String(at))));
  const { promise: end, resolve } = Promise.withResolvers<void>();
  async function* arrivals(): AsyncGenerator<number> {
    yield 1;
    await end;
    yield bytes.length;
  }
  using channel = connect(() => ({ file: { arrivals } }), digests);
  const { source } = channel;
  const locate = (digest: Digest): Promise<unknown> => Promise.resolve(source.locateLayer?.({ ...layer, digest }));
  const found = await Promise.all(digests.map(locate));
  assert.equal(found.filter((range) => range !== undefined).length, processLimits.growingFiles);
  const last = digests.at(-1) as Digest;
  assert.equal(await locate(last), undefined);
  resolve();
  while (channel.service.unfinished.size > 0) await sleep(1);
  assert.ok((await locate(last)) !== undefined);
});

test('no more files are held open than may be', async () => {
  const digests = Array.from({ length: processLimits.lentFiles + 1 }, (_, at) => sha256(Buffer.from(String(at))));
  using channel = connect(() => ({ file: {} }), digests);
  const { source, asked, service } = channel;
  for (const [at, digest] of digests.entries()) {
    const range = await source.locateLayer?.({ ...layer, digest });
    assert.equal(range !== undefined, at < processLimits.lentFiles);
    while (service.unfinished.size > 0) await sleep(1);
  }
  assert.equal(asked.length, processLimits.lentFiles);
  assert.ok((await source.locateLayer?.({ ...layer, digest: digests[0] as Digest })) !== undefined);
});

test('a source that is done with ends what it follows, and closes its files', async () => {
  async function* arrivals(signal: AbortSignal): AsyncGenerator<number> {
    yield 1;
    signal.throwIfAborted();
    await new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  }
  using channel = connect(() => ({ file: { arrivals } }));
  const range = await channel.source.locateLayer?.(layer);
  assert.ok(range !== undefined);
  const reading = gather(streamRange(range, never));
  channel.source[Symbol.dispose]();
  await assert.rejects(reading, { code: 'LAYER_UNREADABLE' });
  await sleep(10);
  // It was no failure of where the bytes come from, but nobody knows what the rest would have been.
  assert.equal(channel.service.failure, undefined);
  assert.deepEqual([...channel.service.unfinished], [layer.digest]);
  assert.equal(channel.pace.isAwaited, false);
});

test('files that were lent are taken back with their folder, and what was lent lies there under no name that it had', async () => {
  using folder = temporaryDirectory();
  writeFileSync(join(folder.path, 'blob'), 'x');
  const files = new LentFiles(join(folder.path, 'lent'));
  const file = { linkTo: (other: string) => link(join(folder.path, 'blob'), other).then(() => true) };
  const paths = [await files.lend(file), await files.lend(file)];
  assert.deepEqual(paths, [join(folder.path, 'lent', '1'), join(folder.path, 'lent', '2')]);
  const late = files.lend(file);
  await files.takeBack();
  await files.takeBack();
  assert.equal(existsSync(join(folder.path, 'lent')), false);
  assert.equal(existsSync(join(folder.path, 'blob')), true);
  await late;
  assert.equal(await files.lend(file), undefined);
  assert.equal(existsSync(join(folder.path, 'lent')), false);
});
