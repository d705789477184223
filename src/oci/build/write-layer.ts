import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { encodeTarEntry, tarEnd, tarPadding } from '../../codec/tar/encode-entry.ts';
import { BuildError } from './error.ts';
import type { PlacedEntry } from './place-entries.ts';
import type { FileIdentity } from './read-source.ts';

/** Bytes of one read, and about as many go on at once. */
const chunkBytes = 262_144;

/**
 * The tar of a layer, as it is read. Files are opened only now, and only as what they were when they were found: a link or another file
 * in the place of one is never read.
 *
 * @param mtime of every entry, in seconds since 1970
 * @throws BuildError INPUT_CHANGED, INPUT_UNREADABLE; the signal's reason
 */
export async function* writeLayer(
  entries: readonly PlacedEntry[],
  mtime: number,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  let held: Buffer[] = [];
  let length = 0;
  for await (const piece of pieces(entries, mtime, signal)) {
    held.push(piece);
    length += piece.length;
    if (length < chunkBytes) continue;
    yield Buffer.concat(held, length);
    held = [];
    length = 0;
  }
  yield Buffer.concat([...held, tarEnd]);
}

async function* pieces(
  entries: readonly PlacedEntry[],
  mtime: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    signal?.throwIfAborted();
    yield encodeTarEntry({ ...entry, mtime });
    if (entry.file === undefined) continue;
    yield* readFile(entry.file, signal);
    yield tarPadding(entry.size);
  }
}

async function* readFile(found: FileIdentity, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  const file = await openFound(found);
  try {
    await requireSame(file, found);
    let left = found.size;
    while (left > 0) {
      signal?.throwIfAborted();
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(chunkBytes, left)));
      if (bytesRead === 0) throw changed(found);
      left -= bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    await requireSame(file, found);
  } finally {
    await file.close();
  }
}

async function openFound({ path }: FileIdentity): Promise<FileHandle> {
  try {
    // A pipe in its place would make the open wait for a writer.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    if (code === 'ELOOP' || code === 'ENOENT' || code === 'ENOTDIR') throw changed({ path }, cause);
    throw new BuildError('INPUT_UNREADABLE', `${path} cannot be read (${code}); check its permissions`, { cause });
  }
}

async function requireSame(file: FileHandle, found: FileIdentity): Promise<void> {
  const { dev, ino, size, mtimeMs } = await file.stat();
  if (dev !== found.dev || ino !== found.ino || size !== found.size || mtimeMs !== found.mtime) throw changed(found);
}

function changed({ path }: Pick<FileIdentity, 'path'>, cause?: unknown): BuildError {
  return new BuildError('INPUT_CHANGED', `${path} changed while the image was built; build again when it is at rest`, {
    cause,
  });
}
