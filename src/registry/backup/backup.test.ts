import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { noJournal, pushBlob, pushTestManifest } from '../../../testing/registry/push-content.ts';
import { openTestContent, type TestClock } from '../../../testing/registry/test-content.ts';
import { listAll, readBlob, someBytes } from '../../../testing/store/blob-data.ts';
import { withMethods } from '../../../testing/with-methods.ts';
import { type Digest, digestHex } from '../../oci/digest.ts';
import type { BlobStore } from '../../store/blob/blob-store.ts';
import { openFilesystemBlobStore } from '../../store/blob/filesystem/open.ts';
import { openUploads } from '../../store/metadata/uploads.ts';
import { findTagged } from '../../store/metadata/manifests.ts';
import { lockFile } from '../../store/sql/sqlite/file-lock.ts';
import { openSqliteDatabase } from '../../store/sql/sqlite/open.ts';
import type { Content } from '../content/content.ts';
import { startUpload } from '../content/upload.ts';
import { removeManifest } from '../content/delete.ts';
import { collectGarbage } from '../garbage/collect.ts';
import { scrubRegistry } from '../scrub/scrub.ts';
import { backupPaths } from './manifest.ts';
import { restoreBackup, type RestoreReport } from './restore-backup.ts';
import { type BackupOptions, type BackupReport, type BackupSource, takeBackup } from './take-backup.ts';
import { verifyBackup } from './verify-backup.ts';

const large = 100_000;

interface World {
  readonly content: Content;
  readonly clock: TestClock;
  readonly source: BackupSource;
  /** A folder for the backup. */
  readonly to: string;
  /** A folder in which a registry may be restored. */
  readonly other: string;
  readonly backup: (options?: Partial<BackupOptions>, blobs?: BlobStore) => Promise<BackupReport>;
  readonly restore: (copy?: boolean) => Promise<RestoreReport>;
}

async function inWorld(run: (world: World) => Promise<void>): Promise<void> {
  using folder = temporaryDirectory();
  const clock = { now: Date.now() };
  const own = join(folder.path, 'own');
  const [to, other] = [join(folder.path, 'backup'), join(folder.path, 'other')];
  mkdirSync(own);
  await using opened = await openTestContent({ folder: own, clock });
  const { content } = opened;
  const [file, blobFolder] = [join(own, 'registry.db'), join(own, 'content')];
  const source = { file, database: content.database, place: { blobs: content.blobs, folder: blobFolder } };
  const backup: World['backup'] = (options = {}, blobs) =>
    takeBackup(blobs === undefined ? source : { ...source, place: { blobs, folder: undefined } }, to, {
      now: () => clock.now,
      version: '1.2.3',
      ...options,
    });
  const restore: World['restore'] = async (copy = false) => {
    const restored = join(other, 'content');
    const openBlobs = (): Promise<BlobStore> => openFilesystemBlobStore({ folder: restored });
    return await restoreBackup(to, { file: join(other, 'registry.db'), folder: restored, openBlobs }, { copy });
  };
  await run({ content, clock, source, to, other, backup, restore });
}

/** An image with a large and a small blob, of its own; gives its digest and that of the large one. */
async function pushImage(content: Content, name: string): Promise<{ readonly image: Digest; readonly big: Digest }> {
  const big = await pushBlob(content, 'app', someBytes(large, name));
  const small = await pushBlob(content, 'app', someBytes(10, name));
  const { digest: image } = await pushTestManifest(content, 'app', { blobs: [small, big] }, [name]);
  return { image, big };
}

/** What is wrong in the restored registry, and the tags that it has. */
async function lookAt(other: string, clock: TestClock, names: readonly string[]): Promise<readonly unknown[]> {
  await using opened = await openTestContent({ folder: other, clock });
  const { content } = opened;
  const { findings, listedBlobs } = await scrubRegistry(content, { grace: 0 });
  const tags: string[] = [];
  for (const name of names) if ((await findTagged(content.database, 'app', name)) !== undefined) tags.push(name);
  return [findings.map(({ kind }) => kind), tags, listedBlobs];
}

/** Where the file of a blob lies. */
function blobFile(folder: string, digest: Digest): string {
  const hex = digestHex(digest);
  return join(folder, 'blobs', 'sha256', hex.slice(0, 2), hex);
}

