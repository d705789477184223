/** What the readers of package databases accept from one file; real images stay far below. */
export const osLimits = {
  /** Entries of a text database: a full Debian has some 65,000 packages to offer. */
  stanzas: 200_000,
  /** UTF-16 units of one field of a stanza; the longest real ones, `Provides`, have some 100,000. */
  fieldLength: 1_000_000,
  /** Needs or capabilities that one package names; a kernel provides some 5,000. */
  relations: 100_000,
  /** Needs and capabilities that are kept of one database. */
  capabilities: 2_000_000,
  /** Files that the packages of one database own together. */
  ownedPaths: 2_000_000,
  /** UTF-16 units of those paths together. */
  ownedPathUnits: 67_108_864,
  /** One path; Linux's PATH_MAX. */
  pathLength: 4096,
} as const;
