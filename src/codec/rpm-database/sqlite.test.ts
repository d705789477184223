import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import type { TestContext } from 'node:test';
import { CodecError } from '../error.ts';
import { readRpmDatabase } from './read.ts';

const schema = "CREATE TABLE IF NOT EXISTS 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT,blob BLOB NOT NULL)";

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-rpmdb-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'rpmdb.sqlite');
}

/** A database as rpm lays it out, with blobs of these lengths. */
function create(path: string, lengths: readonly number[], pageSize = 4096): DatabaseSync {
  const db = new DatabaseSync(path);
  db.exec(
    `PRAGMA page_size = ${pageSize}; PRAGMA synchronous = OFF; CREATE TABLE 'Name' (key TEXT, hnum INTEGER); ${schema}`,
  );
  insert(db, lengths);
  return db;
}

function insert(db: DatabaseSync, lengths: readonly number[]): void {
  const statement = db.prepare('INSERT INTO Packages (blob) VALUES (?)');
  for (const length of lengths) statement.run(Buffer.alloc(length, length % 251));
}

function stored(db: DatabaseSync): Buffer[] {
  return db
    .prepare('SELECT blob FROM Packages ORDER BY hnum')
    .all()
    .map((row) => Buffer.from(row['blob'] as Uint8Array));
}

function read(path: string): Buffer[] {
  const wal = existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : undefined;
  return [...readRpmDatabase(readFileSync(path), wal)];
}

/** What is given before the end, and the error there. */
function readAll(bytes: Buffer, wal?: Buffer): { readonly given: number[]; readonly code: string | undefined } {
  const given: number[] = [];
  try {
    for (const blob of readRpmDatabase(bytes, wal)) given.push(blob.length);
  } catch (error) {
    assert.ok(error instanceof CodecError, String(error));
    return { given, code: error.code };
  }
  return { given, code: undefined };
}

test('readRpmDatabase() reads SQLite files of every page size, with rows on and off their page', (t) => {
  for (const pageSize of [512, 1024, 4096, 65_536]) {
    const path = temporary(t);
    // Lengths around the bounds of what stays on a page, then many rows for interior pages of two levels.
    const bounds = Array.from({ length: 120 }, (_, index) => pageSize - 80 + index);
    const rows = Array.from({ length: 1500 }, (_, index) => index % 90);
    using db = create(path, [...bounds, 100_000, 0, ...rows, 3 * pageSize], pageSize);
    db.exec('DELETE FROM Packages WHERE hnum % 7 = 3');
    assert.deepEqual(read(path), stored(db), `page size ${pageSize}`);
  }
});

test('readRpmDatabase() reads an SQLite file with reserved bytes on every page', (t) => {
  const path = temporary(t);
  new DatabaseSync(path)[Symbol.dispose]();
  {
    using empty = new DatabaseSync(path);
    empty.exec('PRAGMA page_size = 1024; PRAGMA user_version = 1');
  }
  const bytes = readFileSync(path);
  bytes.writeUInt8(32, 20);
  bytes.writeUInt16BE(1024 - 32, 105);
  writeFileSync(path, bytes);
  using db = create(path, [10, 900, 950, 5000, 70_000]);
  assert.equal(readFileSync(path).readUInt8(20), 32);
  assert.deepEqual(read(path), stored(db));
});

test('readRpmDatabase() reads committed pages from the write-ahead log, and only those', (t) => {
  const path = temporary(t);
  using db = create(path, [100, 5000]);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0');
  insert(db, [300, 20_000, 40]);
  db.exec('DELETE FROM Packages WHERE hnum = 1');
  const committed = stored(db);
  assert.equal(committed.length, 4);
  assert.deepEqual(read(path), committed);
  assert.deepEqual(readAll(readFileSync(path)).given, [100, 5000], 'the file alone is older');

  // A small cache makes pages of the open transaction spill into the log.
  db.exec('PRAGMA cache_size = 5; BEGIN');
  const size = readFileSync(`${path}-wal`).length;
  insert(db, [60_000, 60_000, 60_000]);
  assert.ok(readFileSync(`${path}-wal`).length > size, 'frames were spilt');
  assert.deepEqual(read(path), committed);
  db.exec('COMMIT');
  assert.deepEqual(read(path), stored(db));
});

test('readRpmDatabase() ignores frames that an earlier use left in the write-ahead log', (t) => {
  const path = temporary(t);
  using db = create(path, [100]);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0');
  insert(db, [30_000, 30_000]);
  db.exec('PRAGMA wal_checkpoint(RESTART)');
  db.exec('DELETE FROM Packages WHERE hnum = 2');
  assert.deepEqual(read(path), stored(db));
});

test('readRpmDatabase() stops at the first broken frame of a write-ahead log, as SQLite does', (t) => {
  const path = temporary(t);
  using db = create(path, [100]);
  db.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0');
  insert(db, [7]);
  const size = readFileSync(`${path}-wal`).length;
  insert(db, [8]);
  const bytes = readFileSync(path);
  const wal = readFileSync(`${path}-wal`);
  const cases: readonly (readonly [string, number, number[]])[] = [
    ['page byte of the last commit', wal.length - 1, [100, 7]],
    ['checksum of the last commit', size + 16, [100, 7]],
    ['salt of the last commit', size + 8, [100, 7]],
    ['page byte of the first commit', 32 + 24, [100]],
    ['magic', 0, [100]],
    ['format version', 7, [100]],
    ['page size', 10, [100]],
    ['checksum of the header', 24, [100]],
  ];
  for (const [title, offset, given] of cases) {
    const damaged = Buffer.from(wal);
    damaged.writeUInt8(damaged.readUInt8(offset) ^ 0x40, offset);
    assert.deepEqual(readAll(bytes, damaged), { given, code: undefined }, title);
  }
  assert.deepEqual(readAll(bytes, wal.subarray(0, size + 100)).given, [100, 7], 'cut off');
  assert.deepEqual(readAll(bytes, Buffer.alloc(0)).given, [100], 'empty');
});

