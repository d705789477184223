import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { append, collect, digestOf, listAll, newUpload, someBytes } from '../../../../testing/store/blob-data.ts';
import type { BlobPlace } from '../../../../testing/store/blob-place.ts';
import { testBlobStore } from '../../../../testing/store/blob-store-contract.ts';
import { type Digest, digestHex } from '../../../oci/digest.ts';
import { openFilesystemBlobStore } from './open.ts';
import { parseUploadName, Paths } from './paths.ts';

interface TemporaryFolder extends AsyncDisposable {
  readonly path: string;
}

async function temporaryFolder(): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'seaworthy-blobs-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function makePlace(): Promise<BlobPlace> {
  const folder = await temporaryFolder();
  const paths = new Paths(join(folder.path, 'blobs'));
  return {
    open: () => openFilesystemBlobStore({ folder: paths.root }),
    truncate: (digest: Digest, size: number) => truncate(paths.blob(digest), size),
    async litter() {
      const digest = digestOf(Buffer.from('elsewhere'));
      await writeFile(join(paths.uploads, 'README'), 'not an upload');
      await writeFile(join(paths.blobs, 'sha256', '00', 'README'), 'not a blob');
      await writeFile(join(paths.blobs, 'sha256', '00', `ff${digestHex(digest).slice(2)}`), 'in the wrong folder');
      await mkdir(join(paths.blobs, 'sha256', 'ff', `ff${digestHex(digest).slice(2)}`));
      await symlink('/', join(paths.blobs, 'sha256', 'ee', `ee${digestHex(digest).slice(2)}`));
      await mkdir(join(paths.blobs, 'md5', '00'), { recursive: true });
      await writeFile(join(paths.blobs, 'sha384', '77'), 'not a folder');
    },
    leftovers: () => readdir(paths.uploads),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

testBlobStore('filesystem', makePlace);

test('openFilesystemBlobStore() makes a folder for its owner only, and opens it again', async () => {
  await using place = await temporaryFolder();
  const folder = join(place.path, 'a', 'b');
  const bytes = someBytes(100);
  await (await openFilesystemBlobStore({ folder })).put(digestOf(bytes), bytes);
  for (const name of ['', 'blobs', 'uploads', 'blobs/sha256/00']) {
    assert.equal((await stat(join(folder, name))).mode & 0o777, 0o700, name);
  }
  assert.equal((await stat(new Paths(folder).blob(digestOf(bytes)))).mode & 0o777, 0o600);
  assert.equal(await (await openFilesystemBlobStore({ folder })).stat(digestOf(bytes)), 100);
  // A backup may not have kept empty folders.
  await rm(join(folder, 'blobs', 'sha512'), { recursive: true });
  await rm(join(folder, 'uploads'), { recursive: true });
  const store = await openFilesystemBlobStore({ folder });
  await store.commit(await append(store, newUpload('after-restore'), bytes), digestOf(bytes, 'sha512'));
  assert.equal(await store.stat(digestOf(bytes, 'sha512')), 100);
});

test('openFilesystemBlobStore() opens one folder many times at once', async () => {
  await using place = await temporaryFolder();
  const stores = await Promise.all(
    Array.from({ length: 6 }, () => openFilesystemBlobStore({ folder: join(place.path, 'x') })),
  );
  await Promise.all(stores.map((store, at) => store.put(digestOf(someBytes(at)), someBytes(at))));
  assert.equal((await listAll((stores[0] as (typeof stores)[0]).list())).length, 6);
});

test('openFilesystemBlobStore() refuses what is something else', async () => {
  await using place = await temporaryFolder();
  const marker = (text: string) => async (folder: string) => {
    await mkdir(folder);
    await writeFile(join(folder, 'blob-store.json'), text);
  };
  for (const [code, make] of [
    ['STORE_SETTING_INVALID', (folder: string) => writeFile(folder, 'a file')],
    ['STORE_SETTING_INVALID', (folder: string) => mkdir(join(folder, 'blobs', 'sha256'), { recursive: true })],
    ['STORE_SETTING_INVALID', (folder: string) => mkdir(join(folder, 'docker'), { recursive: true })],
    ['STORE_TOO_NEW', marker('{"format":"seaworthy-blobs","version":2}')],
    ['STORE_DAMAGED', marker('{"format":"seaworthy-blobs"}')],
    ['STORE_DAMAGED', marker('{"format":"another","version":1}')],
    ['STORE_DAMAGED', marker('null')],
    ['STORE_DAMAGED', marker('')],
    ['STORE_DAMAGED', marker(' '.repeat(100_000))],
    ['STORE_DAMAGED', (folder: string) => mkdir(join(folder, 'blob-store.json'), { recursive: true })],
  ] as const) {
    const folder = await mkdtemp(join(place.path, 'x'));
    await make(join(folder, 'y'));
    await assert.rejects(openFilesystemBlobStore({ folder: join(folder, 'y') }), { code });
  }
  const empty = join(place.path, 'disk');
  await mkdir(join(empty, 'lost+found'), { recursive: true });
  await writeFile(join(empty, 'blob-store.json.0123456789abcdef.tmp'), 'half');
  await openFilesystemBlobStore({ folder: empty });
});

test('an upload goes on from its record after an append was killed in the middle', async () => {
  await using place = await temporaryFolder();
  const paths = new Paths(join(place.path, 'blobs'));
  const store = await openFilesystemBlobStore({ folder: paths.root });
  const bytes = someBytes(300_000);
  let begun = (): void => undefined;
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  async function* endless(): AsyncGenerator<Uint8Array, void, undefined> {
    yield Buffer.alloc(2_000_000, 'lost');
    begun();
    await new Promise(() => undefined);
  }
  const first = await append(store, newUpload('killed-append'), bytes.subarray(0, 100_000));
  // Neither ends nor fails, as if its process were gone.
  const zombie = new AbortController();
  const killed = store.append(first, endless(), { maxBytes: 1e9, signal: zombie.signal });
  await started;
  assert.deepEqual(await collect(store.readUpload(first)), bytes.subarray(0, 100_000));
  const second = await append(store, first, bytes.subarray(100_000));
  zombie.abort(new Error('found out'));
  await assert.rejects(killed, { message: 'found out' });
  await store.commit(second, digestOf(bytes));
  await using blob = await store.open(digestOf(bytes));
  assert.ok((await collect(blob?.read() as AsyncIterable<Uint8Array>)).equals(bytes));
  assert.deepEqual(
    (await readdir(paths.uploads)).map((name) => parseUploadName(name)?.id),
    ['killed-append'],
  );
  assert.equal(await store.removeStaleUploads(Date.now() + 1000, new Set()), 1);
});

test('a blob that is removed while it is read stays readable', async () => {
  await using place = await temporaryFolder();
  const store = await openFilesystemBlobStore({ folder: place.path });
  const bytes = someBytes(3_000_000);
  await store.put(digestOf(bytes), bytes);
  await using blob = await store.open(digestOf(bytes));
  assert.equal(await store.remove(digestOf(bytes)), true);
  assert.equal(await store.stat(digestOf(bytes)), undefined);
  assert.ok((await collect(blob?.read() as AsyncIterable<Uint8Array>)).equals(bytes));
});
