import { CatalogError } from '../../error.ts';

/**
 * Bytes as text, one character each: the sentinels round a module list are not UTF-8 and must keep their length.
 *
 * @throws CatalogError LIMIT_EXCEEDED or MALFORMED
 */
export function textOf(bytes: Buffer, start: number, length: number, limit: number): string {
  if (length > limit) {
    throw new CatalogError('LIMIT_EXCEEDED', 'The Go build info is larger than any real one; skip the file');
  }
  if (start + length > bytes.length) throw malformed();
  return bytes.toString('latin1', start, start + length);
}

/** Thrown for build info that contradicts itself. */
export function malformed(): CatalogError {
  return new CatalogError('MALFORMED', 'The Go build info is damaged; rebuild the program or look at it by hand');
}
