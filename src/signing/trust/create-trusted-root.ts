import { createHash } from 'node:crypto';
import type { Certificate } from '../certificate/certificate.ts';
import type { VerificationKey } from '../key/verification-key.ts';

/** One service whose certificates are trusted: Fulcio or a timestamp authority. */
export interface AuthorityEntry {
  readonly url: string;
  /** The one that signs first, the root last; at least one. */
  readonly certificates: readonly Certificate[];
  /** Where nobody says it, when the first certificate begins to hold. */
  readonly start?: Date;
  readonly end?: Date;
}

/** One log that is trusted: Rekor, or a log of certificates. */
export interface LogEntry {
  readonly url: string;
  readonly key: VerificationKey;
  readonly start: Date;
  readonly end?: Date;
  /** What a log of tiles calls itself in checkpoints. */
  readonly origin?: string;
}

/** What a trusted root consists of; a kind that is absent is not said anything about. */
export interface TrustedRootEntries {
  readonly certificateAuthorities?: readonly AuthorityEntry[];
  readonly timestampAuthorities?: readonly AuthorityEntry[];
  readonly tlogs?: readonly LogEntry[];
  readonly ctlogs?: readonly LogEntry[];
}

type Json = Readonly<Record<string, unknown>>;

/** The names of keys' kinds with their usual digests (sigstore_common.proto, `PublicKeyDetails`). */
const ecdsaDetails: Readonly<Record<string, string>> = {
  'ecdsa-p256': 'PKIX_ECDSA_P256_SHA_256',
  'ecdsa-p384': 'PKIX_ECDSA_P384_SHA_384',
  'ecdsa-p521': 'PKIX_ECDSA_P521_SHA_512',
  ed25519: 'PKIX_ED25519',
};
const ed25519Bytes = 32;

/**
 * Writes a `trusted_root.json` (sigstore_trustroot.proto).
 *
 * @param defaults a trusted root whose other kinds stay as they are
 */
export function createTrustedRoot(entries: TrustedRootEntries, defaults: Json = {}): Json {
  const { certificateAuthorities, timestampAuthorities, tlogs, ctlogs } = entries;
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    ...defaults,
    ...(tlogs === undefined ? {} : { tlogs: tlogs.map(encodeLog) }),
    ...(certificateAuthorities === undefined
      ? {}
      : { certificateAuthorities: certificateAuthorities.map(encodeAuthority) }),
    ...(ctlogs === undefined ? {} : { ctlogs: ctlogs.map(encodeLog) }),
    ...(timestampAuthorities === undefined ? {} : { timestampAuthorities: timestampAuthorities.map(encodeAuthority) }),
  };
}

function encodeAuthority({ url, certificates, start = certificates[0]?.notBefore, end }: AuthorityEntry): Json {
  return {
    uri: url,
    certChain: { certificates: certificates.map(({ der }) => ({ rawBytes: der.toString('base64') })) },
    validFor: encodeWindow(start, end),
  };
}

function encodeLog({ url, key, start, end, origin }: LogEntry): Json {
  return {
    baseUrl: url,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: key.spki.toString('base64'),
      keyDetails: ecdsaDetails[key.type] ?? `PKIX_RSA_PKCS1V15_${key.bits}_SHA256`,
      validFor: encodeWindow(start, end),
    },
    logId: { keyId: logIdOf(key, origin).toString('base64') },
  };
}

/** The hash of the key (RFC 6962, 3.2); with a name, Ed25519 keys are told apart as in notes (C2SP signed-note). */
function logIdOf({ type, spki }: VerificationKey, origin: string | undefined): Buffer {
  const hash = createHash('sha256');
  if (type !== 'ed25519' || origin === undefined) return hash.update(spki).digest();
  return hash.update(`${origin}\n\u0001`).update(spki.subarray(-ed25519Bytes)).digest();
}

function encodeWindow(start: Date | undefined, end: Date | undefined): Json {
  return {
    ...(start === undefined ? {} : { start: encodeTime(start) }),
    ...(end === undefined ? {} : { end: encodeTime(end) }),
  };
}

/** Go programs leave out fractions of a second that are zero, and so do existing trusted roots. */
function encodeTime(time: Date): string {
  return time.toISOString().replace('.000Z', 'Z');
}
