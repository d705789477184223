/**
 * Tables of a shard of advisories. `affected` holds one small row per package and advisory, clustered by name, so that
 * look-ups of sorted names read few pages; the texts lie apart and are read for hits only.
 */
export const advisoryTables = `
  CREATE TABLE affected(name TEXT NOT NULL, advisory INTEGER NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY(name, advisory)) WITHOUT ROWID;
  CREATE TABLE advisory(number INTEGER PRIMARY KEY, id TEXT NOT NULL, detail TEXT NOT NULL)`;

/** Table of the shard of exploited flaws. */
export const exploitedTables = `
  CREATE TABLE exploited(cve TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID`;

/** Table of the shard of exploit scores. */
export const scoreTables = `
  CREATE TABLE score(cve TEXT PRIMARY KEY, score REAL NOT NULL, percentile REAL NOT NULL, date TEXT NOT NULL)
    WITHOUT ROWID`;

/** Table of a shard of ratings: what each source says of each flaw. */
export const ratingTables = `
  CREATE TABLE rating(flaw TEXT NOT NULL, source TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY(flaw, source))
    WITHOUT ROWID`;
