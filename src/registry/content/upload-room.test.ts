import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { noJournal } from '../../../testing/registry/push-content.ts';
import { openTestContent } from '../../../testing/registry/test-content.ts';
import { digestOf } from '../../../testing/store/blob-data.ts';
import { appendUpload, finishUpload, requireUpload, startUpload } from './upload.ts';

const part = Buffer.alloc(100_000, 'part ');
const { signal } = new AbortController();

/** An upload that brings a part at a time, when it is told to. */
interface Stream {
  /** Waits until it was taken, or refused. */
  readonly next: () => Promise<void>;
  readonly ended: Promise<unknown>;
  readonly end: () => Promise<void>;
}

function streamOf(send: (chunks: AsyncIterable<Uint8Array>) => Promise<unknown>): Stream {
  let tell = Promise.withResolvers<boolean>();
  let taken = Promise.withResolvers<undefined>();
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const isMore = await tell.promise;
      tell = Promise.withResolvers();
      if (!isMore) return;
      yield part;
      taken.resolve(undefined);
    }
  }
  const ended = send(chunks()).then(
    (value) => value,
    (error: unknown) => error,
  );
  return {
    ended,
    async next() {
      taken = Promise.withResolvers();
      tell.resolve(true);
      await Promise.race([taken.promise, ended]);
    },
    async end() {
      tell.resolve(false);
      await ended;
    },
  };
}

test('uploads that come at the same time and end one after another hold no more than there is room for', async () => {
  using folder = temporaryDirectory();
  await using opened = await openTestContent({ folder: folder.path, clock: { now: Date.now() } });
  const content = { ...opened.content, uploadBytes: () => 1_000_000 };
  const streams: Stream[] = [];
  for (let each = 0; each < 4; each += 1) {
    const upload = await requireUpload(content, 'app', await startUpload(content, 'app', 'me'), 'me');
    const stream = streamOf((chunks) => appendUpload(content, upload, { chunks, length: undefined }, signal));
    await stream.next();
    streams.push(stream);
  }
  const results: unknown[] = [];
  for (const stream of streams) {
    for (let times = 0; times < 3; times += 1) await stream.next();
    await stream.end();
    results.push(await stream.ended);
  }
  const [first, second, third, fourth] = results;
  assert.deepEqual([first, second], [400_000, 400_000]);
  for (const refused of [third, fourth]) assert.equal((refused as { code?: string }).code, 'DENIED');
});

test('what became a blob, or was thrown away, leaves its room to others', async () => {
  using folder = temporaryDirectory();
  await using opened = await openTestContent({ folder: folder.path, clock: { now: Date.now() } });
  const content = { ...opened.content, uploadBytes: () => 250_000 };
  for (let round = 0; round < 5; round += 1) {
    const bytes = Buffer.alloc(200_000, `round ${round} `);
    const upload = await requireUpload(content, 'app', await startUpload(content, 'app', 'me'), 'me');
    // oxlint-disable-next-line require-await -- a stream as those of requests
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield bytes;
    }
    const digest = round % 2 === 0 ? digestOf(bytes) : digestOf(part);
    const finish = finishUpload(content, upload, { chunks: chunks(), length: undefined }, digest, signal, noJournal);
    if (round % 2 === 0) await finish;
    else await assert.rejects(finish, { code: 'DIGEST_INVALID' });
  }
});
