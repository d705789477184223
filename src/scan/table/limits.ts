/** What a layer's table of contents may make a scan hold. Real ones need about 400 bytes for each file. */
export const limits = {
  /** Bytes of a table as JSON: what containers/storage takes (`maxTocSize` in `pkg/chunked/compression_linux.go`). */
  tableBytes: 157_286_400,
  /** Bytes of a table as it is packed in the blob: digests in it do not become smaller, all else does. */
  packedBytes: 67_108_864,
  /** Entries of a table, pieces of files counted. */
  entries: 1_000_000,
  /** Levels of objects and lists in a table, and in one entry of it; written are four and two. */
  depth: 16,
  /** Bytes of a table around its entries. */
  frameBytes: 1_048_576,
  /** Places that are named where a table and a tar disagree; the others are counted. */
  examples: 3,
  /** Characters of a path that a problem quotes. */
  quotedPath: 200,
} as const;