test('readRpmDatabase() refuses SQLite files that hold no rpm database', (t) => {
  const path = temporary(t);
  using db = new DatabaseSync(path);
  db.exec('CREATE TABLE other (a)');
  assert.deepEqual(readAll(readFileSync(path)), { given: [], code: 'MALFORMED' });
  const header = (change: (bytes: Buffer) => void): Buffer => {
    const bytes = readFileSync(path);
    change(bytes);
    return bytes;
  };
  const cases: readonly (readonly [string, Buffer, string])[] = [
    ['cut in its header', readFileSync(path).subarray(0, 99), 'TRUNCATED'],
    ['cut in its first page', readFileSync(path).subarray(0, 4000), 'TRUNCATED'],
    ['impossible page size', header((bytes) => bytes.writeUInt16BE(1000, 16)), 'MALFORMED'],
    [
      'too many reserved bytes',
      header((bytes) => (bytes.writeUInt16BE(512, 16), bytes.writeUInt8(33, 20))),
      'MALFORMED',
    ],
    ['UTF-16', header((bytes) => bytes.writeUInt32BE(2, 56)), 'UNSUPPORTED'],
    ['newer format', header((bytes) => bytes.writeUInt8(3, 19)), 'UNSUPPORTED'],
  ];
  for (const [title, bytes, code] of cases) assert.deepEqual(readAll(bytes), { given: [], code }, title);
});

/** A one-leaf database and the offset of that leaf, for damaging it by hand. */
function leafDatabase(t: TestContext, lengths: readonly number[]): { readonly bytes: Buffer; readonly leaf: number } {
  const path = temporary(t);
  using db = create(path, lengths, 1024);
  const { rootpage } = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'Packages'").get() as {
    rootpage: number;
  };
  return { bytes: readFileSync(path), leaf: (rootpage - 1) * 1024 };
}

test('readRpmDatabase() gives what an SQLite file has left and says what is broken', (t) => {
  const { bytes, leaf } = leafDatabase(t, [10, 5000, 20]);
  const cell = (index: number): number => leaf + bytes.readUInt16BE(leaf + 8 + index * 2);
  // The local part of the long row ends with the number of its first overflow page.
  const first = bytes.readUInt32BE(cell(0) - 4);
  const chain = (first - 1) * 1024;
  const cases: readonly (readonly [string, (copy: Buffer) => void, number[], string])[] = [
    ['chain that ends early', (copy) => copy.writeUInt32BE(0, chain), [10, 20], 'TRUNCATED'],
    ['chain past the end', (copy) => copy.writeUInt32BE(0x7fff_ffff, chain), [10, 20], 'TRUNCATED'],
    ['chain that runs in a circle', (copy) => copy.writeUInt32BE(first, chain), [10, 20], 'MALFORMED'],
    ['cell past the page', (copy) => copy.writeUInt16BE(1023, leaf + 8), [5000, 20], 'TRUNCATED'],
    ['row larger than rpm allows', (copy) => copy.write('ffffffff7f', cell(1), 'hex'), [10, 20], 'LIMIT_EXCEEDED'],
    ['more cells than fit', (copy) => copy.writeUInt16BE(600, leaf + 3), [], 'MALFORMED'],
    ['page of an index', (copy) => copy.writeUInt8(0x0a, leaf), [], 'MALFORMED'],
    ['column that is no blob', (copy) => copy.writeUInt8(33, cell(2) + 4), [10, 5000], 'MALFORMED'],
    ['column past its record', (copy) => copy.writeUInt8(120, cell(2) + 4), [10, 5000], 'MALFORMED'],
  ];
  assert.deepEqual(readAll(bytes), { given: [10, 5000, 20], code: undefined });
  for (const [title, damage, given, code] of cases) {
    const copy = Buffer.from(bytes);
    damage(copy);
    assert.deepEqual(readAll(copy), { given, code }, title);
  }
});

test('readRpmDatabase() stops when all cells of an SQLite page are one and the same', (t) => {
  const { bytes, leaf } = leafDatabase(t, Array.from({ length: 40 }, () => 1).concat([500]));
  const count = bytes.readUInt16BE(leaf + 3);
  const last = bytes.readUInt16BE(leaf + 8 + (count - 1) * 2);
  for (let index = 0; index < count; index += 1) bytes.writeUInt16BE(last, leaf + 8 + index * 2);
  assert.deepEqual(readAll(bytes), { given: [500, 500], code: 'MALFORMED' });
});

test('readRpmDatabase() stops at an SQLite tree that contains itself', (t) => {
  const path = temporary(t);
  using db = create(
    path,
    Array.from({ length: 300 }, () => 50),
    512,
  );
  const { rootpage } = db.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'Packages'").get() as {
    rootpage: number;
  };
  const bytes = readFileSync(path);
  const root = (rootpage - 1) * 512;
  assert.equal(bytes.readUInt8(root), 5);
  bytes.writeUInt32BE(rootpage, root + bytes.readUInt16BE(root + 12));
  const { given, code } = readAll(bytes);
  assert.ok(given.length > 200 && given.length < 300);
  assert.equal(code, 'MALFORMED');
});
