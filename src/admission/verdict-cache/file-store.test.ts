import assert from 'node:assert/strict';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { keptVerdict } from '../../../testing/admission/kept-verdicts.ts';
import { manualClock } from '../../../testing/manual-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { readFileKey } from './file-key.ts';
import { FileVerdictStore } from './file-store.ts';
import type { KeptVerdict } from './model.ts';

const key = Buffer.alloc(32, 7);
const start = Date.UTC(2026, 0, 1);

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-verdicts-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function opened(
  path: string,
  change: { readonly most?: number; readonly now?: number; readonly key?: Buffer } = {},
) {
  const { now = start, ...rest } = change;
  return await FileVerdictStore.open({ path, key, clock: manualClock(now), logger: silentLogger, ...rest });
}

/** What a start that finds the file knows. */
async function known(path: string, change: Parameters<typeof opened>[1] = {}): Promise<readonly KeptVerdict[]> {
  await using store = await opened(path, change);
  const found = new Map<string, KeptVerdict>();
  const ended = new AbortController();
  const following = store.follow((kept) => void found.set(kept.key, kept), ended.signal);
  ended.abort();
  await following;
  return [...found.values()];
}

async function written(path: string, all: readonly KeptVerdict[], change: Parameters<typeof opened>[1] = {}) {
  await using store = await opened(path, change);
  for (const kept of all) {
    store.put(kept);
    // Each in a write of its own, or several in one.
    if (all.length < 10) await new Promise((resolve) => setImmediate(resolve));
  }
}

test('what is put is known after a start, the newest of each question, and nothing that is over', async (t) => {
  const path = join(folderOf(t), 'kept', 'verdicts');
  const [a, b] = [keptVerdict('a'), keptVerdict('b', { staleUntil: start + 5 })];
  const newer = keptVerdict('a', { at: start + 1, image: 'newer' });
  const denied = keptVerdict('c', { verdict: { ...a.verdict, decision: 'deny' } });
  assert.deepEqual(await known(path), []);
  await written(path, [a, b, denied]);
  assert.deepEqual(await known(path), [a, b, denied]);
  await written(path, [newer]);
  assert.deepEqual(await known(path), [newer, b, denied]);
  assert.deepEqual(await known(path, { now: start + 5 }), [newer, denied]);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a file that ends anywhere gives what was whole, and goes on from there', async (t) => {
  const folder = folderOf(t);
  const all = ['a', 'b', 'c'].map((name) => keptVerdict(name));
  await written(join(folder, 'whole'), all);
  const bytes = readFileSync(join(folder, 'whole'));
  const ends = [...bytes.keys()].filter((at) => bytes[at] === 0x0a).map((at) => at + 1);
  const next = keptVerdict('next');
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length), async (end) => {
      const path = join(folder, 'cut');
      writeFileSync(path, bytes);
      truncateSync(path, end);
      const left = all.slice(0, ends.filter((each) => each <= end).length);
      assert.deepEqual(await known(path), left);
      await written(path, [next]);
      assert.deepEqual(await known(path), [...left, next]);
    }),
    { numRuns: 40 },
  );
});

const strange: readonly (readonly [what: string, line: string])[] = [
  ['no JSON', 'x'],
  ['nothing of ours', '{}'],
  ['null', 'null'],
  ['a seal of nobody', JSON.stringify({ content: JSON.stringify(keptVerdict('evil')), seal: '0'.repeat(64) })],
  ['too long a line', 'y'.repeat(2_000_000)],
];
for (const [what, line] of strange) {
  test(`a line with ${what} is passed over`, async (t) => {
    const path = join(folderOf(t), 'verdicts');
    const [a, b] = [keptVerdict('a'), keptVerdict('b')];
    await written(path, [a]);
    appendFileSync(path, `${line}\n`);
    await written(path, [b]);
    assert.deepEqual(await known(path), [a, b]);
  });
}

test('under another key nothing counts', async (t) => {
  const path = join(folderOf(t), 'verdicts');
  await written(path, [keptVerdict('a')]);
  assert.deepEqual(await known(path, { key: Buffer.alloc(32, 8) }), []);
});

test('a file that grows too large is written anew, with the newest of what counts', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'verdicts');
  const most = 20_000;
  const all = Array.from({ length: 300 }, (_, at) => keptVerdict(`v${at}`, { at: start + at }));
  await using store = await opened(path, { most });
  for (const [at, kept] of all.entries()) {
    store.put(kept);
    if (at % 10 === 9) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await store[Symbol.asyncDispose]();
  assert.ok(statSync(path).size <= most, String(statSync(path).size));
  const found = await known(path, { most });
  assert.ok(found.length >= 10);
  assert.deepEqual(found, all.slice(-found.length));
  assert.deepEqual(readdirSync(folder), ['verdicts']);
});

test('a verdict that cannot be written is let go of, and told', async (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'verdicts');
  const warned: string[] = [];
  const logger = { ...silentLogger, warn: (message: string) => void warned.push(message) };
  await using store = await FileVerdictStore.open({ path, key, clock: manualClock(start), logger });
  rmSync(folder, { recursive: true });
  store.put(keptVerdict('a'));
  await store[Symbol.asyncDispose]();
  assert.deepEqual([store.dropped, warned.length], [1, 1]);
  await known(path);
});

test('the key of a file is made once, for whoever comes first', async (t) => {
  const path = join(folderOf(t), 'keys', 'seal');
  const keys = await Promise.all([1, 2, 3].map(() => readFileKey(path)));
  assert.equal(new Set(keys.map((each) => Buffer.from(each).toString('hex'))).size, 1);
  assert.deepEqual(await readFileKey(path), keys[0]);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  for (const text of ['short', 'x'.repeat(33)]) {
    writeFileSync(path, text);
    await assert.rejects(readFileKey(path), /is no key of verdicts/);
  }
});
