import { errorMessage } from '../../../base/error.ts';
import { StoreError } from '../../error.ts';

/** Primary result codes (https://www.sqlite.org/rescode.html). */
const codes = { BUSY: 5, LOCKED: 6, READONLY: 8, IOERR: 10, CORRUPT: 11, FULL: 13, CANTOPEN: 14, NOTADB: 26 } as const;

/** The low byte of an extended result code is the primary one. */
function primaryCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/** True when another connection holds a lock, and asking again later may help. */
export function isBusy(error: unknown): boolean {
  const code = primaryCode(error);
  return code === codes.BUSY || code === codes.LOCKED;
}

/**
 * What SQLite or the file system threw, as a StoreError where the outside is to blame; anything else (a statement that is
 * wrong, a constraint that does not hold) is a mistake of the program and stays as it is.
 */
export function sqliteError(error: unknown, path: string): unknown {
  const made = (code: 'STORE_UNAVAILABLE' | 'STORE_FULL' | 'STORE_DAMAGED' | 'STORE_BUSY', what: string): StoreError =>
    new StoreError(code, `${what} (${path}): ${errorMessage(error)}`, { cause: error });
  switch (primaryCode(error)) {
    case codes.FULL:
      return made('STORE_FULL', 'There is no room for the database; free some on its disk');
    case codes.CORRUPT:
    case codes.NOTADB:
      return made('STORE_DAMAGED', 'The database is damaged or is none; restore a backup');
    case codes.CANTOPEN:
    case codes.IOERR:
    case codes.READONLY:
      return made('STORE_UNAVAILABLE', 'The database cannot be read or written; look at its folder and disk');
    case codes.BUSY:
    case codes.LOCKED:
      return made('STORE_BUSY', 'Other processes use the database all the time; try again');
    default:
      return fileError(error, made);
  }
}

function fileError(
  error: unknown,
  made: (code: 'STORE_UNAVAILABLE' | 'STORE_FULL', what: string) => StoreError,
): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') {
    return made('STORE_FULL', 'There is no room for the database; free some on its disk');
  }
  return made('STORE_UNAVAILABLE', 'The database cannot be read or written; look at its folder and disk');
}
