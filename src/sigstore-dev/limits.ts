/** What a client may make the development sigstore read or hold. */
export const sigstoreDevLimits = {
  /** Bytes of one request; an attestation with an SBOM in it has some megabytes. */
  requestBytes: 33_554_432,
  /** Milliseconds in which a request must have come. */
  requestMs: 30_000,
  /** Codes of logins that were begun; the oldest is forgotten. */
  pendingLogins: 1000,
  /** Entries asked for in one search. */
  searchQueries: 10,
  /** Keys and signatures of one entry; each pair is tried. */
  entrySignatures: 8,
} as const;
