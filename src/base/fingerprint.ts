import { createHash } from 'node:crypto';
import { readCappedFile } from './capped-file.ts';

/** Bytes of a file that is watched: configurations, certificates, keys. */
const mostBytes = 1_048_576;

/** A digest of bytes that were read, in the order of their files; undefined stands for a file that is not named. */
export function fingerprintOf(contents: readonly (Uint8Array | string | undefined)[]): string {
  const hash = createHash('sha256');
  for (const content of contents) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    hash.update(`${bytes?.length ?? 'none'}:`);
    if (bytes !== undefined) hash.update(bytes);
  }
  return hash.digest('hex');
}

/**
 * A digest of what files hold now. Contents are compared rather than times: a change within a clock's tick, or by a copy
 * that keeps times, counts too. A file that cannot be read has the fingerprint of its error.
 */
export async function fingerprintFiles(paths: readonly (string | undefined)[]): Promise<string> {
  return fingerprintOf(await Promise.all(paths.map(contentOf)));
}

async function contentOf(path: string | undefined): Promise<Uint8Array | string | undefined> {
  if (path === undefined) return undefined;
  try {
    return (await readCappedFile(path, mostBytes)) ?? 'too large';
  } catch (error) {
    return `unreadable: ${(error as NodeJS.ErrnoException).code ?? ''}`;
  }
}
