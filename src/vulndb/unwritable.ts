import { errorMessage } from '../base/error.ts';
import { VulndbError } from './error.ts';

/** SQLite's result codes for what a disk does: I/O error, read-only, full, cannot open (sqlite.org/rescode.html). */
const diskResults: ReadonlySet<unknown> = new Set([8, 10, 13, 14]);
const diskErrors: ReadonlySet<unknown> = new Set(['EACCES', 'EDQUOT', 'EFBIG', 'EIO', 'EMFILE', 'ENOSPC', 'EROFS']);

/** True for what the file system throws, and SQLite for it. Feeds that cannot be read have errors of their own. */
export function isLackOfRoom(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as NodeJS.ErrnoException & { readonly errcode?: number };
  // The low byte is the primary code.
  return (
    diskErrors.has(code) || (code === 'ERR_SQLITE_ERROR' && errcode !== undefined && diskResults.has(errcode & 0xff))
  );
}

/** Says where there was no room, and what to do. */
export function unwritable(directory: string, cause: unknown): VulndbError {
  const message = `Cannot write to ${directory} (${errorMessage(cause)}); make room, or choose another with --cache-dir`;
  return new VulndbError('DATABASE_UNWRITABLE', message, { cause });
}
