import { packagesOf, type LockEntry, type LockReading } from '../entries.ts';

/**
 * Reads Gradle's lock files: lines of `group:artifact:version=configurations` (Gradle documentation, "Locking dependencies").
 * They do not tell what the project itself asks for.
 */
export function parseGradleLockfile(bytes: Buffer): LockReading {
  const entries: LockEntry[] = [];
  for (const [index, raw] of bytes.toString('utf8').split('\n').entries()) {
    const line = raw.trim();
    // `empty=` lists configurations without dependencies.
    if (line === '' || line.startsWith('#') || line.startsWith('empty=')) continue;
    const [group, artifact, version, ...rest] = line.split('=', 1)[0]?.split(':') ?? [];
    const isWhole =
      group !== undefined && group !== '' && artifact !== undefined && artifact !== '' && rest.length === 0;
    entries.push({
      name: isWhole ? `${group}:${artifact}` : undefined,
      version,
      lines: { start: index + 1, end: index + 1 },
    });
  }
  return packagesOf('maven', 'gradle-lockfile', entries);
}
