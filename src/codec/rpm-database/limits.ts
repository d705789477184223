/** What a reader of package databases accepts from outside. */
export const rpmDatabaseLimits = {
  /** Index entries of one header; rpm's own HEADER_TAGS_MAX. */
  headerEntries: 65_535,
  /** Bytes of one header; rpm's own HEADER_DATA_MAX. */
  headerBytes: 268_435_456,
  /** Values of one tag. The largest real packages own some 100,000 files. */
  arrayLength: 1_000_000,
  /** Slot pages of an NDB file; at 4 KiB each they name more than 500,000 packages. */
  slotPages: 2048,
  /** Tables, indexes and triggers that an SQLite file may list; rpm makes about 40. */
  schemaEntries: 4096,
  /** Damaged entries that are passed over before the rest is left unread; the largest databases hold some 10,000. */
  damagedPlaces: 50_000,
} as const;
