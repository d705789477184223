import { createHash } from 'node:crypto';
import { type Digest, digestAlgorithm } from '../../oci/digest.ts';
import type { KeepOptions, UploadState } from '../../store/blob/blob-store.ts';
import { addLink, storeContent } from '../../store/metadata/blobs.ts';
import { ensureRepository } from '../../store/metadata/repositories.ts';
import {
  deleteUpload,
  expireUpload,
  findUpload,
  hasUploads,
  insertUpload,
  lockUpload,
  renewUpload,
  unlockUpload,
  updateUpload,
  type UploadRecord,
  uploadState,
} from '../../store/metadata/uploads.ts';
import { StoreError } from '../../store/error.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import { RegistryError } from '../error.ts';
import { limits } from '../limits.ts';
import type { Content, Journal } from './content.ts';
import { hashOf, type Incoming, readAll, receive } from './receive.ts';
import { keepAndLink, storeAndLink } from './store-blob.ts';

/**
 * Milliseconds for which a request has an upload for itself; it renews them as long as it runs. After a kill of its process, the
 * client can go on when they are over.
 */
const lockTime = 36_000;

/**
 * Begins an upload, and gives its name. It need not survive a power cut: the client begins again.
 *
 * @throws RegistryError TOOMANYREQUESTS for an owner who begins uploads and ends none
 */
export async function startUpload(content: Content, repository: string, owner: string): Promise<string> {
  const id = content.newId();
  await content.database.transaction(
    async (queries) => {
      const now = content.now();
      if (await hasUploads(queries, owner, limits.uploads)) {
        throw new RegistryError('TOOMANYREQUESTS', 'You have too many uploads under way; end some, or cancel them', {
          headers: { 'retry-after': '60' },
        });
      }
      await insertUpload(queries, { id, repository: await ensureRepository(queries, repository, now), owner }, now);
    },
    { durable: false },
  );
  return id;
}

/**
 * An upload that its owner goes on with.
 *
 * @throws RegistryError BLOB_UPLOAD_UNKNOWN, for uploads of others too
 */
export async function requireUpload(
  { database }: Content,
  repository: string,
  id: string,
  owner: string,
): Promise<UploadRecord> {
  const upload = await findUpload(database, repository, id);
  if (upload !== undefined && upload.owner === owner) return upload;
  throw new RegistryError('BLOB_UPLOAD_UNKNOWN', 'There is no such upload; begin a new one');
}

/** Adds bytes to an upload, and gives its new size. */
export async function appendUpload(
  content: Content,
  upload: UploadRecord,
  incoming: Incoming,
  signal: AbortSignal,
): Promise<number> {
  return holding(content, upload, async (held) => {
    const next = await addBytes(content, held, incoming, content.hashes.algorithmOf(held.id) ?? 'sha256', signal);
    const kept = await transact(content, (queries) => updateUpload(queries, held, next, content.now()), false);
    if (!kept) throw conflict();
    return next.size;
  });
}

/** Ends an upload: its bytes become a blob of its repository when they have the digest. */
export async function finishUpload(
  content: Content,
  upload: UploadRecord,
  incoming: Incoming,
  digest: Digest,
  signal: AbortSignal,
  journal: Journal,
): Promise<void> {
  await holding(content, upload, async (held) => {
    try {
      const last = await addBytes(content, held, incoming, digestAlgorithm(digest), signal);
      await makeBlob(content, held, last, digest, signal, journal);
    } catch (error) {
      // What came has another digest than was said: no part of it can be right (distribution-spec, "Pushing blobs").
      if (error instanceof RegistryError && error.code === 'DIGEST_INVALID') await cancelUpload(content, held);
      throw error;
    }
  });
}

/** Throws an upload away. */
export async function cancelUpload(content: Content, upload: UploadRecord): Promise<void> {
  content.hashes.drop(upload.id);
  await transact(content, (queries) => deleteUpload(queries, upload.id), false);
  await content.blobs.abort(uploadState(upload));
}

interface Received {
  readonly size: number;
  readonly content: Uint8Array | null;
  readonly parts: unknown;
}

