/** What gathering evidence of one image may take. */
export const evidenceLimits = {
  /** Images of one index that are looked at. */
  images: 64,
  /** Bytes of PEM that a signer of a policy may have in one place, and certificates or keys in it. */
  pemBytes: 1_048_576,
  pemBlocks: 64,
  /** Reasons that are told why signatures do not count, and characters of each. */
  reasons: 3,
  reasonLength: 400,
} as const;
