import type { Problem } from '../../base/problem.ts';

/**
 * Says that a package database was cut: the programs that write it end every line, so a last line without its end is a
 * shorter version, name or stanza than was meant.
 */
export function cutShortProblems(path: string, bytes: Buffer): readonly Problem[] {
  if (bytes.length === 0 || bytes[bytes.length - 1] === 0x0a) return [];
  const message = 'The package database ends in the middle of a line, so it was cut; export or build the image again';
  return [{ code: 'FILE_TRUNCATED', subject: path, message, incomplete: true }];
}
