import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Content } from '../../src/registry/content/content.ts';
import { ManifestCache } from '../../src/registry/content/manifest-cache.ts';
import { UploadRoom } from '../../src/registry/content/upload-room.ts';
import { RunningHashes } from '../../src/registry/content/running-hashes.ts';
import type { BlobStore } from '../../src/store/blob/blob-store.ts';
import { openFilesystemBlobStore } from '../../src/store/blob/filesystem/open.ts';
import { migrations } from '../../src/store/metadata/schema.ts';
import type { SqlDatabase } from '../../src/store/sql/database.ts';
import { migrate } from '../../src/store/sql/migrate.ts';
import { openSqliteDatabase } from '../../src/store/sql/sqlite/open.ts';

/** A clock that goes on when it is told to, and when somebody waits. */
export interface TestClock {
  now: number;
}

/** How a registry's content is opened for a test. */
export interface TestContentOptions {
  /** Where its stores are, or are made. */
  readonly folder: string;
  readonly clock: TestClock;
  /** Puts something around its stores. */
  readonly wrapBlobs?: (blobs: BlobStore) => BlobStore;
  readonly wrapDatabase?: (database: SqlDatabase) => SqlDatabase;
  /** Is given the stores without what is around them. */
  readonly seeStores?: (stores: Pick<Content, 'database' | 'blobs'>) => void;
  readonly wait?: Content['wait'];
  readonly newId?: Content['newId'];
  /** SQLite and a folder by default. */
  readonly openDatabase?: (folder: string) => Promise<SqlDatabase>;
  readonly openBlobs?: (folder: string) => Promise<BlobStore>;
}

/** What a registry keeps, without its server; closed at the end of its scope. */
export interface TestContent extends AsyncDisposable {
  readonly content: Content;
}

/** Opens it; the same folder again is what a further process, or one started anew, would see. */
export async function openTestContent(options: TestContentOptions): Promise<TestContent> {
  const { folder, clock, wrapBlobs = (blobs) => blobs, wrapDatabase = (database) => database } = options;
  const { openDatabase = openSqlite, openBlobs = openFolder } = options;
  await using opened = new AsyncDisposableStack();
  const database = opened.use(await openDatabase(folder));
  const blobs = opened.use(await openBlobs(folder));
  await migrate(database, migrations);
  options.seeStores?.({ database, blobs });
  const kept = opened.move();
  return {
    content: {
      database: wrapDatabase(database),
      blobs: wrapBlobs(blobs),
      limit: () => Promise.resolve(),
      guard: { refusal: () => undefined, isHeld: () => false },
      uploadBytes: () => undefined,
      room: new UploadRoom(),
      hashes: new RunningHashes(),
      manifests: new ManifestCache(1_048_576),
      redirects: false,
      sparse: 'indexes',
      blobBytes: 1_073_741_824,
      manifestBytes: 4_194_304,
      pageEntries: 1000,
      now: () => clock.now,
      wait: options.wait ?? instantly,
      newId: options.newId ?? randomUUID,
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function openSqlite(folder: string): Promise<SqlDatabase> {
  return openSqliteDatabase({ path: join(folder, 'registry.db') });
}

function openFolder(folder: string): Promise<BlobStore> {
  return openFilesystemBlobStore({ folder: join(folder, 'content') });
}

/** Short waits are over when others had their turn; long ones, such as for renewing a lock, when they are given up. */
export async function instantly(milliseconds: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  if (milliseconds < 10_000) return new Promise((resolve) => setImmediate(resolve));
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
