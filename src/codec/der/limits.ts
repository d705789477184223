/** Caps on DER; hostile bytes end in CodecError LIMIT_EXCEEDED. */
export const derLimits = {
  /** Bytes of one document. A timestamp with its chain has some thousands; a certificate with an SBOM in it none. */
  documentBytes: 1_048_576,
  /** Values directly inside another; certificates have a dozen. */
  children: 4096,
  /** Bytes of an object identifier; the longest in use have about 30 (CVE-2025-66564). */
  oidBytes: 128,
  /** Bytes of an integer; the modulus of an RSA key of 16,384 bits has 2,049. */
  integerBytes: 2304,
} as const;
