/** What one request of Gatekeeper may hold and take. Times in milliseconds. */
export const gatekeeperLimits = {
  /** Bytes of its body. */
  requestBytes: 1_048_576,
  /** Images that it asks about, and characters of each. */
  keys: 500,
  keyLength: 1100,
  /** Images that are judged at once. */
  width: 20,
  /** Requests that are answered at once; others wait for a place until their deadline. */
  answeredAtOnce: 64,
  /** Bytes of bodies that are held at a time, of all requests together. */
  heldBytes: 16_777_216,
  /** Images whose failures are told one by one, and characters of each and of all together. */
  toldFailures: 10,
  failureLength: 1024,
  systemErrorLength: 8192,
  /** Flaws of an image that are told, and what hid packages of it. */
  flaws: 100,
  problems: 10,
  /**
   * Seconds that Gatekeeper's webhooks wait for all that they do, as its chart has it (`validatingWebhookTimeoutSeconds`,
   * `mutatingWebhookTimeoutSeconds`), and at most. By its chart again, an object passes where they took longer.
   */
  verifySeconds: 3,
  mutateSeconds: 1,
  longestSeconds: 30,
  /** Before the end of that time, an answer goes out with what is known; a little later, in any case. */
  knownMargin: 500,
  answerMargin: 350,
  /** How often files with authorities of clients are looked at. */
  lookTime: 10_000,
  /** How often it is looked whether there is a Provider that trusts nobody yet. */
  providerTime: 5000,
} as const;
