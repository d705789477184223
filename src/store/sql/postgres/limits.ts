/** Bounds of the PostgreSQL driver. Times in milliseconds. */
export const postgresLimits = {
  poolSize: 10,
  /** How long to wait for a free connection, and for a new one to be made. */
  connectTime: 10_000,
  /** After which the server gives up a statement; this side does somewhat later, for a network that went away. */
  statementTime: 30_000,
  /** Time beyond `statementTime` before this side gives up. */
  networkTime: 5000,
  /** How long a transaction may wait for something other than its queries, which it must not do at all. */
  transactionTime: 2000,
  /** A connection that was not used for so long is closed. */
  idleTime: 60_000,
  /** How long a transaction that meets others is tried again. */
  conflictTime: 20_000,
  conflictBackoff: { first: 4, longest: 250 },
  /** Statement texts that get a name, and with it a plan that each connection keeps. */
  statements: 1000,
  /** Oldest version of the server that is known to work (PostgreSQL 13). */
  serverVersion: 130_000,
} as const;
