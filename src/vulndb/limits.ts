/** The form of manifest and shards; raised whenever an older program could not read them. */
export const schemaVersion = 1;

/** Marks our SQLite files (`PRAGMA application_id`): "SEAW". */
export const applicationId = 0x53_45_41_57;

/** Shard files that no manifest names are kept for a while: a reader may have read the manifest before it changed. */
export const defaultGraceMilliseconds: number = 24 * 60 * 60 * 1000;

/** `manifest.json` of the whole public data has about 1,000 shards and is below 1 MB. */
export const maxManifestBytes: number = 32 << 20;

/** What is kept of a list of exploited flaws or of scores counts for so long, in milliseconds; both change several times a week. */
export const maxListAge: number = 5 * 24 * 60 * 60 * 1000;
