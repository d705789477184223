/** Caps on timestamps; real ones have one to five certificates and some thousand bytes. */
export const timestampLimits = {
  /** Bytes of one answer of an authority. */
  bytes: 262_144,
  /** Certificates that came along. */
  certificates: 16,
  /** Attributes that are signed. */
  attributes: 32,
} as const;