for (const copy of [false, true]) {
  test(`a registry is backed up and restored, with blobs ${copy ? 'copied' : 'linked'}`, () =>
    inWorld(async ({ content, clock, to, other, backup, restore }) => {
      const { big } = await pushImage(content, 'v1');
      await startUpload(content, 'app', 'anonymous');
      const { manifest, linked, copied, damaged } = await backup({ copy });
      assert.deepEqual([linked, copied, damaged], copy ? [0, 1, 0] : [1, 0, 0]);
      assert.deepEqual(manifest.blobs, { count: 1, bytes: large });
      assert.equal(statSync(blobFile(backupPaths(to).blobs, big)).nlink, copy ? 1 : 2);
      const verified = await verifyBackup(to);
      assert.deepEqual([verified.blobs, verified.broken], [1, []]);

      const restored = await restore(copy);
      assert.deepEqual([restored.linked, restored.copied, restored.missing], copy ? [0, 1, []] : [1, 0, []]);
      assert.deepEqual(await lookAt(other, clock, ['v1']), [[], ['v1'], 1]);
      assert.deepEqual(readdirSync(other).sort(), ['content', 'registry.db']);
      await using records = await openSqliteDatabase({ path: join(other, 'registry.db') });
      // Their bytes are elsewhere.
      assert.equal(await openUploads(records), 0);
      await assert.rejects(restore(), { code: 'RESTORE_REFUSED' });
    }));
}

test('a second backup brings what is new, and removes what nothing names', () =>
  inWorld(async ({ content, clock, to, other, backup, restore }) => {
    const first = await pushImage(content, 'v1');
    const before = await backup();
    await pushImage(content, 'v2');
    await removeManifest(content, 'app', first.image, noJournal);
    clock.now += 1000;
    await collectGarbage(content, { grace: 0 });
    const { manifest, linked, copied, removed } = await backup();
    assert.deepEqual([linked, copied, removed], [1, 0, 1]);
    assert.notEqual(manifest.id, before.manifest.id);
    assert.deepEqual(readdirSync(to).sort(), ['backup.json', 'backup.lock', 'blobs', manifest.records.file]);
    assert.deepEqual([(await backup()).linked, (await restore()).linked], [0, 1]);
    assert.deepEqual(await lookAt(other, clock, ['v1', 'v2']), [[], ['v2'], 1]);
  }));

test('what is pushed, deleted and collected while a backup is taken does not make it lack anything', () =>
  inWorld(async ({ content, clock, other, backup, restore }) => {
    const names = Array.from({ length: 12 }, (_, at) => `before-${at}`);
    for (const name of names) await pushImage(content, name);
    const [over, passing] = [new AbortController(), [] as string[]];
    const traffic = (async () => {
      for (let at = 0; !over.signal.aborted; at += 1) {
        const name = `during-${at}`;
        const { image } = await pushImage(content, name);
        passing.push(name);
        if (at % 2 === 0) await removeManifest(content, 'app', image, noJournal);
        clock.now += 10_000_000;
        await collectGarbage(content, { share: 1 });
      }
    })();
    for (const copy of [true, false]) {
      const begun = passing.length;
      const { damaged } = await backup({ copy });
      assert.equal(damaged, 0);
      // It goes on until there was traffic in each.
      while (passing.length === begun) await new Promise((resolve) => setImmediate(resolve));
    }
    over.abort();
    await traffic;
    await restore();
    const [findings, tags] = await lookAt(other, clock, names);
    assert.deepEqual([findings, tags], [[], names]);
  }));

test('records are copied anew when a blob that they name was collected before its bytes were copied', () =>
  inWorld(async ({ content, clock, other, backup, restore }) => {
    await pushImage(content, 'stays');
    let calls = 0;
    let late: { readonly image: Digest; readonly big: Digest } | undefined;
    const now = (): number => {
      calls += 1;
      return clock.now;
    };
    const copied: number[] = [];
    const blobs = withMethods(content.blobs, {
      async open(digest) {
        if (digest === late?.big) {
          await removeManifest(content, 'app', late.image, noJournal);
          clock.now += 1000;
          await collectGarbage(content, { grace: 0 });
          copied.push(calls);
        } else {
          // In the first pass: the image comes when its place in the order may be over already.
          late ??= await pushImage(content, 'goes');
        }
        return await content.blobs.open(digest);
      },
    });
    const { manifest } = await backup({ now }, blobs);
    assert.equal(copied.length, 1);
    assert.deepEqual(manifest.blobs.count, 1);
    await restore();
    assert.deepEqual(await lookAt(other, clock, ['stays', 'goes']), [[], ['stays'], 1]);
  }));

