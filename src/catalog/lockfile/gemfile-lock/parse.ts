import { CatalogError } from '../../error.ts';
import { lockId, packagesOf, type LockEntry, type LockReading } from '../entries.ts';

interface Gem {
  readonly name: string;
  readonly version: string;
  readonly line: number;
  readonly needs: string[];
}

/** Sections of gems that come from elsewhere; those under PATH are the project's own. */
const sources: ReadonlySet<string> = new Set(['GEM', 'GIT', 'PLUGIN SOURCE']);
const sections: ReadonlySet<string> = new Set([
  ...sources,
  'PATH',
  'DEPENDENCIES',
  'PLATFORMS',
  'BUNDLED WITH',
  'CHECKSUMS',
]);

/**
 * Reads Bundler's `Gemfile.lock`: in each source, a gem four blanks deep and what it needs six deep (rubygems/rubygems,
 * bundler/lib/bundler/lockfile_parser.rb). It does not tell which gems are for development.
 *
 * @throws CatalogError MALFORMED when no section of it is known
 */
export function parseGemfileLock(bytes: Buffer): LockReading {
  const gems: Gem[] = [];
  const asked = new Set<string>();
  let section = '';
  let isKnown = false;
  for (const [index, raw] of bytes.toString('utf8').split('\n').entries()) {
    const line = raw.trimEnd();
    if (/^[A-Z]/.test(line)) {
      section = line;
      isKnown ||= sections.has(section);
    } else if (section === 'DEPENDENCIES') {
      const name = /^ {2}([^\s!(]+)!?(?: |$)/.exec(line)?.[1];
      if (name !== undefined) asked.add(name);
    } else if (sources.has(section)) {
      const need = /^ {6}([^\s(]+)/.exec(line)?.[1];
      if (need !== undefined) gems.at(-1)?.needs.push(need);
      const gem = /^ {4}([^\s(]+) \(([^()\s]+)\)$/.exec(line);
      // After a dash comes the platform that it was built for: versions of gems have none.
      if (gem !== null) {
        const version = (gem[2] as string).split('-', 1)[0] as string;
        gems.push({ name: gem[1] as string, version, line: index + 1, needs: [] });
      }
    }
  }
  if (!isKnown) throw new CatalogError('MALFORMED', 'The file has no section of Bundler; run bundle lock again');
  const ids = new Map(gems.map(({ name, version }) => [name, lockId(name, version)]));
  const entries = gems.map(({ name, version, line, needs }): LockEntry => ({
    name,
    version,
    direct: asked.has(name),
    dependsOn: needs.flatMap((need) => ids.get(need) ?? []),
    lines: { start: line, end: line },
  }));
  return packagesOf('gem', 'gemfile-lock', entries);
}
