import { osLimits } from './limits.ts';
import type { Stanza } from './stanza.ts';

/** Of one need; real ones have up to about 20. */
const maxAlternatives = 1000;

/** States and wishes in which dpkg and opkg keep an entry for a package that is not there (dpkg(1), "INFORMATION"). */
const gone: ReadonlySet<string> = new Set(['deinstall', 'purge', 'not-installed', 'config-files']);

/** True when the `Status` field says that the package is there, or there is no such field. */
export function isInstalled(stanza: Stanza): boolean {
  const status = stanza.get('status');
  return (
    status === undefined ||
    !status
      .toLowerCase()
      .split(/\s+/, 6)
      .some((word) => gone.has(word))
  );
}

/**
 * The names in a relationship field (deb-control(5)): needs parted by commas, alternatives by `|`; version, architecture
 * and profile restrictions are dropped.
 */
export function parseRelations(value: string | undefined): string[][] {
  if (value === undefined) return [];
  return value
    .split(',', osLimits.relations)
    .map((need) => need.split('|', maxAlternatives).map(relationName))
    .map((alternatives) => alternatives.filter((name) => name !== ''))
    .filter((alternatives) => alternatives.length > 0);
}

function relationName(relation: string): string {
  let start = 0;
  while (relation.charCodeAt(start) <= 0x20) start += 1;
  for (let end = start; end < relation.length; end += 1) {
    const code = relation.charCodeAt(end);
    // Blanks, and what opens a version, an architecture or a profile: ( : [ <
    if (code <= 0x20 || code === 0x28 || code === 0x3a || code === 0x5b || code === 0x3c)
      return relation.slice(start, end);
  }
  return relation.slice(start);
}
