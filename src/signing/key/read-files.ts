import * as files from '../../cloud/read-files.ts';
import type { SigningErrorCode } from '../error.ts';
import type { KeyDeps } from './key-deps.ts';
import { orKeyUnavailable } from './key-unavailable.ts';
import { keyLimits } from './limits.ts';

/** A settings file as text; empty when there is none. @throws SigningError KEY_UNAVAILABLE */
export function readOptional(deps: KeyDeps, path: string | undefined): Promise<string> {
  return orKeyUnavailable(files.readOptional(deps, path));
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
export function readCapped(
  deps: KeyDeps,
  path: string,
  what: string,
  { most = keyLimits.configBytes, code = 'KEY_UNAVAILABLE' }: CappedOptions = {},
): Promise<Buffer> {
  return orKeyUnavailable(files.readCapped(deps, path, what, most), code);
}
