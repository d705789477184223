import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { readBounded } from './read-bounded.ts';

const never = new AbortController().signal;

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'read-bounded-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

for (const [size, most, read] of [
  [0, 10, 0],
  [9, 10, 9],
  [10, 10, 10],
  [11, 10, 11],
  [12, 10, 11],
  [1_048_576, 2_000_000, 1_048_576],
  [1_500_000, 2_000_000, 1_500_000],
  [1_500_000, 1_200_000, 1_200_001],
] as const) {
  test(`of ${size} bytes where ${most} are wanted, ${read} are read`, async (t) => {
    const file = join(folderOf(t), 'file');
    const bytes = Buffer.from(Array.from({ length: size }, (_, at) => at % 251));
    writeFileSync(file, bytes);
    assert.ok((await readBounded(file, most, never)).equals(bytes.subarray(0, read)));
  });
}

test('a file that is not there, and a folder, are the system’s own errors', async (t) => {
  const folder = folderOf(t);
  await assert.rejects(readBounded(join(folder, 'none'), 10, never), { code: 'ENOENT', syscall: 'open' });
  await assert.rejects(readBounded(folder, 10, never), { code: 'EISDIR' });
});

const unix = { skip: process.platform === 'win32' ? 'Windows has no such files' : false };

test('a device that never ends is read as far as is wanted', unix, async () => {
  assert.equal((await readBounded('/dev/zero', 100, never)).length, 101);
});

test('what is sent through a named pipe is read', unix, async (t) => {
  const pipe = join(folderOf(t), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const writer = spawn('sh', ['-c', 'printf sent > "$1"', 'sh', pipe]);
  // It waits for a reader by now, most likely.
  await new Promise((resolve) => setTimeout(resolve, 50));
  const ended = new Promise((resolve) => writer.once('exit', resolve));
  assert.equal((await readBounded(pipe, 10, never)).toString(), 'sent');
  assert.equal(await ended, 0);
});

test('a named pipe is waited for until the signal comes', unix, async (t) => {
  const pipe = join(folderOf(t), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const controller = new AbortController();
  const reading = readBounded(pipe, 10, controller.signal);
  setImmediate(() => {
    controller.abort();
    // What waits in the system for a writer hears of no signal.
    appendFileSync(pipe, 'late');
  });
  await assert.rejects(reading, { name: 'AbortError' });
  await assert.rejects(readBounded(pipe, 10, AbortSignal.abort(new Error('stopped'))), { message: 'stopped' });
});
