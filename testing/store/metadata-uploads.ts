import assert from 'node:assert/strict';
import { ensureRepository } from '../../src/store/metadata/repositories.ts';
import {
  countStaleUploads,
  deleteUpload,
  expireUpload,
  findUpload,
  insertUpload,
  lockUpload,
  renewUpload,
  staleUploads,
  unlockUpload,
  updateUpload,
  uploadNames,
  type UploadRecord,
  uploadState,
} from '../../src/store/metadata/uploads.ts';
import type { SqlDatabase } from '../../src/store/sql/database.ts';
import type { MetadataCheck } from './metadata-contract.ts';

async function begin(database: SqlDatabase, id: string, now: number): Promise<UploadRecord> {
  await database.transaction(async (queries) => {
    const repository = await ensureRepository(queries, 'app', now);
    await insertUpload(queries, { id, repository, owner: 'user:somebody' }, now);
  });
  return required(await findUpload(database, 'app', id));
}

function required<Value>(value: Value | undefined): Value {
  assert.ok(value !== undefined);
  return value;
}

/** Registers the tests of uploads that are under way. */
export function registerUploadRecords(check: MetadataCheck): void {
  check('an upload is found in its repository, and remembers its owner and its place', async (database) => {
    const begun = await begin(database, 'first-upload', 10);
    const expected = { id: 'first-upload', name: 'app', owner: 'user:somebody', size: 0, version: 0, content: null };
    assert.deepEqual(begun, { ...expected, repository: begun.repository, parts: undefined });
    assert.deepEqual(uploadState(begun), { id: 'first-upload', offset: 0 });
    assert.equal(await findUpload(database, 'other', 'first-upload'), undefined);
    const small = { size: 3, content: Buffer.from('abc'), parts: undefined };
    assert.equal(await database.transaction((queries) => updateUpload(queries, begun, small, 20)), true);
    const second = required(await findUpload(database, 'app', begun.id));
    assert.deepEqual([second.size, Buffer.from(second.content ?? []).toString(), second.version], [3, 'abc', 1]);
    assert.deepEqual(uploadState(second), { id: 'first-upload', offset: 0 }, 'the blob store has nothing of it');
    const large = { size: 9, content: null, parts: { etags: ['"ü"', null, 1] } };
    assert.equal(await database.transaction((queries) => updateUpload(queries, begun, large, 30)), false, 'changed');
    assert.equal(await database.transaction((queries) => updateUpload(queries, second, large, 30)), true);
    const third = required(await findUpload(database, 'app', begun.id));
    assert.deepEqual(uploadState(third), { id: 'first-upload', offset: 9, parts: large.parts });
    assert.equal(await database.transaction((queries) => deleteUpload(queries, begun.id)), true);
    assert.equal(await database.transaction((queries) => deleteUpload(queries, begun.id)), false);
  });

  check('one request at a time holds an upload', async (database, place) => {
    await using second = await place.open();
    const begun = await begin(database, 'held-upload', 10);
    const locks = await Promise.all(
      [database, second, database, second].map((one) =>
        one.transaction((queries) => lockUpload(queries, begun, 100, 20)),
      ),
    );
    const held = required(locks.find((lock) => lock !== undefined));
    assert.equal(locks.filter((lock) => lock !== undefined).length, 1);
    const lock = (upload: UploadRecord, now: number): Promise<UploadRecord | undefined> =>
      database.transaction((queries) => lockUpload(queries, upload, now + 100, now));
    const current = required(await findUpload(database, 'app', begun.id));
    assert.equal(await lock(current, 50), undefined, 'held');
    assert.equal(await database.transaction((queries) => renewUpload(queries, held, 500, 90)), true);
    assert.equal(await lock(current, 200), undefined, 'held for longer');
    await database.transaction((queries) => unlockUpload(queries, held));
    assert.equal(await database.transaction((queries) => renewUpload(queries, held, 500, 90)), false, 'let go');
    const next = required(await lock(current, 210));
    assert.equal(next.version, held.version + 1);
    await database.transaction((queries) => unlockUpload(queries, held));
    assert.equal(await lock(required(await findUpload(database, 'app', begun.id)), 220), undefined, 'not its own');
    const after = required(await lock(required(await findUpload(database, 'app', begun.id)), 311));
    const change = { size: 1, content: null, parts: 'x' };
    assert.equal(await database.transaction((queries) => updateUpload(queries, next, change, 320)), false);
    assert.equal(await database.transaction((queries) => updateUpload(queries, after, change, 320)), true);
    assert.notEqual(await lock(required(await findUpload(database, 'app', begun.id)), 330), undefined, 'let go');
  });

  check('uploads that nothing came for are found, and end as they were found', async (database) => {
    for (const [at, id] of ['upload-a', 'upload-c', 'upload-b', 'upload-d'].entries()) await begin(database, id, at);
    const held = required(await findUpload(database, 'app', 'upload-d'));
    await database.transaction((queries) => lockUpload(queries, held, 1000, 4));
    const stale = await staleUploads(database, 100, 9);
    assert.deepEqual(
      stale.map(({ id }) => id),
      ['upload-a', 'upload-c', 'upload-b'],
    );
    assert.equal(await countStaleUploads(database, 100), 3);
    assert.equal((await staleUploads(database, 2, 9)).length, 2);
    assert.equal((await staleUploads(database, 100, 1)).length, 1);
    const first = required(stale[0]);
    const change = { size: 1, content: null, parts: 'x' };
    await database.transaction((queries) => updateUpload(queries, first, change, 50));
    assert.equal(await database.transaction((queries) => expireUpload(queries, first)), false, 'it goes on');
    assert.equal(await database.transaction((queries) => expireUpload(queries, required(stale[1]))), true);
    assert.deepEqual(await uploadNames(database, '', 9), ['upload-a', 'upload-b', 'upload-d']);
    assert.deepEqual(await uploadNames(database, 'upload-a', 1), ['upload-b']);
  });
}
