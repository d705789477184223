import { createHash } from 'node:crypto';
import { readBoolean, readInteger, readIntegerBytes, readOctets, readOid } from '../../codec/der/primitives.ts';
import { type DerValue, readDer, readSequence } from '../../codec/der/read.ts';
import { contextTag, derTag } from '../../codec/der/tag.ts';
import { derInteger, derOid, derSequence, derValue } from '../../codec/der/write.ts';
import { CodecError } from '../../codec/error.ts';
import type { HashAlgorithm } from '../../signing/key/key-type.ts';
import { RefusedError } from '../error.ts';
import { bytesAt, type JsonObject, textAt } from '../json/fields.ts';
import { digestOids } from '../x509/algorithm.ts';

/** What is to be timestamped (RFC 3161, 2.4.1). */
export interface TimestampRequest {
  /** The `AlgorithmIdentifier` of the digest in DER, given back as it came: with NULL parameters or without any. */
  readonly algorithm: Buffer;
  readonly digest: Buffer;
  /** An INTEGER in DER, given back as it came. */
  readonly nonce?: Buffer;
  readonly wantsCertificates: boolean;
}

/** Reads a `TimeStampReq`. @throws RefusedError */
export function parseTimestampRequest(bytes: Buffer): TimestampRequest {
  try {
    return readRequest(bytes);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new RefusedError('REQUEST_INVALID', `Error parsing timestamp request: ${cause.message}`, { cause });
  }
}

function readRequest(bytes: Buffer): TimestampRequest {
  const [version, imprint, ...rest] = readSequence(readDer(bytes));
  if (readInteger(version) !== 1n) throw new CodecError('UNSUPPORTED', 'the version is not 1');
  const [algorithm, digest] = readSequence(imprint);
  const hash = hashOf(algorithm);
  if (rest[0]?.tag === derTag.oid) rest.shift();
  const nonce = rest[0]?.tag === derTag.integer ? rest.shift() : undefined;
  if (nonce !== undefined) readIntegerBytes(nonce);
  const wants = rest[0]?.tag === derTag.boolean ? readBoolean(rest.shift()) : false;
  if (rest.length > 0) {
    const isExtensions = rest[0]?.tag === contextTag(0, true);
    throw new CodecError('UNSUPPORTED', isExtensions ? 'there are extensions' : 'there is more than belongs there');
  }
  return {
    algorithm: (algorithm as DerValue).raw,
    digest: checked(hash, readOctets(digest)),
    ...(nonce && { nonce: nonce.raw }),
    wantsCertificates: wants,
  };
}

/** Reads the form in JSON that Sigstore's authority takes too. @throws RefusedError */
export function parseJsonRequest(request: JsonObject): TimestampRequest {
  const hash = textAt(request, 'hashAlgorithm');
  if (hash !== 'sha256' && hash !== 'sha384' && hash !== 'sha512') throw weak();
  const { nonce } = request;
  const number = typeof nonce === 'number' && Number.isInteger(nonce) ? { nonce: derInteger(nonce) } : {};
  return {
    // As Go writes it.
    algorithm: derSequence(derOid(digestOids[hash]), derValue(derTag.null)),
    digest: checked(hash, bytesAt(request, 'artifactHash')),
    ...number,
    wantsCertificates: request['certificates'] === true,
  };
}

function checked(hash: HashAlgorithm, digest: Buffer): Buffer {
  if (digest.length === createHash(hash).digest().length) return digest;
  throw new RefusedError('REQUEST_INVALID', 'The digest is not as long as its algorithm makes it');
}

/** RFC 5754, 2: parameters are absent or NULL. */
function hashOf(algorithm: DerValue | undefined): HashAlgorithm {
  const [oidValue, parameters, ...rest] = readSequence(algorithm);
  const isNull = parameters === undefined || (parameters.tag === derTag.null && parameters.content.length === 0);
  if (!isNull || rest.length > 0) throw new CodecError('MALFORMED', 'the digest algorithm has parameters');
  const oid = readOid(oidValue);
  const found = Object.entries(digestOids).find(([, known]) => known === oid)?.[0];
  if (found === undefined) throw weak();
  return found as HashAlgorithm;
}

function weak(): RefusedError {
  return new RefusedError('REQUEST_INVALID', 'Only digests of SHA-256, SHA-384 and SHA-512 are timestamped');
}
