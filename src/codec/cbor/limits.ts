/** Caps on CBOR; hostile bytes end in CodecError LIMIT_EXCEEDED. */
export const cborLimits = {
  /** Bytes of one document. A signature with its chain and a timestamp has about ten thousand. */
  documentBytes: 4_194_304,
  /** Values in one document, however they are nested; signatures have some dozens. */
  values: 4096,
  /** Lists, maps and tags inside each other; a chain of certificates is at the fourth level. */
  depth: 16,
} as const;