test('what is damaged in the registry is told, and the rest is backed up', () =>
  inWorld(async ({ content, source, to, backup, restore }) => {
    const [gone, short, wrong] = await Promise.all(['a', 'b', 'c'].map((name) => pushImage(content, name)));
    assert.ok(gone !== undefined && short !== undefined && wrong !== undefined);
    await pushImage(content, 'd');
    await content.blobs.remove(gone.big);
    truncateSync(blobFile(source.place.folder as string, short.big), 5);
    await content.blobs.put(wrong.big, someBytes(large, 'other'), { replace: true });
    const report = await backup({ copy: true });
    const lost = [gone.big, short.big, wrong.big].sort();
    assert.deepEqual([report.damaged, report.copied, report.manifest.damaged], [3, 1, lost]);
    assert.deepEqual((await verifyBackup(to)).broken, []);
    assert.deepEqual((await restore()).missing, lost);
  }));

test('a backup keeps what was damaged in the registry since, and a restore brings it back', () =>
  inWorld(async ({ content, clock, to, other, backup, restore }) => {
    const { big } = await pushImage(content, 'v1');
    await backup({ copy: true });
    await content.blobs.put(big, someBytes(large, 'other'), { replace: true });
    assert.equal((await scrubRegistry(content, { repair: true })).open, 1);
    const again = await backup({ copy: true });
    assert.deepEqual([again.damaged, again.removed, again.manifest.damaged], [0, 0, []]);
    assert.deepEqual((await restore()).missing, []);
    assert.deepEqual(await lookAt(other, clock, ['v1']), [[], ['v1'], 1]);

    // Where the backup has it no more, it is missing there as well, and known to be.
    await content.blobs.remove(big);
    rmSync(blobFile(backupPaths(to).blobs, big));
    assert.deepEqual((await backup()).manifest.damaged, [big]);
    assert.deepEqual((await verifyBackup(to)).broken, []);
    rmSync(other, { recursive: true });
    assert.deepEqual((await restore()).missing, [big]);
    assert.deepEqual(await lookAt(other, clock, ['v1']), [['still-damaged'], ['v1'], 0]);
  }));

test('a backup that was changed is told from one that is whole, and heals when it is taken again', () =>
  inWorld(async ({ content, to, other, backup, restore }) => {
    const { big } = await pushImage(content, 'v1');
    const { manifest } = await backup({ copy: true });
    const { blobs, manifest: description } = backupPaths(to);
    writeFileSync(blobFile(blobs, big), someBytes(large, 'other'));
    assert.deepEqual((await verifyBackup(to)).broken, [big]);
    assert.deepEqual((await restore()).missing, [big]);
    rmSync(other, { recursive: true });
    truncateSync(blobFile(blobs, big), 7);
    assert.deepEqual((await verifyBackup(to)).broken, [big]);
    assert.equal((await backup()).linked, 1);
    assert.deepEqual((await verifyBackup(to)).broken, []);

    const records = join(to, (JSON.parse(readFileSync(description, 'utf8')) as typeof manifest).records.file);
    writeFileSync(records, Buffer.concat([readFileSync(records), Buffer.from('x')]));
    for (const read of [() => verifyBackup(to), restore]) await assert.rejects(read(), { code: 'BACKUP_DAMAGED' });
    rmSync(records);
    await assert.rejects(verifyBackup(to), { code: 'BACKUP_DAMAGED' });
    writeFileSync(description, '{}');
    await assert.rejects(verifyBackup(to), { code: 'BACKUP_DAMAGED' });
    writeFileSync(description, JSON.stringify({ ...manifest, version: 2 }));
    await assert.rejects(verifyBackup(to), { code: 'BACKUP_TOO_NEW' });
    rmSync(description);
    await assert.rejects(verifyBackup(to), { code: 'BACKUP_ABSENT' });
    await assert.rejects(verifyBackup(join(to, 'none')), { code: 'BACKUP_ABSENT' });
  }));

