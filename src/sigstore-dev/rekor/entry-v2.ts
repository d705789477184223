import { createHash } from 'node:crypto';
import type { HashAlgorithm, KeyType } from '../../signing/key/key-type.ts';
import { RefusedError } from '../error.ts';
import {
  bytesAt,
  type JsonObject,
  objectAt,
  objectsAt,
  optionalObjectAt,
  optionalTextAt,
  textAt,
} from '../json/fields.ts';
import { signedDigest } from '../key/check-signature.ts';
import { readCertificate, readPublicKey, type SubmittedKey } from '../key/submitted-key.ts';
import { matchSignatures } from './envelope.ts';

/** An entry of a log of tiles that was checked. */
export interface CheckedEntryV2 {
  readonly kind: 'hashedrekord' | 'dsse';
  /** The canonical entry, before its names are ordered. */
  readonly body: JsonObject;
}

interface KeyDetails {
  readonly type: KeyType;
  readonly bits?: number;
  readonly hash: HashAlgorithm;
}

/** Keys that the log takes, by their name in `PublicKeyDetails` (sigstore_common.proto; rekor-tiles, algorithm registry). */
const keyDetails: Readonly<Record<string, KeyDetails>> = {
  PKIX_ECDSA_P256_SHA_256: { type: 'ecdsa-p256', hash: 'sha256' },
  PKIX_ECDSA_P384_SHA_384: { type: 'ecdsa-p384', hash: 'sha384' },
  PKIX_ECDSA_P521_SHA_512: { type: 'ecdsa-p521', hash: 'sha512' },
  PKIX_ED25519: { type: 'ed25519', hash: 'sha512' },
  PKIX_ED25519_PH: { type: 'ed25519', hash: 'sha512' },
  PKIX_RSA_PKCS1V15_2048_SHA256: { type: 'rsa', bits: 2048, hash: 'sha256' },
  PKIX_RSA_PKCS1V15_3072_SHA256: { type: 'rsa', bits: 3072, hash: 'sha256' },
  PKIX_RSA_PKCS1V15_4096_SHA256: { type: 'rsa', bits: 4096, hash: 'sha256' },
};

const hashNames: Readonly<Record<HashAlgorithm, string>> = {
  sha256: 'SHA2_256',
  sha384: 'SHA2_384',
  sha512: 'SHA2_512',
};

/**
 * Checks a `CreateEntryRequest` (rekor/v2/entry.proto). Envelopes are no longer taken by the real log, but were at first.
 *
 * @throws RefusedError
 */
export function checkEntryV2(request: JsonObject, takesEnvelopes: boolean): CheckedEntryV2 {
  const hashed = optionalObjectAt(request, 'hashedRekordRequestV002');
  if (hashed !== undefined) return entryOf('hashedrekord', 'hashedRekordV002', checkHashed(hashed));
  const envelope = optionalObjectAt(request, 'dsseRequestV002');
  if (envelope !== undefined && takesEnvelopes) return entryOf('dsse', 'dsseV002', checkEnvelope(envelope));
  throw new RefusedError('REQUEST_INVALID', 'invalid type, must be hashedrekord');
}

function entryOf(kind: CheckedEntryV2['kind'], name: string, spec: JsonObject): CheckedEntryV2 {
  return { kind, body: { apiVersion: '0.0.2', kind, spec: { [name]: spec } } };
}

function checkHashed(request: JsonObject): JsonObject {
  const digest = bytesAt(request, 'digest');
  const content = bytesAt(request, 'signature', 'content');
  const { key, details, verifier } = readVerifier(objectAt(request, 'signature', 'verifier'));
  if (!signedDigest(key, details.hash, digest, content)) {
    throw new RefusedError(
      'REQUEST_INVALID',
      'invalid hashedrekord request: the signature is not of this digest and key',
    );
  }
  return {
    data: { algorithm: hashNames[details.hash], digest: digest.toString('base64') },
    signature: { content: content.toString('base64'), verifier },
  };
}

function checkEnvelope(request: JsonObject): JsonObject {
  const verifiers = objectsAt(request, 'verifiers').map(readVerifier);
  const sent = objectAt(request, 'envelope');
  const payload = bytesAt(sent, 'payload');
  const signatures = objectsAt(sent, 'signatures').map((item) => ({ text: textAt(item, 'sig') }));
  const envelope = { payloadType: textAt(sent, 'payloadType'), payload, signatures };
  const made = matchSignatures(
    envelope,
    verifiers.map(({ key }) => key),
  );
  return {
    payloadHash: { algorithm: 'SHA2_256', digest: createHash('sha256').update(payload).digest('base64') },
    signatures: [...made].map(([content, key]) => ({
      content,
      verifier: verifiers.find((candidate) => candidate.key === key)?.verifier,
    })),
  };
}

/** A `Verifier`: a key or a certificate, and what it is said to be (rekor/v2/verifier.proto). */
function readVerifier(sent: JsonObject): { key: SubmittedKey; details: KeyDetails; verifier: JsonObject } {
  const name = textAt(sent, 'keyDetails');
  const details = Object.hasOwn(keyDetails, name) ? keyDetails[name] : undefined;
  const certificate = optionalTextAt(sent, 'x509Certificate', 'rawBytes');
  const field = certificate === undefined ? 'publicKey' : 'x509Certificate';
  const bytes = bytesAt(sent, field, 'rawBytes');
  const key = certificate === undefined ? readPublicKey(bytes) : readCertificate(bytes);
  const bits = key.key.asymmetricKeyDetails?.modulusLength;
  if (details === undefined || details.type !== key.type || (details.bits !== undefined && details.bits !== bits)) {
    throw new RefusedError(
      'REQUEST_INVALID',
      `The key is not what keyDetails says, or this log takes no ${name.slice(0, 60)}`,
    );
  }
  return { key, details, verifier: { keyDetails: name, [field]: { rawBytes: bytes.toString('base64') } } };
}
