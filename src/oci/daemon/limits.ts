/** What a daemon may send, and how long it may take. */
export const daemonLimits = {
  /** Bytes of an answer about an image. */
  answerBytes: 16_777_216,
  /** Bytes of an error's answer. */
  errorBytes: 65_536,
  /** Bytes of a saved image. */
  imageBytes: 274_877_906_944,
  /** Milliseconds until `save` starts to send: large images are put together first. */
  saveHeadersMs: 600_000,
  /** Milliseconds of silence in between. */
  saveIdleMs: 300_000,
} as const;
