import { readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { isSeaworthyError } from '../base/error.ts';
import { VulndbError, howToMend } from './error.ts';
import { maxManifestBytes } from './limits.ts';
import { parseManifest, type Manifest } from './manifest.ts';
import { manifestPath } from './paths.ts';

/**
 * Reads the manifest of a database.
 *
 * @throws VulndbError DATABASE_MISSING, DATABASE_CORRUPT, DATABASE_SCHEMA
 */
export function readManifest(directory: string): Manifest {
  const path = manifestPath(directory);
  let text: string;
  try {
    if (statSync(path).size > maxManifestBytes) throw unreadable(path);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isSeaworthyError(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw unreadable(path, error);
    throw new VulndbError('DATABASE_MISSING', `There is no vulnerability database in ${directory}; ${howToMend}`);
  }
  return parseManifest(text);
}

/** The manifest that a build can go on from: one that is missing, damaged or of another form is none. */
export async function readManifestIfUsable(directory: string): Promise<Manifest | undefined> {
  try {
    return parseManifest(await readFile(manifestPath(directory), 'utf8'));
  } catch {
    return undefined;
  }
}

function unreadable(path: string, cause?: unknown): VulndbError {
  return new VulndbError('DATABASE_CORRUPT', `${path} cannot be read; ${howToMend}`, { cause });
}
