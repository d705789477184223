/** Caps on the token service. */
export const tokenLimits: {
  /** Seconds for which a token is good (the token specification has 60 where nothing is said; pushes take longer). */
  readonly accessSeconds: number;
  /** Longest that may be set: rights are looked up again at each request, but a stolen token lives that long. */
  readonly maxAccessSeconds: number;
  /** Docker keeps a refresh token in place of the password that was typed, so it ends a login. */
  readonly refreshSeconds: number;
  readonly maxRefreshSeconds: number;
  /** Characters of a token; clients put it into a header, of which servers take 8 KiB everywhere. */
  readonly tokenLength: number;
  /** Bytes of the body of a request, and its fields. */
  readonly bodyBytes: number;
  readonly fields: number;
  /** Characters of the names that a client gives itself. */
  readonly labelLength: number;
  /** Verified tokens that are remembered. */
  readonly remembered: number;
} = {
  accessSeconds: 300,
  maxAccessSeconds: 3600,
  refreshSeconds: 90 * 24 * 3600,
  maxRefreshSeconds: 365 * 24 * 3600,
  tokenLength: 8000,
  bodyBytes: 32 * 1024,
  fields: 100,
  labelLength: 255,
  remembered: 20_000,
};