async function addBytes(
  content: Content,
  upload: UploadRecord,
  incoming: Incoming,
  algorithm: string,
  signal: AbortSignal,
): Promise<Received> {
  // What says that it is too much need not be read, and small bytes never come to the store, which counts the others.
  if (incoming.length !== undefined && upload.size + incoming.length > content.blobBytes) {
    const message = `The blob is larger than the ${content.blobBytes} bytes that are taken`;
    throw new RegistryError('SIZE_INVALID', message, { status: 413 });
  }
  const { chunks: coming, length } = incoming;
  const most = content.uploadBytes(upload.name);
  const arriving = most === undefined ? coming : content.room.counted(content.database, upload, coming, most);
  const inline = upload.size === 0 || upload.content !== null;
  if (inline && incoming.length !== undefined && upload.size + incoming.length <= limits.inlineBytes) {
    const all = await readAll({ chunks: arriving, length }, upload.content);
    return { size: all.length, content: all, parts: undefined };
  }
  // The beginning that lay in the database goes before.
  const chunks = upload.content === null ? arriving : joined(upload.content, arriving);
  const state = await receive(content, uploadState(upload), chunks, algorithm, signal);
  return { size: state.offset, content: null, parts: state.parts };
}

async function* joined(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

async function makeBlob(
  content: Content,
  upload: UploadRecord,
  received: Received,
  digest: Digest,
  signal: AbortSignal,
  journal: Journal,
): Promise<void> {
  const { id, repository, name } = upload;
  const algorithm = digestAlgorithm(digest);
  const { content: bytes, size } = received;
  const state: UploadState = uploadState({ ...upload, ...received });
  const small = bytes ?? (size === 0 ? new Uint8Array() : null);
  const hex =
    small === null
      ? await hashOf(content, state, algorithm, signal)
      : createHash(algorithm).update(small).digest('hex');
  const computed = `${algorithm}:${hex}`;
  if (computed !== digest) {
    throw new RegistryError('DIGEST_INVALID', `The content that came has the digest ${computed}; push it again`);
  }
  const link = async (queries: SqlQueries): Promise<void> => {
    await content.limit(queries, { name, repository, blobs: [{ digest, size }], newTags: 0 });
    await addLink(queries, repository, digest, content.now());
    await deleteUpload(queries, id);
    await journal(queries, { action: 'push', repository: name, digest, size });
  };
  if (small === null) {
    const store = (options: KeepOptions): Promise<void> => content.blobs.commit(state, digest, options);
    await storeAndLink(content, { digest, size, store, link, signal });
  } else {
    const keep = (queries: SqlQueries): Promise<boolean> => storeContent(queries, digest, small, content.now());
    await keepAndLink(content, { keep, link, signal });
  }
}

/** Runs with the upload held against other requests, however long it takes, and lets it go when nothing came of that. */
async function holding<Result>(
  content: Content,
  upload: UploadRecord,
  work: (held: UploadRecord) => Promise<Result>,
): Promise<Result> {
  const lock = (): Promise<UploadRecord | undefined> =>
    transact(content, (queries) => lockUpload(queries, upload, content.now() + lockTime, content.now()), false);
  const held = await lock();
  if (held === undefined) throw conflict();
  const over = new AbortController();
  void renewLock(content, held, over.signal);
  try {
    return await work(held);
  } catch (error) {
    // Its bytes are gone: a process was killed after it made them a blob, and before it said so. Whoever asks where the upload
    // stands is told the truth from now on.
    const isOver = error instanceof StoreError && error.code === 'UPLOAD_CONFLICT';
    const end = isOver ? expireUpload : unlockUpload;
    await transact<unknown>(content, (queries) => end(queries, held), false).catch(() => undefined);
    throw error;
  } finally {
    over.abort();
    content.room.release(held.id);
  }
}

/** Until the work is over; what fails here costs the lock alone, and the upload's version keeps others apart. */
async function renewLock(content: Content, held: UploadRecord, over: AbortSignal): Promise<void> {
  try {
    for (;;) {
      await content.wait(lockTime / 3, over);
      const now = content.now();
      const renewed = await transact(content, (queries) => renewUpload(queries, held, now + lockTime, now), false);
      if (!renewed) return;
    }
  } catch {
    // The work is over, or the database is away for a while.
  }
}

function transact<Result>(
  { database }: Content,
  work: (queries: SqlQueries) => Promise<Result>,
  durable: boolean,
): Promise<Result> {
  return database.transaction(work, { durable });
}

function conflict(): RegistryError {
  return new RegistryError('BLOB_UPLOAD_INVALID', 'Another request goes on with this upload; ask where it stands', {
    status: 416,
  });
}
