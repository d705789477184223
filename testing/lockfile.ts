import type { LockReading } from '../src/catalog/lockfile/entries.ts';

/**
 * The packages of a lock file as short lines, sorted: `name@version`, then `direct` or `indirect`, `dev`, the lines, and what
 * it needs.
 */
export function linesOfReading({ packages }: LockReading): string[] {
  return packages
    .map(({ name, version, relationship, development, lines, dependsOn }) =>
      [
        `${name}@${version}`,
        relationship,
        development && 'dev',
        lines && `${lines.start}-${lines.end}`,
        dependsOn && `> ${dependsOn.join(' ')}`,
      ]
        .filter((part) => part !== undefined)
        .join(' '),
    )
    .sort();
}
