/** How a watch is kept going, and what it may make this program hold. */
export const followLimits = {
  /** Bytes of one event. An object has at most some 3 MiB, and twice that in text that is mostly escapes. */
  eventBytes: 16_777_216,
  /** Bytes of one watch, after which another one goes on. */
  watchBytes: 4_294_967_296,
  /** Bytes of the list that it begins with. */
  listBytes: 1_073_741_824,
  /** The server ends a watch after so long, at random in between, so that not all end together. */
  leastSeconds: 300,
  mostSeconds: 600,
  /**
   * Silence after which a watch is taken for dead. Servers send a bookmark about each minute, even where nothing happens
   * (apiserver, "bookmarkFrequency").
   */
  silenceMs: 150_000,
  /** The pause after a failure, doubled with each one more. */
  leastPauseMs: 1000,
  mostPauseMs: 30_000,
  /** After so many failures in a row, the list is asked for again: what cannot be read may be in it, and be readable. */
  failuresBeforeList: 3,
  /** A watch that ends sooner than this and has told nothing counts as a failure. */
  shortWatchMs: 1000,
} as const;
