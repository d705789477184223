import { packagesOf, type LockReading } from '../entries.ts';
import { readPackageJson } from '../package-json.ts';
import { entriesOfBerry } from './berry.ts';
import { entriesOfClassic } from './classic.ts';

/**
 * Reads `yarn.lock`, of Yarn 1 or of later ones, which write YAML with a member `__metadata`.
 *
 * @param manifest the `package.json` beside it: the lock file does not tell what is for development
 * @throws CatalogError MALFORMED
 */
export function parseYarnLock(bytes: Buffer, manifest?: Buffer): LockReading {
  const text = bytes.toString('utf8');
  const wanted = readPackageJson(manifest);
  const isBerry = /^__metadata:/m.test(text);
  return packagesOf('npm', 'yarn-lock', isBerry ? entriesOfBerry(text, wanted) : entriesOfClassic(text, wanted));
}
