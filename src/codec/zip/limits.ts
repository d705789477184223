/** Caps on a zip archive; passing one ends in CodecError LIMIT_EXCEEDED. */
export const zipLimits = {
  /** Entries of one archive. The largest Java archives in use have about 100,000. */
  entries: 500_000,
  /** Bytes of an entry's name. File systems allow 4096. */
  nameBytes: 4096,
  /** Bytes that may come out of one archive, those of archives inside it included. */
  inflatedBytes: 1_073_741_824,
  /**
   * How many times its own size an archive may give out, above {@link zipLimits.freeBytes}. Archives of programs stay
   * below 10; bombs made of overlapping or repeating entries start in the thousands.
   */
  ratio: 100,
  /** Bytes that any archive may give out, however small it is. */
  freeBytes: 67_108_864,
} as const;
