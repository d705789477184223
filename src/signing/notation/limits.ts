/** Caps on signatures of Notary Project; real ones have some thousand bytes. */
export const notationLimits = {
  /** Bytes of one envelope: eleven certificates and a timestamp of the largest size that is read fit. */
  envelopeBytes: 1_048_576,
  /** Levels of nesting in an envelope or payload in JSON. */
  jsonDepth: 16,
  /** Signatures of one image that are looked at where the user says nothing else; as many as notation looks at. */
  signatures: 100,
  /** Bytes of a trust policy. */
  policyBytes: 1_048_576,
  /** Statements of a trust policy, and entries of each of its lists. */
  policyEntries: 1000,
  /** Characters of one entry. */
  entryLength: 4096,
  /** Files of one named trust store, and bytes of each. */
  storeFiles: 1000,
  storeFileBytes: 1_048_576,
} as const;
