/** What one request of Gatekeeper may hold. */
export const gatekeeperLimits = {
  /** Bytes of its body. */
  requestBytes: 1_048_576,
  /** Images that it asks about, and characters of each. */
  keys: 500,
  keyLength: 1100,
  /** Images that are judged at once. */
  width: 20,
} as const;
