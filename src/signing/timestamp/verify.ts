import { createHash } from 'node:crypto';
import { errorMessage } from '../../base/error.ts';
import { CodecError } from '../../codec/error.ts';
import { readOctets, readOid } from '../../codec/der/primitives.ts';
import type { DerValue } from '../../codec/der/read.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { type AuthoritiesRequest, findChain } from '../certificate/find-chain.ts';
import type { KnownSignatures } from '../certificate/known-signatures.ts';
import { isSignatureValid } from '../certificate/signature-algorithm.ts';
import type { Authority } from '../trust/trust-material.ts';
import { VerificationError } from '../verify/verification-error.ts';
import { isNameOf } from './authority-name.ts';
import { timestampOid } from './object-identifiers.ts';
import { parseTimestamp, type Timestamp } from './parse.ts';
import { findSigners, formatSignerId, isNamed, readEmbedded } from './signer-certificate.ts';
import { namesSigner } from './signing-certificate.ts';

/** A time at which something is proven to have existed. */
export interface VerifiedTimestamp {
  readonly time: Date;
  /** The URI of the authority that vouches for it. */
  readonly authority: string;
  /** The authority's certificate with whose key the timestamp was signed. */
  readonly certificate: Certificate;
  /** From that certificate to the authority's anchor. */
  readonly chain: readonly Certificate[];
}

/**
 * Verifies that one of the authorities stamped exactly this message (RFC 3161, 2.3 and 2.4.2; RFC 5652, 5.4 to 5.6).
 *
 * @throws VerificationError
 */
export function verifyTimestamp(
  bytes: Uint8Array,
  message: Uint8Array,
  authorities: readonly Authority[],
  known?: KnownSignatures,
): VerifiedTimestamp {
  try {
    const timestamp = parseTimestamp(bytes);
    checkContent(timestamp, message);
    return findAuthority(timestamp, authorities, known);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw fail('TIMESTAMP_WRONG', errorMessage(cause), { cause });
  }
}

/** What needs no trust: the imprint is the message's, and the signed attributes are the content's. */
function checkContent({ info, signed }: Timestamp, message: Uint8Array): void {
  const { algorithm, digest } = info.imprint;
  if (!createHash(algorithm).update(message).digest().equals(digest)) {
    throw fail('TIMESTAMP_WRONG', 'The timestamp is of another signature');
  }
  const { attributes, digest: hash } = signed.signer;
  const type = readOid(onlyValue(attributes, timestampOid.contentType));
  if (type !== signed.contentType) throw fail('TIMESTAMP_WRONG', 'The timestamp is signed as something else');
  const contentDigest = readOctets(onlyValue(attributes, timestampOid.messageDigest));
  if (!createHash(hash).update(signed.content).digest().equals(contentDigest)) {
    throw fail('TIMESTAMP_WRONG', "The timestamp's content is not what was signed");
  }
}

function findAuthority(
  timestamp: Timestamp,
  authorities: readonly Authority[],
  known: KnownSignatures | undefined,
): VerifiedTimestamp {
  const { info, signed } = timestamp;
  const embedded = readEmbedded(signed.certificates);
  const named = embedded.filter((certificate) => isNamed(signed.signer.id, certificate));
  if (new Set(named.map(({ der }) => der.toString('latin1'))).size > 1) {
    throw fail('TIMESTAMP_WRONG', 'The timestamp has several certificates that may be its signer');
  }
  let failure = fail('TIMESTAMP_UNTRUSTED', 'No trusted authority made the timestamp', {
    found: info.authority?.value ?? formatSignerId(signed.signer.id),
    wanted: authorities.map(({ uri }) => uri).join(', ') || 'a trusted authority',
  });
  for (const authority of authorities) {
    for (const certificate of findSigners(authority, signed.signer.id, named[0])) {
      const found =
        findSignerFailure(timestamp, certificate, named.length > 0) ??
        findAuthorityChain(authority, {
          leaf: certificate,
          intermediates: embedded,
          times: [info.time],
          ...(known === undefined ? {} : { known }),
        });
      if (!(found instanceof VerificationError)) {
        return { time: info.time, authority: authority.uri, certificate, chain: found };
      }
      failure = found;
    }
  }
  throw failure;
}

/** The signature holds, and its attributes name this certificate: always where it came along. */
function findSignerFailure(
  { info, signed: { signer } }: Timestamp,
  certificate: Certificate,
  cameAlong: boolean,
): VerificationError | undefined {
  if (!isSignatureValid(signer.algorithm, certificate.publicKey, signer.signedBytes, signer.signature)) {
    return fail('TIMESTAMP_WRONG', "The authority's signature does not fit the timestamp");
  }
  const isSigner = namesSigner(signer, certificate);
  if (isSigner === false || (isSigner === undefined && cameAlong)) {
    return fail('TIMESTAMP_WRONG', 'The timestamp does not name the certificate with which it was signed');
  }
  if (info.authority !== undefined && !isNameOf(certificate, info.authority)) {
    return fail('TIMESTAMP_WRONG', 'The timestamp names another authority', { found: info.authority.value });
  }
  return undefined;
}

/** The chain holds at the authority's own time, whatever has expired since (RFC 3161, 2.3). */
function findAuthorityChain(
  authority: Authority,
  request: Omit<AuthoritiesRequest, 'authorities' | 'purpose'>,
): readonly Certificate[] | VerificationError {
  const result = findChain({ ...request, authorities: [authority], purpose: 'time-stamping' });
  if ('chain' in result) return result.chain.certificates;
  const { code, message, ...facts } = result.failure;
  return fail(code === 'CERTIFICATE_UNTRUSTED' ? 'TIMESTAMP_UNTRUSTED' : code, message, facts);
}

/** RFC 5652, 11.1 and 11.2: both attributes are there, with one value. */
function onlyValue(attributes: ReadonlyMap<string, readonly DerValue[]>, oid: string): DerValue {
  const [value, ...more] = attributes.get(oid) ?? [];
  if (value === undefined || more.length > 0) {
    throw fail('TIMESTAMP_WRONG', `The timestamp lacks the signed attribute ${oid}, or has several`);
  }
  return value;
}

function fail(
  code: VerificationError['code'],
  message: string,
  { found, wanted, cause }: { found?: string | undefined; wanted?: string | undefined; cause?: unknown } = {},
): VerificationError {
  const facts = {
    check: 'timestamp',
    ...(found === undefined ? {} : { found }),
    ...(wanted === undefined ? {} : { wanted }),
  } as const;
  return new VerificationError(code, message, facts, { cause });
}
