import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { readCappedFile } from '../../base/capped-file.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import type { Digest } from '../../oci/digest.ts';
import { nodeFileSystem, syncFolder } from '../../store/blob/filesystem/file-system.ts';
import { BackupError } from './error.ts';
import { backupLimits } from './limits.ts';

/** What a backup says of itself. It is written last: a folder without it holds no backup that was ended. */
export interface BackupManifest {
  readonly format: 'seaworthy-registry-backup';
  readonly version: 1;
  /** Sixteen random hexadecimal digits. */
  readonly id: string;
  /** When the records were copied (RFC 3339). */
  readonly createdAt: string;
  /** The version of the program that made it. */
  readonly program: string;
  /** The records, as one SQLite database. */
  readonly records: { readonly file: string; readonly size: number; readonly sha256: string };
  /** What the records name and lies beside them; each is named by its own digest. */
  readonly blobs: { readonly count: number; readonly bytes: number };
  /** What was damaged in the registry itself, and so could not be copied. The first of it. */
  readonly damaged: readonly Digest[];
}

const fileName = 'backup.json';

/** Where things lie in the folder of a backup. */
export function backupPaths(folder: string): {
  readonly manifest: string;
  readonly lock: string;
  readonly blobs: string;
} {
  return { manifest: join(folder, fileName), lock: join(folder, 'backup.lock'), blobs: join(folder, 'blobs') };
}

/** Whether a name is one that a backup puts into its folder. */
export function isBackupName(name: string): boolean {
  return /^(?:backup\.json(?:\.[0-9a-f]+\.tmp)?|backup\.lock(?:-journal)?|blobs|lost\+found|records-[0-9a-f]{16}\.db(?:-wal|-shm|-journal)?)$/.test(
    name,
  );
}

/** Writes it in place of the one before, on the disk when this returns. */
export async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  await writeFileAtomic(backupPaths(folder).manifest, text, { durable: true, mode: 0o600 });
  await syncFolder(nodeFileSystem, folder);
}

/** Reads it. @throws BackupError BACKUP_ABSENT, BACKUP_DAMAGED, BACKUP_TOO_NEW */
export async function readManifest(folder: string): Promise<BackupManifest> {
  const path = backupPaths(folder).manifest;
  let bytes: Buffer | undefined;
  try {
    bytes = await readCappedFile(path, backupLimits.manifestBytes);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT' || code === 'ENOTDIR' ? `${fileName} is not there` : `${fileName} cannot be read (${code})`;
    const advice = 'name the folder of a backup that was ended';
    throw new BackupError('BACKUP_ABSENT', `There is no backup in ${folder}: ${why}; ${advice}`, { cause });
  }
  const value = parse(bytes);
  if (typeof value === 'object' && value !== null && 'version' in value && Number(value.version) > 1) {
    throw new BackupError('BACKUP_TOO_NEW', `${path} was written by a newer version of this program; use that version`);
  }
  const { backupManifestSchema } = await import('./schema.ts');
  const result = backupManifestSchema.safeParse(value);
  if (result.success) return result.data;
  throw new BackupError('BACKUP_DAMAGED', `${path} is damaged, or of something else; use another backup`);
}

function parse(bytes: Buffer | undefined): unknown {
  try {
    return bytes === undefined ? undefined : parseStrictJson(bytes, 8);
  } catch {
    return undefined;
  }
}

/** Size and SHA-256 of a file. */
export async function hashFile(
  path: string,
  signal?: AbortSignal,
): Promise<{ readonly size: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let size = 0;
  const stream = createReadStream(path, { highWaterMark: 1_048_576, ...(signal === undefined ? {} : { signal }) });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest('hex') };
}

/**
 * Checks the records of a backup against what it says of them, and gives their path.
 *
 * @throws BackupError BACKUP_DAMAGED
 */
export async function checkRecords(folder: string, { records }: BackupManifest, signal?: AbortSignal): Promise<string> {
  const path = join(folder, records.file);
  let found: Awaited<ReturnType<typeof hashFile>> | undefined;
  try {
    found = await hashFile(path, signal);
  } catch (cause) {
    signal?.throwIfAborted();
    throw new BackupError('BACKUP_DAMAGED', `The records of the backup, ${path}, cannot be read; use another backup`, {
      cause,
    });
  }
  if (found.size === records.size && found.sha256 === records.sha256) return path;
  throw new BackupError('BACKUP_DAMAGED', `The records of the backup, ${path}, were changed; use another backup`);
}
