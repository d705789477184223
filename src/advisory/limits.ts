/** Caps on everything that a feed brings in from outside. */
export const feedLimits: {
  readonly archiveBytes: number;
  readonly archiveRecords: number;
  readonly changeListBytes: number;
  readonly catalogueBytes: number;
  readonly scoreBytes: number;
  readonly scores: number;
  readonly recordBytes: number;
  readonly changedRecords: number;
  readonly affected: number;
  readonly ranges: number;
  readonly events: number;
  readonly versions: number;
  readonly identifiers: number;
  readonly references: number;
  readonly idCharacters: number;
  readonly nameCharacters: number;
  readonly versionCharacters: number;
  readonly summaryCharacters: number;
  readonly detailsCharacters: number;
} = {
  /** One ecosystem's zip; the largest of the public bucket is about a quarter of this. */
  archiveBytes: 1 << 30,
  archiveRecords: 2_000_000,
  /** `modified_id.csv`. */
  changeListBytes: 256 << 20,
  /** CISA's catalogue, about 1.3 MB. */
  catalogueBytes: 64 << 20,
  /** EPSS, uncompressed; about 10 MB. */
  scoreBytes: 256 << 20,
  scores: 2_000_000,
  /** One OSV record; kernel updates of SUSE reach several MB. */
  recordBytes: 32 << 20,
  /** With more changed records than this, the whole zip is the shorter way. */
  changedRecords: 2000,
  /** From here on: per record; a record over one of these is dropped. */
  affected: 20_000,
  ranges: 1000,
  events: 10_000,
  versions: 100_000,
  identifiers: 5000,
  /** Further references are left out, and longer texts cut: they inform, they decide nothing. */
  references: 100,
  idCharacters: 200,
  nameCharacters: 500,
  versionCharacters: 500,
  summaryCharacters: 500,
  detailsCharacters: 16_384,
};
