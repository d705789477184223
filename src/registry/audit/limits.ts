/** Bounds for audit records. Longer texts are cut where an entry is made; characters are UTF-16 code units. */
export const auditLimits: {
  readonly name: number;
  readonly repository: number;
  readonly reference: number;
  readonly reason: number;
  readonly address: number;
  readonly userAgent: number;
  readonly requestId: number;
  readonly traceId: number;
  /** Of a record as a line of JSON; what is longer was not written by this program. */
  readonly line: number;
  /** Milliseconds for which every entry is kept: who lets go of younger ones hides something. */
  readonly leastKept: number;
  /**
   * Entries that one process writes about refusals which anybody can cause: so many at once, and so many each minute afterwards. `logins`
   * are passwords and the like, `tokens` bearer tokens, `strangers` what was asked without a login. With all that an entry may hold, a year
   * of an attack on all of them takes some 16 GiB.
   */
  readonly refusals: Readonly<
    Record<'logins' | 'tokens' | 'strangers', { readonly atOnce: number; readonly eachMinute: number }>
  >;
} = {
  name: 256,
  repository: 255,
  reference: 256,
  reason: 500,
  address: 64,
  userAgent: 256,
  requestId: 64,
  traceId: 32,
  line: 16_384,
  leastKept: 86_400_000,
  refusals: {
    logins: { atOnce: 200, eachMinute: 10 },
    tokens: { atOnce: 100, eachMinute: 5 },
    strangers: { atOnce: 100, eachMinute: 5 },
  },
};
