/** Caps on password files and on verifying their hashes. */
export const htpasswdLimits: {
  readonly fileBytes: number;
  readonly lineLength: number;
  readonly users: number;
  /** Problems that are told of one file. */
  readonly problems: number;
  /** Costs of bcrypt that are taken: below, hashes are broken quickly; above, one login takes seconds of a processor. */
  readonly minCost: number;
  readonly maxCost: number;
  /** Bytes of a password that bcrypt looks at; longer ones are refused, since their ends would not matter. */
  readonly passwordBytes: number;
  /** Milliseconds between two looks at the file. */
  readonly pollAfter: number;
  /** Verifications that wait for a thread. */
  readonly queue: number;
  /** Megabytes of heap of one thread; bcrypt needs some kilobytes. */
  readonly threadMegabytes: number;
} = {
  fileBytes: 16 * 1024 * 1024,
  lineLength: 1024,
  users: 100_000,
  problems: 100,
  minCost: 4,
  maxCost: 14,
  passwordBytes: 72,
  pollAfter: 2000,
  queue: 256,
  threadMegabytes: 32,
};
