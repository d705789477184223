/** What an archive around an image may hold; the layers inside have limits of their own. */
export const archiveLimits = {
  /** Entries of the outer tar: a few per layer in real archives. */
  entries: 200_000,
  /** Bytes of one PAX or GNU long-name record. */
  extensionBytes: 1_048_576,
  /** Bytes of one name or link target. */
  nameBytes: 4096,
  /** Links from name to name before a file. */
  links: 16,
  /** Bytes of `manifest.json`, `index.json` or `repositories`. */
  listBytes: 16_777_216,
  /** Images that one `manifest.json` may list. */
  images: 4096,
  /** Entries of a compressed archive up to this size are kept while it is indexed, so they need no second pass. */
  keptEntryBytes: 1_048_576,
  /** All entries kept together. */
  keptBytes: 33_554_432,
} as const;
