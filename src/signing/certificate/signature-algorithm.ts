import { constants, verify } from 'node:crypto';
import { CodecError } from '../../codec/error.ts';
import { readInteger, readOid } from '../../codec/der/primitives.ts';
import { type DerValue, readChildren, readSequence } from '../../codec/der/read.ts';
import { contextTag, derTag } from '../../codec/der/tag.ts';
import type { HashAlgorithm } from '../key/key-type.ts';
import type { VerificationKey } from '../key/verification-key.ts';

/** How a signature in a certificate or timestamp was made. */
export type SignatureAlgorithm =
  | { readonly kind: 'ecdsa' | 'rsa' | 'rsa-pss'; readonly hash: HashAlgorithm }
  | { readonly kind: 'ed25519' };

const hashOids: ReadonlyMap<string, HashAlgorithm> = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
]);

const signatureOids: ReadonlyMap<string, SignatureAlgorithm> = new Map<string, SignatureAlgorithm>([
  ['1.2.840.10045.4.3.2', { kind: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { kind: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { kind: 'ecdsa', hash: 'sha512' }],
  ['1.2.840.113549.1.1.11', { kind: 'rsa', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { kind: 'rsa', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { kind: 'rsa', hash: 'sha512' }],
  ['1.3.101.112', { kind: 'ed25519' }],
]);

const rsaEncryption = '1.2.840.113549.1.1.1';
const rsaPss = '1.2.840.113549.1.1.10';
const mgf1 = '1.2.840.113549.1.1.8';
const hashBytes: Readonly<Record<HashAlgorithm, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/**
 * Reads the AlgorithmIdentifier of a digest (RFC 5754, section 2): SHA-256, SHA-384 or SHA-512.
 *
 * @throws CodecError UNSUPPORTED for all others, SHA-1 and MD5 among them
 */
export function readHashAlgorithm(value: DerValue | undefined): HashAlgorithm {
  const [type, parameters, ...rest] = readSequence(value);
  const oid = readOid(type);
  const hash = hashOids.get(oid);
  if (hash === undefined) throw new CodecError('UNSUPPORTED', `The digest ${oid} is not trusted`);
  if (!isNullOrAbsent(parameters) || rest.length > 0) throw malformed('a digest has parameters');
  return hash;
}

/**
 * Reads the AlgorithmIdentifier of a signature (RFC 5758; RFC 4055; RFC 8410). `digest` is for signatures in CMS, which
 * may name the kind of key alone and the digest elsewhere (RFC 3370, 3.2).
 *
 * @throws CodecError UNSUPPORTED for all that is not trusted, SHA-1 and MD5 among it
 */
export function readSignatureAlgorithm(value: DerValue | undefined, digest?: HashAlgorithm): SignatureAlgorithm {
  const [type, parameters, ...rest] = readSequence(value);
  if (rest.length > 0) throw malformed('it has too many parts');
  const oid = readOid(type);
  if (oid === rsaPss) return { kind: 'rsa-pss', hash: readPssHash(parameters) };
  const algorithm: SignatureAlgorithm | undefined =
    oid === rsaEncryption && digest !== undefined ? { kind: 'rsa', hash: digest } : signatureOids.get(oid);
  if (algorithm === undefined) throw new CodecError('UNSUPPORTED', `Signatures of the kind ${oid} are not trusted`);
  // RFC 4055, section 5: NULL for RSA, and its absence means the same; RFC 5758, 3.2, and RFC 8410, section 3: absent.
  if (!isNullOrAbsent(parameters) || (algorithm.kind !== 'rsa' && parameters !== undefined)) {
    throw malformed('it has parameters where none belong');
  }
  return algorithm;
}

/**
 * RSASSA-PSS-params (RFC 4055, 3.1). All defaults are SHA-1's, so all must be given; one hash in both places, and as
 * much salt as it has octets, which is what everybody writes.
 */
function readPssHash(parameters: DerValue | undefined): HashAlgorithm {
  const fields = new Map<number, DerValue>();
  let last = -1;
  for (const field of readSequence(parameters)) {
    if (field.tag <= last) throw malformed('its parameters are out of order');
    last = field.tag;
    const [inner, ...rest] = readChildren(field);
    if (inner === undefined || rest.length > 0) throw malformed('a parameter is not one value');
    fields.set(field.tag, inner);
  }
  const take = (number: number): DerValue | undefined => {
    const field = fields.get(contextTag(number, true));
    fields.delete(contextTag(number, true));
    return field;
  };
  const [hashField, maskField, saltField, trailerField] = [take(0), take(1), take(2), take(3)];
  if (hashField === undefined || maskField === undefined || saltField === undefined || fields.size > 0) {
    throw new CodecError('UNSUPPORTED', 'Signatures of RSASSA-PSS with SHA-1 are not trusted');
  }
  const hash = readHashAlgorithm(hashField);
  const [mask, maskHash, ...rest] = readSequence(maskField);
  const usual =
    readOid(mask) === mgf1 &&
    rest.length === 0 &&
    readHashAlgorithm(maskHash) === hash &&
    readInteger(saltField) === BigInt(hashBytes[hash]) &&
    (trailerField === undefined || readInteger(trailerField) === 1n);
  if (!usual) throw new CodecError('UNSUPPORTED', 'Signatures of RSASSA-PSS with unusual parameters are not trusted');
  return hash;
}

/** Whether a signature over a message holds. A key of another kind than the algorithm's never fits. */
export function isSignatureValid(
  algorithm: SignatureAlgorithm,
  { type, key }: VerificationKey,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (algorithm.kind === 'ed25519') return type === 'ed25519' && verify(null, message, key, signature);
  const { kind, hash } = algorithm;
  if (kind === 'ecdsa') {
    return type.startsWith('ecdsa-') && verify(hash, message, { key, dsaEncoding: 'der' }, signature);
  }
  if (type !== 'rsa') return false;
  const options =
    kind === 'rsa'
      ? { key, padding: constants.RSA_PKCS1_PADDING }
      : { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: hashBytes[hash] };
  return verify(hash, message, options, signature);
}

function isNullOrAbsent(parameters: DerValue | undefined): boolean {
  return parameters === undefined || (parameters.tag === derTag.null && parameters.content.length === 0);
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The algorithm of a signature cannot be read: ${what}`);
}
