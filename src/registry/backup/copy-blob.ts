import { createHash, randomUUID } from 'node:crypto';
import { digestAlgorithm, digestHex } from '../../oci/digest.ts';
import type { BlobStore, OpenBlob } from '../../store/blob/blob-store.ts';
import { linkBlobFile } from '../../store/blob/filesystem/link.ts';
import { StoreError } from '../../store/error.ts';
import type { NeededBlob } from '../../store/metadata/backup.ts';
import type { BlobPlace } from './blob-place.ts';
import { backupLimits } from './limits.ts';

/** What came of a blob: it was there already, was linked or copied; or it is not where it should be, or not whole. */
export type CopiedBlob = 'there' | 'linked' | 'copied' | 'absent' | 'damaged';

/** How blobs are copied from one place to another. */
export interface BlobCopier {
  readonly from: BlobPlace;
  readonly to: BlobPlace;
  /** Whether bytes are read even where they are linked or there, for a place that others rely on. */
  readonly verify: boolean;
  /** Whether blobs are looked for that are known to be damaged, since the place may be older than the damage. */
  readonly heals: boolean;
  /** False once it was found that blobs cannot be linked between the two, or when they are not to be. */
  linkable: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Copies a blob where it is not there yet, or by its size is damaged there. Copied bytes are checked against their digest on the
 * way, and take their place whole.
 *
 * @throws StoreError when either place cannot be used; the signal's reason
 */
export async function copyBlob(copier: BlobCopier, blob: NeededBlob): Promise<CopiedBlob> {
  const { from, to, verify, heals, signal } = copier;
  const { digest, size, damagedAt } = blob;
  signal?.throwIfAborted();
  const there = await to.blobs.stat(digest);
  const look = verify || damagedAt > 0;
  if (there === size && (!look || (await isWhole(to.blobs, blob, signal)))) return 'there';
  if (damagedAt > 0 && !heals) return 'damaged';
  if (copier.linkable && from.folder !== undefined && to.folder !== undefined) {
    if (verify && !(await isWhole(from.blobs, blob, signal))) return await whyNot(from.blobs, blob);
    // One that is there and is not whole would stay, having the right size.
    if (there !== undefined) await to.blobs.remove(digest);
    const result = await linkBlobFile(from.folder, to.folder, digest);
    if (result === 'absent') return 'absent';
    if (result === 'linked') return (await to.blobs.stat(digest)) === size ? 'linked' : await discard(to.blobs, blob);
    copier.linkable = false;
  }
  return await copyBytes(copier, blob, there !== undefined);
}

async function copyBytes({ from, to, signal }: BlobCopier, blob: NeededBlob, replace: boolean): Promise<CopiedBlob> {
  const { digest, size } = blob;
  await using open = await from.blobs.open(digest);
  if (open === undefined) return 'absent';
  if (open.size !== size) return 'damaged';
  const hash = createHash(digestAlgorithm(digest));
  const begun = { id: randomUUID(), offset: 0 };
  try {
    const upload = await to.blobs.append(begun, hashing(open, hash, signal), { maxBytes: backupLimits.blobBytes });
    if (hash.digest('hex') === digestHex(digest)) {
      await to.blobs.commit(upload, digest, { replace });
      return 'copied';
    }
    await to.blobs.abort(upload);
    return 'damaged';
  } catch (error) {
    await to.blobs.abort(begun);
    if (error instanceof SourceDamaged) return 'damaged';
    throw error;
  }
}

/** Told apart from damage at the place that is written to. */
class SourceDamaged extends Error {}

async function* hashing(
  open: OpenBlob,
  hash: ReturnType<typeof createHash>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of open.read(undefined, signal)) {
      hash.update(chunk);
      yield chunk;
    }
  } catch (cause) {
    if (isDamage(cause)) throw new SourceDamaged('The bytes stopped early', { cause });
    throw cause;
  }
}

/** Whether a blob is there, has the size of its record, and its digest. @throws StoreError when it cannot be looked at */
export async function isWhole(
  blobs: BlobStore,
  { digest, size }: Pick<NeededBlob, 'digest' | 'size'>,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  await using open = await blobs.open(digest);
  if (open === undefined || open.size !== size) return false;
  const hash = createHash(digestAlgorithm(digest));
  try {
    for await (const chunk of open.read(undefined, signal)) hash.update(chunk);
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
  return hash.digest('hex') === digestHex(digest);
}

async function whyNot(blobs: BlobStore, { digest }: NeededBlob): Promise<CopiedBlob> {
  return (await blobs.stat(digest)) === undefined ? 'absent' : 'damaged';
}

async function discard(blobs: BlobStore, { digest }: NeededBlob): Promise<CopiedBlob> {
  await blobs.remove(digest);
  return 'damaged';
}

function isDamage(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'STORE_DAMAGED';
}
