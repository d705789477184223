/** What is read of what strangers attach to an image. Each bound costs the use of an SBOM, never a scan. */
export const storedSbomLimits = {
  /** Referrers that may be an SBOM, the newest first. A registry attaches one, and others a few. */
  candidates: 8,
  /** What these claim to have together, in bytes; the SBOM of the fullest real images has some 60 MB, signed. */
  bytes: 268_435_456,
  /** Members of objects and lists in a bundle before its signature is verified; one by a key has about a dozen. */
  bundleValues: 1000,
  bundleDepth: 16,
  /** Levels of a statement around its SBOM. */
  statementDepth: 4,
} as const;
