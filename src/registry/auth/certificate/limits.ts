/** Caps on certificates of clients. */
export const certificateLimits: {
  readonly rules: number;
  readonly groups: number;
  /** Certificates whose identity is remembered; parsing one takes a tenth of a millisecond. */
  readonly remembered: number;
} = { rules: 100, groups: 50, remembered: 5000 };
