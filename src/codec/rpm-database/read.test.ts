import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import fc from 'fast-check';
import { encodeBdbHash, encodeNdb, encodeRpmHeader } from '../../../testing/rpm-database.ts';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { CodecError } from '../error.ts';
import { parseRpmHeader } from './header.ts';
import { readRpmDatabase } from './read.ts';

const real = [
  { file: ['package-db', 'rpm-ndb', 'Packages.db'], names: ['system-user-root', 'filesystem', 'glibc'] },
  { file: ['package-db', 'rpm-bdb-libuuid', 'Packages'], names: ['libuuid'] },
];

for (const { file, names } of real) {
  test(`readRpmDatabase() reads the real ${file.join('/')}`, needsSharedData(...file), () => {
    const bytes = readFileSync(sharedData(...file) as string);
    assert.deepEqual(
      [...readRpmDatabase(bytes)].map((blob) => parseRpmHeader(blob).string(1000)),
      names,
    );
  });
}

test('readRpmDatabase() refuses files of no known kind', () => {
  for (const bytes of [Buffer.alloc(0), Buffer.from('RPM'), Buffer.alloc(8192)]) {
    assert.throws(
      () => [...readRpmDatabase(bytes)],
      (error) => error instanceof CodecError && error.code === 'UNSUPPORTED',
    );
  }
});

/** Small valid databases of every kind, the SQLite one with a log. */
function databases(): { readonly bytes: Buffer; readonly wal?: Buffer }[] {
  const blobs = [60, 700, 3000].map((length) => encodeRpmHeader([{ tag: 1000, value: 'x'.repeat(length) }]));
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-rpmdb-'));
  try {
    const path = join(folder, 'rpmdb.sqlite');
    using db = new DatabaseSync(path);
    db.exec('PRAGMA page_size = 512; CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB NOT NULL)');
    const insert = db.prepare('INSERT INTO Packages (blob) VALUES (?)');
    for (const blob of blobs) insert.run(blob);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0');
    insert.run(blobs[0] as Buffer);
    return [
      { bytes: encodeNdb(blobs) },
      { bytes: encodeBdbHash(blobs, { pageSize: 512 }) },
      { bytes: encodeBdbHash(blobs, { pageSize: 512, bigEndian: true, pageType: 2 }) },
      { bytes: readFileSync(path), wal: readFileSync(`${path}-wal`) },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('readRpmDatabase() throws nothing but CodecError and ends, whatever the bytes', () => {
  const valid = databases();
  const change = fc.record({
    // Headers and page starts decide most, so half of the changes go there.
    at: fc.oneof(
      fc.nat(200),
      fc.nat(20_000),
      fc.nat(60).map((page) => page * 512 + 20),
    ),
    value: fc.nat(255),
  });
  fc.assert(
    fc.property(
      fc.nat(valid.length - 1),
      fc.array(change, { minLength: 1, maxLength: 10 }),
      fc.option(fc.nat(20_000), { nil: undefined }),
      fc.array(change, { maxLength: 2 }),
      (kind, changes, cut, logChanges) => {
        const { bytes: original, wal: log } = valid[kind] as { bytes: Buffer; wal?: Buffer };
        const bytes = Buffer.from(original.subarray(0, cut));
        const wal = log && Buffer.from(log);
        for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
        for (const { at, value } of logChanges) if (wal !== undefined && at < wal.length) wal[at] = value;
        let total = 0;
        try {
          for (const blob of readRpmDatabase(bytes, wal)) total += blob.length;
        } catch (error) {
          assert.ok(error instanceof CodecError, String(error));
        }
        assert.ok(total <= original.length + (wal?.length ?? 0), 'work stays within the size of the files');
      },
    ),
    { numRuns: 2000 },
  );
});
