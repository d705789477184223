import { memberLines } from '../../../codec/json/member-lines.ts';
import { isJsonObject, member, members, parseJsonObject } from '../../document/json.ts';
import { CatalogError } from '../../error.ts';
import { packagesOf, type LockEntry, type LockReading } from '../entries.ts';
import { lockLimits } from '../limits.ts';

/**
 * Reads Pipenv's `Pipfile.lock`: `default`, and `develop` for development. Other sections are categories that a project names
 * itself, and are none for development.
 *
 * @throws CatalogError MALFORMED
 */
export function parsePipfileLock(bytes: Buffer): LockReading {
  const document = parseJsonObject(bytes);
  if (!isJsonObject(member(document, '_meta')) && !isJsonObject(member(document, 'default'))) {
    throw new CatalogError('MALFORMED', 'The file has no section of Pipenv; run pipenv lock again');
  }
  const text = bytes.toString('utf8');
  const entries = members(document).flatMap(([section, packages], index): LockEntry[] => {
    if (section === '_meta') return [];
    const lines = index < lockLimits.sections ? memberLines(text, [section]) : undefined;
    return members(packages).flatMap(([name, entry]): LockEntry[] => {
      const version = member(entry, 'version');
      // What comes from a folder or repository has none.
      if (isJsonObject(entry) && version === undefined) return [];
      return [
        {
          name,
          version: typeof version === 'string' ? version.replace(/^==/, '') : version,
          development: section === 'develop',
          lines: lines?.get(name),
        },
      ];
    });
  });
  return packagesOf('pypi', 'pipfile-lock', entries);
}
