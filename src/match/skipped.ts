import type { Problem } from '../base/problem.ts';

/** Why packages could not be looked up. */
export type SkipCode =
  /** The image does not say which distribution its packages are of. */
  | 'DISTRO_UNKNOWN'
  /** The program does not know the distribution's advisories. */
  | 'NO_ADVISORIES_FOR_DISTRO'
  /** The database has no data for the distribution's release. */
  | 'NO_ADVISORIES_FOR_RELEASE'
  /** The database has no data for the language. */
  | 'NO_ADVISORIES_FOR_ECOSYSTEM'
  /** Nobody publishes advisories for packages of the type under names. */
  | 'NO_ADVISORIES_FOR_TYPE'
  /** The distribution's advisories do not speak for packages of others. */
  | 'PACKAGES_NOT_COVERED'
  /** A version that cannot be compared, on a package with advisories. */
  | 'VERSION_UNREADABLE';

/** A package that could not be looked up. */
export interface Skip {
  readonly code: SkipCode;
  /** Whose advisories are missing, or do not speak for it. */
  readonly subject: string;
  /** The package's, for the message. */
  readonly name: string;
}

const sentences: Readonly<Record<SkipCode, (subject: string, packages: string) => string>> = {
  DISTRO_UNKNOWN: (_, packages) =>
    `The image does not say which distribution it is, so ${packages} could not be looked up`,
  NO_ADVISORIES_FOR_DISTRO: (subject, packages) =>
    `The advisories of "${subject}" are not known to this program, so ${packages} could not be looked up`,
  NO_ADVISORIES_FOR_RELEASE: (subject, packages) =>
    `The vulnerability database has no advisories for ${subject}, so ${packages} could not be looked up`,
  NO_ADVISORIES_FOR_ECOSYSTEM: (subject, packages) =>
    `The vulnerability database has no advisories for ${subject}, so ${packages} could not be looked up`,
  NO_ADVISORIES_FOR_TYPE: (subject, packages) =>
    `Nobody publishes advisories for packages of the type "${subject}", so ${packages} could not be looked up`,
  PACKAGES_NOT_COVERED: (subject, packages) => `The advisories of ${subject} do not speak for ${packages}`,
  VERSION_UNREADABLE: (subject, packages) =>
    `Versions of ${packages} cannot be compared with the advisories of ${subject}; look at them by hand`,
};

/**
 * Reasons for which nothing at all is known of a system's or a language's packages: such a result must not pass a gate.
 * `generic` packages and those of third parties have no advisories anywhere.
 */
const incomplete: ReadonlySet<SkipCode> = new Set<SkipCode>([
  'DISTRO_UNKNOWN',
  'NO_ADVISORIES_FOR_DISTRO',
  'NO_ADVISORIES_FOR_RELEASE',
  'NO_ADVISORIES_FOR_ECOSYSTEM',
]);

const examples = 3;

/** Collects the packages that were not looked up, and tells them as few problems: one per reason and subject. */
export class Skipped {
  readonly #packages = new Map<string, { code: SkipCode; subject: string; names: string[] }>();

  /** @param name of the package, for the message */
  add(code: SkipCode, subject: string, name: string): void {
    const key = `${code} ${subject}`;
    const known = this.#packages.get(key);
    if (known === undefined) this.#packages.set(key, { code, subject, names: [name] });
    else known.names.push(name);
  }

  /** Sorted by code, then subject. */
  problems(): Problem[] {
    return [...this.#packages]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { code, subject, names }]) => ({
        code,
        subject,
        message: sentences[code](subject, describe(names)),
        ...(incomplete.has(code) ? { incomplete: true } : {}),
      }));
  }
}

function describe(names: readonly string[]): string {
  const sorted = [...new Set(names)].sort();
  const shown = sorted.slice(0, examples).join(', ');
  const more = sorted.length > examples ? ', …' : '';
  return `${sorted.length} ${sorted.length === 1 ? 'package' : 'packages'} (${shown}${more})`;
}
