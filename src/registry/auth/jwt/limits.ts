/** Caps on tokens and on the keys that verify them. Times in milliseconds. */
export const jwtLimits: {
  /** Characters of a token; it has to fit into a header. */
  readonly tokenLength: number;
  /** Levels of nesting in its parts. */
  readonly depth: number;
  /** Seconds by which clocks may differ. */
  readonly leewaySeconds: number;
  /** Keys of one issuer, and bytes of the document that lists them; GitHub and Google have some ten keys. */
  readonly keys: number;
  readonly keysBytes: number;
  /** Bytes of a discovery document. */
  readonly discoveryBytes: number;
  /** How long fetched keys are taken without asking again, and how long while the issuer cannot be asked. */
  readonly freshFor: number;
  readonly staleFor: number;
  /** Least time between two fetches that tokens with unknown keys cause, and after a fetch that failed. */
  readonly refetchAfter: number;
  readonly retryAfter: number;
  /** Of one request to an issuer: from its start to the headers, and of silence after that. */
  readonly requestMs: number;
  /** Bytes of a file of keys or certificates, and least time between two looks at it. */
  readonly fileBytes: number;
  readonly pollAfter: number;
} = {
  tokenLength: 16_384,
  depth: 32,
  leewaySeconds: 60,
  keys: 100,
  keysBytes: 512 * 1024,
  discoveryBytes: 64 * 1024,
  freshFor: 10 * 60_000,
  staleFor: 24 * 60 * 60_000,
  refetchAfter: 30_000,
  retryAfter: 5000,
  requestMs: 5000,
  fileBytes: 1024 * 1024,
  pollAfter: 5000,
};
