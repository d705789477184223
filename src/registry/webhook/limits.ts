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
} as const;
