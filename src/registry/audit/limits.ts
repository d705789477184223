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
   * Entries about refused logins that one process writes: so many at once, and so many each minute afterwards. With all that an entry may
   * hold, a year of an attack takes some 8 GiB.
   */
  readonly logins: { readonly atOnce: number; readonly eachMinute: number };
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
  logins: { atOnce: 200, eachMinute: 10 },
};
