import { isSeaworthyError } from '../../../base/error.ts';
import { unwrapSource } from '../incoming.ts';
import { StoreError, type StoreErrorCode } from '../../error.ts';

/** The code that the operating system gave, such as ENOENT. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error ? (error as NodeJS.ErrnoException).code : undefined;
}

/** True when a file or its folder is not there. */
export function isAbsent(error: unknown): boolean {
  return systemCode(error) === 'ENOENT';
}

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
const damaged = new Set(['EISDIR', 'ENOTDIR', 'ELOOP', 'EUCLEAN']);

/** What a failure of the file system means to the store; anything else, such as what a client's stream threw, stays itself. */
export function storeFailure(thrown: unknown, folder: string): unknown {
  const error = unwrapSource(thrown);
  if (error !== thrown) return error;
  const code = systemCode(error);
  if (code === undefined || isSeaworthyError(error)) return error;
  const [kind, sentence] = describe(code);
  return new StoreError(kind, `the blob folder ${JSON.stringify(folder)} ${sentence} (${code})`, { cause: error });
}

function describe(code: string): readonly [StoreErrorCode, string] {
  if (full.has(code)) return ['STORE_FULL', 'is full; free some space or remove images'];
  if (damaged.has(code)) return ['STORE_DAMAGED', 'holds something where a file should be; restore or scrub it'];
  return ['STORE_UNAVAILABLE', 'cannot be used; look at its disk and permissions'];
}
