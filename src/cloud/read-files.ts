import type { CloudDeps } from './cloud-deps.ts';
import { CloudError } from './error.ts';
import { cloudLimits } from './limits.ts';

/** The user's own folder. */
export function homeOf(env: CloudDeps['env']): string | undefined {
  return env['HOME'] ?? env['USERPROFILE'];
}

/** A settings file as text; empty when there is none. @throws CloudError CREDENTIALS_INVALID */
export async function readOptional(deps: Pick<CloudDeps, 'readFile'>, path: string | undefined): Promise<string> {
  if (path === undefined) return '';
  try {
    return (await readCapped(deps, path, path)).toString('utf8');
  } catch (error) {
    if (error instanceof CloudError && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return '';
    throw error;
  }
}

/**
 * A file of at most so many bytes. Nothing of it is remembered here: tokens in files are others after a while.
 *
 * @param what what messages call it
 * @throws CloudError CREDENTIALS_INVALID
 */
export async function readCapped(
  deps: Pick<CloudDeps, 'readFile'>,
  path: string,
  what: string,
  most: number = cloudLimits.fileBytes,
): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = await deps.readFile(path);
  } catch (cause) {
    if (cause instanceof CloudError) throw cause;
    const code = (cause as NodeJS.ErrnoException | undefined)?.code;
    const why = code === 'ENOENT' ? 'is not there' : `cannot be read (${code ?? 'unknown reason'})`;
    throw new CloudError('CREDENTIALS_INVALID', `${what} ${why}; check the path`, { cause });
  }
  if (bytes.length <= most) return bytes;
  throw new CloudError('CREDENTIALS_INVALID', `${what} has ${bytes.length} bytes, more than ${most}`);
}

/** A token in a file, without the blanks around it. @throws CloudError CREDENTIALS_INVALID */
export async function readToken(deps: Pick<CloudDeps, 'readFile'>, path: string, what: string): Promise<string> {
  const token = (await readCapped(deps, path, what)).toString('utf8').trim();
  // It becomes a header or a part of a form; no form of token has blanks.
  if (/^[\x21-\x7e][\x20-\x7e]*$/.test(token) && token.length <= cloudLimits.tokenLength) return token;
  throw new CloudError('CREDENTIALS_INVALID', `${what} holds no token; check what writes it`);
}
