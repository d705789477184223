/** Caps on deliveries. */
export const webhookLimits = {
  /** Milliseconds for a connection, and for an answer (Standard Webhooks, "Request timeouts": 15 to 30 s). */
  connectMs: 10_000,
  answerMs: 20_000,
  /** Longest wait that a receiver may ask for by `Retry-After`. */
  retryAfterMs: 86_400_000,
  /** Characters of a body: receivers are told what happened, and ask for the rest (Standard Webhooks, "Payload size"). */
  bodyLength: 20_000,
  /** Bytes of a signing secret (Standard Webhooks, "Signature scheme"). */
  secretLeast: 24,
  secretMost: 64,
  /** Times that one delivery is put off because its receiver asked for that. */
  putOffs: 100,
  /** First and longest time for which an endpoint that failed is left alone. */
  pauseMs: 2000,
  longestPauseMs: 60_000,
  /** Deliveries under way at a time, of one process. */
  width: 16,
  /** Events of pulls and denials that are held in memory, and for how long, until they are queued together. */
  heldEvents: 5000,
  holdMs: 200,
  /** Deliveries that may wait before pulls and denials are told of no more. What changes something is always told. */
  waiting: 10_000,
  /** Events that are queued in one transaction. */
  batch: 200,
} as const;
