/** How much is looked at below one path. */
export const configScanLimits = {
  /** Folders within folders. */
  depth: 64,
  /** Names in all folders. */
  entries: 2_000_000,
  /** Files that may be configuration. */
  files: 100_000,
  /** Bytes of one file. Larger ones are data mostly. */
  fileBytes: 4_194_304,
  /** Lines that are shown of one finding, and characters of each. */
  codeLines: 10,
  codeColumns: 500,
} as const;
