import { memberLines } from '../../../codec/json/member-lines.ts';
import { isJsonObject, member, members, parseJsonObject } from '../../document/json.ts';
import { CatalogError } from '../../error.ts';
import { lockId, packagesOf, type LockEntry, type LockReading } from '../entries.ts';
import { lockLimits } from '../limits.ts';

/**
 * Reads NuGet's `packages.lock.json`: packages for each target framework, which may need other versions (NuGet documentation,
 * "PackageReference in project files", "Locking dependencies"). Entries of type `Project` are other projects of the solution.
 *
 * @throws CatalogError MALFORMED
 */
export function parseNugetLock(bytes: Buffer): LockReading {
  const frameworks = member(parseJsonObject(bytes), 'dependencies');
  if (!isJsonObject(frameworks)) {
    throw new CatalogError('MALFORMED', 'The file lists no packages; run dotnet restore again');
  }
  const text = bytes.toString('utf8');
  const entries = members(frameworks).flatMap(([framework, listed], index): LockEntry[] => {
    const lines = index < lockLimits.sections ? memberLines(text, ['dependencies', framework]) : undefined;
    // NuGet compares names without case.
    const ids = new Map<string, string>();
    for (const [name, entry] of members(listed)) {
      const version = member(entry, 'resolved');
      if (typeof version === 'string') ids.set(name.toLowerCase(), lockId(name, version));
    }
    return members(listed).flatMap(([name, entry]): LockEntry[] => {
      const type = member(entry, 'type');
      if (type === 'Project') return [];
      return [
        {
          name,
          version: member(entry, 'resolved'),
          direct: type === 'Direct',
          dependsOn: members(member(entry, 'dependencies')).flatMap(([need]) => ids.get(need.toLowerCase()) ?? []),
          lines: lines?.get(name),
        },
      ];
    });
  });
  return packagesOf('nuget', 'nuget-lock', entries);
}
