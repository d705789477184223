import type { HashAlgorithm } from './key/key-type.ts';

/**
 * A signature with all that came along to prove it, from a bundle or from cosign's older layouts: both are verified by
 * the same steps.
 */
export interface SignedEntity {
  /** `legacy` for what was put together from the annotations of a `.sig` or `.att` layer. */
  readonly format: 'bundle' | 'legacy';
  /** As the bundle calls itself; absent for legacy. */
  readonly mediaType?: string;
  readonly material: SignerMaterial;
  readonly logEntries: readonly LogEntry[];
  /** RFC 3161 `TimeStampResp` documents in DER. */
  readonly timestamps: readonly Buffer[];
  /** Of attestations in the older layout: the envelope as it came, which cosign has stamped and logged in place of the signature. */
  readonly layer?: Buffer;
  readonly content: MessageContent | EnvelopeContent;
}

/** What the signature says about who made it. */
export type SignerMaterial =
  /** DER: the leaf first, then intermediates, which are hints and not trusted for being here. */
  | { readonly kind: 'certificate'; readonly certificates: readonly Buffer[] }
  /** Sigstore's hint is base64 of the SHA-256 of the SubjectPublicKeyInfo; it is a hint only. */
  | { readonly kind: 'public-key'; readonly hint?: string };

/** A signature over bytes that are elsewhere. */
export interface MessageContent {
  readonly kind: 'message';
  readonly signature: Buffer;
  /** What the signer says the bytes hash to. */
  readonly digest?: { readonly algorithm: HashAlgorithm; readonly value: Buffer };
}

/** A DSSE envelope with exactly one signature. */
export interface EnvelopeContent {
  readonly kind: 'envelope';
  readonly payloadType: string;
  readonly payload: Buffer;
  readonly signature: Buffer;
  readonly keyId?: string;
}

/** One entry of a transparency log (sigstore_rekor.proto, `TransparencyLogEntry`). */
export interface LogEntry {
  readonly logIndex: bigint;
  /** SHA-256 of the log's key for Rekor v1; whatever the trusted root lists for v2. */
  readonly logId: Buffer;
  readonly kind: string;
  readonly version: string;
  /** Seconds since 1970; 0 when the log does not tell. */
  readonly integratedTime: bigint;
  /** The log's signature over body, index, time and id: the signed entry timestamp. */
  readonly promise?: Buffer;
  readonly proof?: InclusionProof;
  /** The canonical entry: what the log hashed. */
  readonly body: Buffer;
}

/** That a log holds an entry (RFC 6962, 2.1.1). */
export interface InclusionProof {
  readonly logIndex: bigint;
  readonly treeSize: bigint;
  readonly rootHash: Buffer;
  readonly hashes: readonly Buffer[];
  /** A signed note (C2SP tlog-checkpoint). Absent in some v0.1 bundles. */
  readonly checkpoint?: string;
}
