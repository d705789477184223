/** An OSV ecosystem, split (OSV schema, `affected[].package`). */
export interface Ecosystem {
  /** Before the first colon: `Debian`. */
  readonly name: string;
  /** After it: `12`, `v3.19`, `22.04:LTS`, `Pro:16.04:LTS`; empty when there is none. */
  readonly release: string;
}

/** Splits an ecosystem as OSV writes it. */
export function parseEcosystem(text: string): Ecosystem {
  const colon = text.indexOf(':');
  if (colon < 0) return { name: text, release: '' };
  const name = text.slice(0, colon);
  // What follows Maven is the repository's URL. A jar does not say where it came from, and coordinates mean the same
  // everywhere, so all repositories are one ecosystem.
  return { name, release: name === 'Maven' ? '' : text.slice(colon + 1) };
}

/**
 * Ecosystems that the matching rules ask for, under the names of the OSV bucket's folders
 * (https://ossf.github.io/osv-schema/#defined-ecosystems). A folder that is not there is no error: mirrors hold parts.
 */
export const osvEcosystems: readonly string[] = [
  'AlmaLinux',
  'Alpine',
  'Azure Linux',
  'Bitnami',
  'Chainguard',
  'crates.io',
  'Debian',
  'Echo',
  'Go',
  'Maven',
  'MinimOS',
  'npm',
  'NuGet',
  'openSUSE',
  'Packagist',
  'Photon OS',
  'PyPI',
  'Red Hat',
  'Rocky Linux',
  'RubyGems',
  'SUSE',
  'Ubuntu',
  'Wolfi',
];
