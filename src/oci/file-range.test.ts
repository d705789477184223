import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { once } from 'node:events';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { breakOffArrival, newArrival, noteArrived, takeRead } from './arrival.ts';
import { readRange, streamRange } from './file-range.ts';
import { seededBytes } from './random/random-bytes.ts';

const bytes = seededBytes('file-range', 700_000);

async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

test('readRange() and streamRange() read just the range', async () => {
  using folder = temporaryDirectory();
  await using file = await open(folder.write('file', bytes));
  for (const [offset, length] of [
    [0, 700_000],
    [1, 600_000],
    [699_999, 1],
    [5, 0],
  ] as const) {
    const range = { fd: file.fd, offset, length };
    const expected = bytes.subarray(offset, offset + length);
    assert.deepEqual(await readRange(range), expected);
    assert.deepEqual(await gather(streamRange(range)), expected);
  }
});

test('readRange() and streamRange() say when the file ends before the range', async () => {
  using folder = temporaryDirectory();
  await using file = await open(folder.write('file', bytes));
  const range = { fd: file.fd, offset: 600_000, length: 100_001 };
  await assert.rejects(readRange(range), { name: 'OciError', code: 'LAYER_UNREADABLE' });
  await assert.rejects(gather(streamRange(range)), { name: 'OciError', code: 'LAYER_UNREADABLE' });
});

test('streamRange() stops when it is aborted', async () => {
  using folder = temporaryDirectory();
  await using file = await open(folder.write('file', bytes));
  const range = { fd: file.fd, offset: 0, length: bytes.length };
  await assert.rejects(gather(streamRange(range, AbortSignal.abort())), { name: 'AbortError' });
});

test('streamRange() stops when it is aborted while it waits for what does not come', async () => {
  using folder = temporaryDirectory();
  await using file = await open(folder.write('file', bytes));
  const arrival = newArrival();
  noteArrived(arrival, 400_000);
  const stop = new AbortController();
  const range = { fd: file.fd, offset: 0, length: bytes.length, arrival };
  setTimeout(() => stop.abort(), 15);
  await assert.rejects(gather(streamRange(range, stop.signal)), { name: 'AbortError' });
});

test('streamRange() reads a file that is still being written no further than it has come', async () => {
  using folder = temporaryDirectory();
  await using file = await open(folder.write('file', bytes));
  const arrival = newArrival();
  const range = { fd: file.fd, offset: 0, length: bytes.length, arrival };
  const chunks: Buffer[] = [];
  const reading = (async () => {
    for await (const chunk of streamRange(range)) chunks.push(chunk);
  })();
  let read = 0;
  for (const arrived of [1, 300_000, 300_001, 699_999]) {
    noteArrived(arrival, arrived);
    await sleep(15);
    read += takeRead(arrival);
    assert.equal(read, arrived);
    assert.deepEqual(Buffer.concat(chunks), bytes.subarray(0, arrived));
  }
  // More than the file should have is not looked at.
  noteArrived(arrival, bytes.length + 1);
  await reading;
  assert.deepEqual(Buffer.concat(chunks), bytes);
});

test('streamRange() says when the rest of a file does not come, however late that is told', async () => {
  using folder = temporaryDirectory();
  await using file = await open(folder.write('file', bytes));
  for (const before of [true, false]) {
    const arrival = newArrival();
    noteArrived(arrival, 400_000);
    if (before) breakOffArrival(arrival);
    const reading = gather(streamRange({ fd: file.fd, offset: 0, length: bytes.length, arrival }));
    if (!before) setTimeout(() => breakOffArrival(arrival), 15);
    await assert.rejects(reading, { name: 'OciError', code: 'LAYER_UNREADABLE' });
  }
});

test('streamRange() on another thread hears of what arrives, with nothing else to wake it', async () => {
  using folder = temporaryDirectory();
  await using file = await open(folder.write('file', bytes));
  const arrival = newArrival();
  const range = { fd: file.fd, offset: 0, length: bytes.length, arrival };
  const script = `
    const { parentPort, workerData } = require('node:worker_threads');
    // Waiting for what arrives keeps no thread alive; whoever serves others has a listener.
    parentPort.on('message', async (range) => {
      const { streamRange } = await import(workerData);
      let read = 0;
      for await (const chunk of streamRange(range)) read += chunk.length;
      parentPort.postMessage(read);
    });`;
  const worker = new Worker(script, { eval: true, workerData: import.meta.resolve('./file-range.ts') });
  try {
    const said = once(worker, 'message');
    worker.postMessage(range, []);
    for (let arrived = 0; arrived <= bytes.length; arrived += 70_000) {
      await sleep(5);
      noteArrived(arrival, arrived);
    }
    assert.deepEqual(await said, [bytes.length]);
  } finally {
    await worker.terminate();
  }
});
