/** Caps on certificates and on the search for a chain; real ones stay far below. */
export const certificateLimits = {
  /** Bytes of one certificate. Fulcio's have about 1,500, those with long chains of names some thousands. */
  bytes: 65_536,
  /** Names in one certificate, and subtrees in one list of constraints. */
  names: 256,
  /** Signatures that are checked in search of one chain, as many as Go allows (CVE-2026-32280). */
  chainSignatures: 100,
  /** Certificates that are laid on top of another in search of one chain. */
  chainSteps: 1000,
  /** Signed certificate timestamps of one certificate; authorities embed one to three. */
  certificateTimestamps: 32,
} as const;
