import { CatalogError } from '../../error.ts';
import { isJsonObject, member, members, parseJsonObject, type JsonObject } from '../../document/json.ts';
import { packagesOf, type LockReading } from '../entries.ts';
import { readPackageJson } from '../package-json.ts';
import { entriesOfPaths } from './paths.ts';
import { entriesOfTree } from './tree.ts';

/**
 * Reads npm's `package-lock.json` and `npm-shrinkwrap.json` of all versions: 1 is a tree of names, 2 and 3 list the folders
 * of `node_modules` (npm documentation, "package-lock.json").
 *
 * @param manifest the `package.json` beside it; version 1 does not tell what the project itself asks for
 * @throws CatalogError MALFORMED, LIMIT_EXCEEDED
 */
export function parsePackageLock(bytes: Buffer, manifest?: Buffer): LockReading {
  const document = parseJsonObject(bytes);
  return packagesOf('npm', 'package-lock', entriesOf(document, bytes, manifest));
}

function entriesOf(
  document: JsonObject,
  bytes: Buffer,
  manifest: Buffer | undefined,
): ReturnType<typeof entriesOfTree> {
  const packages = member(document, 'packages');
  if (isJsonObject(packages)) return entriesOfPaths(members(packages), bytes.toString('utf8'));
  const dependencies = member(document, 'dependencies');
  if (isJsonObject(dependencies)) return entriesOfTree(dependencies, readPackageJson(manifest));
  // A project without dependencies has neither.
  if (Object.hasOwn(document, 'lockfileVersion') && packages === undefined && dependencies === undefined) return [];
  throw new CatalogError('MALFORMED', 'The file lists no packages; run npm install again');
}
