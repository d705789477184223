import { SigningError, type SigningErrorCode } from '../error.ts';
import type { KeyDeps } from './key-deps.ts';
import { keyLimits } from './limits.ts';

/** The user's own folder. */
export function homeOf(env: KeyDeps['env']): string | undefined {
  return env['HOME'] ?? env['USERPROFILE'];
}

/** A settings file as text; empty when there is none. @throws SigningError KEY_UNAVAILABLE */
export async function readOptional(deps: KeyDeps, path: string | undefined): Promise<string> {
  if (path === undefined) return '';
  try {
    return (await readCapped(deps, path, path)).toString('utf8');
  } catch (error) {
    if (error instanceof SigningError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT')
      return '';
    throw error;
  }
}

/** A file as text. @throws SigningError KEY_UNAVAILABLE */
export async function readText(deps: KeyDeps, path: string, what: string): Promise<string> {
  return (await readCapped(deps, path, what)).toString('utf8');
}

/** What a file may be, and what it is called that it is not. */
export interface CappedOptions {
  /** Bytes. */
  readonly most?: number;
  readonly code?: SigningErrorCode;
}

/** A file of at most so many bytes. @throws SigningError KEY_UNAVAILABLE where nothing else is named */
export async function readCapped(
  deps: KeyDeps,
  path: string,
  what: string,
  { most = keyLimits.configBytes, code: failure = 'KEY_UNAVAILABLE' }: CappedOptions = {},
): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await deps.readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code ?? 'unknown reason'})`;
    throw new SigningError(failure, `${what} ${why}; check the path`, { cause });
  }
  if (bytes.length <= most) return bytes;
  throw new SigningError(failure, `${what} has ${bytes.length} bytes, more than ${most}`);
}
