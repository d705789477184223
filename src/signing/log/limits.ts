/** Caps on what logs and their services send; what counts for a whole signature stands in `../limits.ts`. */
export const logLimits = {
  /** Characters of a checkpoint: room for a hundred witnesses, some of them post-quantum with 7,000 characters each. */
  noteLength: 524_288,
  /** Bytes of a canonical entry. Rekor keeps no payloads in them; the largest have a chain of certificates. */
  bodyBytes: 16_777_216,
  /** Levels of nesting in a canonical entry; `intoto` has seven. */
  bodyDepth: 32,
  /** Signatures of one entry, before it is known that exactly one is wanted. */
  bodySignatures: 64,
  /** What an index, a size or a time may not reach: they are signed integers of 64 bits. */
  integerEnd: 9_223_372_036_854_775_808n,
  /** From the last byte sent to the first byte of the answer; version 2 of Rekor answers when its next batch is written. */
  answerMs: 30_000,
  /** Characters of a server's own words in an error. */
  errorTextLength: 300,
  /** Bytes of a refusal that are read for its words. */
  errorBytes: 16_384,
} as const;
