import { parseElf } from './elf.ts';
import type { Executable } from './executable.ts';
import { parseMacho } from './macho.ts';
import { executableMagic } from './magic.ts';
import { parsePe } from './pe.ts';

/**
 * Parses a program's or library's headers; its sections are views of `bytes`, not copies.
 *
 * @returns undefined when the first bytes say that it is none
 * @throws CodecError for headers that point outside the file, contradict themselves or pass a limit
 */
export function parseExecutable(bytes: Buffer): Executable | undefined {
  switch (executableMagic(bytes)) {
    case 'elf':
      return parseElf(bytes);
    case 'dos':
      return parsePe(bytes);
    case 'macho':
      return parseMacho(bytes);
    default:
      return undefined;
  }
}
