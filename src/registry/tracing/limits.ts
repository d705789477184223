/** Caps on what is sent to a collector, after what the OpenTelemetry specification assumes for its batching processor. */
export const tracingLimits = {
  /** Spans that wait; further ones are dropped. */
  waiting: 2048,
  /** Spans of one request. */
  batch: 512,
  /** Milliseconds until spans are sent that do not fill one. */
  delayMs: 5000,
  /** Milliseconds for a connection and for an answer. */
  connectMs: 5000,
  answerMs: 10_000,
  /** First and longest wait after a failure, and the longest that a collector may ask for. */
  backoffMs: 5000,
  longestBackoffMs: 60_000,
  /** Bytes of an answer that are read. */
  answerBytes: 16_384,
  /** Milliseconds that the end of the program waits for the last spans. */
  closeMs: 2000,
  /** Characters of texts that clients send, and of `tracestate` (W3C Trace Context, 3.3.1.5: at least 512). */
  text: 512,
} as const;
