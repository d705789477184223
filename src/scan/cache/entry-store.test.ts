import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { EntryStore } from './entry-store.ts';

const hour = 3_600_000;
const now = (): number => Date.now();

/** All files below a folder. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function age(path: string, milliseconds: number): void {
  const time = (Date.now() - milliseconds) / 1000;
  utimesSync(path, time, time);
}

function placeOf(folder: string, key: string): string {
  return join(folder, key.slice(0, 2), key);
}

test('EntryStore gives back what it keeps, and nothing for what it does not', async () => {
  using folder = temporaryDirectory();
  const store = new EntryStore(folder.path, 1e6, now);
  assert.equal(await store.get('aa01'), undefined);
  for (const body of [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(100_000, 3)]) {
    assert.equal(await store.put('aa01', body), true);
    assert.deepEqual(await store.get('aa01'), body);
  }
  assert.equal(await store.get('aa02'), undefined);
});

const damages: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
  ['cut in its checksum', (bytes) => bytes.subarray(0, 20)],
  ['cut in its body', (bytes) => bytes.subarray(0, bytes.length - 1)],
  ['emptied', () => Buffer.alloc(0)],
  ['lengthened', (bytes) => Buffer.concat([bytes, Buffer.from('x')])],
  ['changed', (bytes) => Buffer.concat([bytes.subarray(0, -1), Buffer.from('x')])],
  ['overwritten with zeros', (bytes) => Buffer.alloc(bytes.length)],
];

for (const [name, damage] of damages) {
  test(`EntryStore misses an entry that was ${name}, and removes it`, async () => {
    using folder = temporaryDirectory();
    const store = new EntryStore(folder.path, 1e6, now);
    await store.put('aa01', Buffer.from('a body of some length'));
    const path = placeOf(folder.path, 'aa01');
    writeFileSync(path, damage(readFileSync(path)));
    assert.equal(await store.get('aa01'), undefined);
    assert.deepEqual(filesIn(folder.path), []);
  });
}

test('EntryStore goes on without a folder that it may write', async () => {
  using folder = temporaryDirectory();
  const occupied = folder.write('file', 'not a folder');
  const store = new EntryStore(join(occupied, 'cache'), 1e6, now);
  assert.equal(await store.put('aa01', Buffer.from('x')), false);
  assert.equal(await store.get('aa01'), undefined);
  assert.equal(await store.evict(), 0);
});

test('EntryStore.evict() removes what was unused for longest, and stops below the size', async () => {
  using folder = temporaryDirectory();
  const store = new EntryStore(folder.path, 10_000, now);
  for (let at = 0; at < 12; at += 1) {
    await store.put(`aa${at + 10}`, Buffer.alloc(968));
    age(placeOf(folder.path, `aa${at + 10}`), (20 - at) * hour);
  }
  // A hit makes the oldest young again.
  assert.notEqual(await store.get('aa10'), undefined);
  assert.equal(await store.evict(), 4000);
  const left = filesIn(folder.path).map((path) => path.slice(-4));
  assert.deepEqual(left.sort(), ['aa10', 'aa15', 'aa16', 'aa17', 'aa18', 'aa19', 'aa20', 'aa21']);
  assert.equal(await store.evict(), 0);
});

test('EntryStore.evict() removes leftovers of killed writers, but not of those at work', async () => {
  using folder = temporaryDirectory();
  const store = new EntryStore(folder.path, 10_000, now);
  await store.put('aa01', Buffer.from('kept'));
  const stray = `${placeOf(folder.path, 'aa01')}.abc.tmp`;
  const fresh = `${placeOf(folder.path, 'aa01')}.def.tmp`;
  for (const path of [stray, fresh]) writeFileSync(path, 'half');
  age(stray, 2 * hour);
  assert.equal(await store.evict(), 4);
  assert.deepEqual(filesIn(folder.path).sort(), [placeOf(folder.path, 'aa01'), fresh]);
});

test('EntryStore refuses an entry that would push out most others', async () => {
  using folder = temporaryDirectory();
  const store = new EntryStore(folder.path, 10_000, now);
  assert.equal(await store.put('aa01', Buffer.alloc(9_000)), false);
  assert.equal(await store.put('aa02', Buffer.alloc(7_000)), true);
});

test(
  'EntryStore reads a cache that it may not change',
  { skip: process.getuid?.() === 0 && 'root may write' },
  async () => {
    using folder = temporaryDirectory();
    await new EntryStore(folder.path, 1e6, now).put('aa01', Buffer.from('x'));
    age(placeOf(folder.path, 'aa01'), 2 * hour);
    chmodSync(dirname(placeOf(folder.path, 'aa01')), 0o555);
    const store = new EntryStore(folder.path, 1e6, now);
    assert.deepEqual(await store.get('aa01'), Buffer.from('x'));
    assert.equal(await store.put('aa01', Buffer.from('y')), false);
    chmodSync(dirname(placeOf(folder.path, 'aa01')), 0o755);
  },
);

/**
 * Writes and reads the same few keys until it is killed, or its parent is gone; says `bad` should it see bytes that
 * nobody wrote.
 */
const writer = `
  import { EntryStore } from ${JSON.stringify(join(import.meta.dirname, 'entry-store.ts'))};
  process.stdin.on('end', () => process.exit()).resume();
  const store = new EntryStore(process.argv[1], 400_000, () => Date.now());
  for (let turn = 0; turn < 20_000; turn += 1) {
    const key = 'aa0' + (turn % 5);
    await store.put(key, Buffer.alloc(50_000 + (turn % 7), turn % 256));
    const body = await store.get(key);
    if (body !== undefined && !body.every((byte) => byte === body[0])) console.log('bad');
    if (turn % 50 === 9) await store.evict();
    if (turn === 9) console.log('busy');
  }
`;

test('EntryStore serves processes that write, read and evict the same keys, and are killed', async () => {
  using folder = temporaryDirectory();
  const heard: string[] = [];
  const children = Array.from({ length: 3 }, () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writer, folder.path], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdout.on('data', (text: Buffer) => heard.push(...text.toString().trim().split('\n')));
    const ended = once(child, 'exit');
    return { child, ended, started: Promise.race([once(child.stdout, 'data'), ended]) };
  });
  await Promise.all(children.map(({ started }) => started));
  const store = new EntryStore(folder.path, 400_000, now);
  for (let turn = 0; turn < 100; turn += 1) {
    const body = await store.get(`aa0${turn % 5}`);
    if (body !== undefined) assert.ok(body.every((byte) => byte === body[0]));
  }
  for (const { child, ended } of children) {
    child.kill('SIGKILL');
    assert.deepEqual(await ended, [null, 'SIGKILL']);
  }
  assert.deepEqual([...new Set(heard)], ['busy']);
  for (let key = 0; key < 5; key += 1) {
    await store.put(`aa0${key}`, Buffer.alloc(1000, key));
    assert.deepEqual(await store.get(`aa0${key}`), Buffer.alloc(1000, key));
  }
  const entries = filesIn(folder.path).filter((path) => !path.endsWith('.tmp'));
  assert.deepEqual(
    entries.map((path) => statSync(path).size),
    [1032, 1032, 1032, 1032, 1032],
  );
});

test('EntryStore.get() takes what is no file for a miss', async () => {
  using folder = temporaryDirectory();
  mkdirSync(placeOf(folder.path, 'aa01'), { recursive: true });
  assert.equal(await new EntryStore(folder.path, 1e6, now).get('aa01'), undefined);
});
