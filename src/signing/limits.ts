/**
 * What a hostile bundle, registry or service may make this folder read or hold. The counts are those of sigstore-go and
 * cosign, so that nothing that they take is refused.
 */
export const signingLimits = {
  /** Bytes of one bundle, attestation or signature layer (`COSIGN_MAX_ATTACHMENT_SIZE` of cosign). */
  attachmentBytes: 134_217_728,
  /** Signatures or attestations of one image, whichever way they are attached. */
  attachments: 1000,
  /** Bytes of all attachments of one image together. */
  attachmentsBytes: 268_435_456,
  logEntries: 32,
  timestamps: 32,
  /** Certificates of one chain, the leaf included. */
  chain: 11,
  /** Subjects of one statement. */
  subjects: 1024,
  /** Digests of one subject. */
  digests: 32,
  /** Hashes of an inclusion proof; a tree of 2^63 leaves needs as many. */
  proofHashes: 64,
  /** Lines of a checkpoint, witnesses' included. */
  checkpointLines: 128,
  /** Bytes of a trusted root or signing config. */
  trustBytes: 4_194_304,
  /** Levels of nesting in a JSON document that is verified. */
  jsonDepth: 512,
  /** Bytes of a key file. */
  keyBytes: 65_536,
  /** Bytes of an identity token. */
  tokenBytes: 65_536,
  /** Bytes of any answer of Fulcio, Rekor, a timestamp authority or an issuer. */
  answerBytes: 8_388_608,
} as const;