test('a restore that was stopped is no registry, and goes on where it was', () =>
  inWorld(async ({ content, clock, to, other, backup, restore }) => {
    await pushImage(content, 'v1');
    await pushImage(content, 'v2');
    await backup();
    const folder = join(other, 'content');
    const file = join(other, 'registry.db');
    const stopped = new AbortController();
    const openBlobs = (): Promise<BlobStore> => {
      stopped.abort(new Error('Killed'));
      return openFilesystemBlobStore({ folder });
    };
    await assert.rejects(restoreBackup(to, { file, folder, openBlobs }, { signal: stopped.signal }), /Killed/);
    await assert.rejects(openSqliteDatabase({ path: file }), { code: 'STORE_DAMAGED' });
    assert.equal((await restore()).linked, 2);
    assert.deepEqual(await lookAt(other, clock, ['v1', 'v2']), [[], ['v1', 'v2'], 2]);

    rmSync(file);
    await assert.rejects(restore(), { code: 'RESTORE_REFUSED', message: /blobs of another registry/ });
    assert.ok(!existsSync(file));
    rmSync(other, { recursive: true });
    await assert.rejects(restoreBackup(to, { file: backupPaths(to).manifest, folder, openBlobs }), {
      code: 'RESTORE_REFUSED',
      message: /is there already/,
    });
  }));

test('a restore leaves a log of another database alone, and what was begun from another backup', () =>
  inWorld(async ({ content, other, backup, restore }) => {
    await pushImage(content, 'v1');
    await backup();
    await openFilesystemBlobStore({ folder: join(other, 'content') });
    writeFileSync(join(other, 'registry.db-wal'), 'x');
    await assert.rejects(restore(), { code: 'RESTORE_REFUSED', message: /-wal/ });
    rmSync(join(other, 'registry.db-wal'));
    const begun = 'A restore of a registry was begun and did not end; of another';
    writeFileSync(join(other, 'registry.db'), begun);
    await assert.rejects(restore(), { code: 'RESTORE_REFUSED', message: /another backup/ });
    assert.equal(readFileSync(join(other, 'registry.db'), 'utf8'), begun);
  }));

test('takeBackup() takes no folder of something else, and none that is in use', () =>
  inWorld(async ({ content, source, to, backup }) => {
    await pushImage(content, 'v1');
    const options = { now: Date.now, version: '1' };
    await assert.rejects(takeBackup(source, join(to, '..', 'own'), options), { code: 'BACKUP_FOLDER_INVALID' });
    await assert.rejects(takeBackup(source, source.file, options), { code: 'BACKUP_FOLDER_INVALID' });
    await backup();
    {
      using _ = await lockFile(backupPaths(to).lock, 'shared');
      using _other = await lockFile(backupPaths(to).lock, 'shared');
      await assert.rejects(backup(), { code: 'STORE_BUSY' });
      await verifyBackup(to);
    }
    using _ = await lockFile(backupPaths(to).lock, 'alone');
    await assert.rejects(verifyBackup(to), { code: 'STORE_BUSY' });
  }));

test('a backup that is stopped leaves the one before as it was', () =>
  inWorld(async ({ content, to, backup, restore, other, clock }) => {
    await pushImage(content, 'v1');
    await backup();
    const { big } = await pushImage(content, 'v2');
    const stopped = new AbortController();
    const blobs = withMethods(content.blobs, {
      open(digest) {
        stopped.abort(new Error('Stopped'));
        return content.blobs.open(digest);
      },
    });
    await assert.rejects(backup({ signal: stopped.signal }, blobs), /Stopped/);
    assert.equal((await verifyBackup(to)).blobs, 1);
    await using there = await openFilesystemBlobStore({ folder: backupPaths(to).blobs });
    assert.equal(await readBlob(there, big), undefined);
    assert.equal((await listAll(there.list())).length, 1);
    await restore();
    assert.deepEqual(await lookAt(other, clock, ['v1', 'v2']), [[], ['v1'], 1]);
  }));
