import { CodecError } from '../../codec/error.ts';
import { readBoolean, readFlags, readInteger, readOctets, readOid } from '../../codec/der/primitives.ts';
import { readDer, readSequence } from '../../codec/der/read.ts';
import { contextTag, derTag } from '../../codec/der/tag.ts';
import type { Certificate } from './certificate.ts';

/** Object identifiers of the extensions that are understood here (RFC 5280, 4.2.1). */
export const extensionOid = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** What keys may be used for, by purpose; `any` is for authorities only (RFC 5280, 4.2.1.12). */
export const purposeOid = {
  any: '2.5.29.37.0',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  timeStamping: '1.3.6.1.5.5.7.3.8',
} as const;

/** Bits of `KeyUsage` that are asked for here (RFC 5280, 4.2.1.3). */
export const keyUsageBit = { digitalSignature: 0, nonRepudiation: 1, keyCertSign: 5 } as const;

/** Whether a certificate is one of an authority, and how many authorities may stand below it. */
interface BasicConstraints {
  readonly isAuthority: boolean;
  readonly pathLength?: number;
}

/** RFC 5280, 4.2.1.9. @throws CodecError */
export function readBasicConstraints(certificate: Certificate): BasicConstraints | undefined {
  const value = certificate.extensions.get(extensionOid.basicConstraints)?.value;
  if (value === undefined) return undefined;
  const fields = readSequence(readDer(value));
  const flag = fields[0]?.tag === derTag.boolean ? fields.shift() : undefined;
  const isAuthority = flag !== undefined && readBoolean(flag);
  if (fields.length === 0) return { isAuthority };
  const pathLength = readInteger(fields[0]);
  if (fields.length > 1 || !isAuthority || pathLength < 0n) throw malformed('basic constraints');
  // Far above any chain; a number that JavaScript holds exactly.
  return { isAuthority, pathLength: Number(pathLength < 1000n ? pathLength : 1000n) };
}

/** The numbers of the bits that are set (RFC 5280, 4.2.1.3: at least one). @throws CodecError */
export function readKeyUsage(certificate: Certificate): ReadonlySet<number> | undefined {
  const value = certificate.extensions.get(extensionOid.keyUsage)?.value;
  if (value === undefined) return undefined;
  const flags = readFlags(readDer(value));
  if (flags.size === 0) throw malformed('key usage');
  return flags;
}

/** Object identifiers of purposes (RFC 5280, 4.2.1.12: at least one). @throws CodecError */
export function readExtendedKeyUsage(certificate: Certificate): readonly string[] | undefined {
  const value = certificate.extensions.get(extensionOid.extendedKeyUsage)?.value;
  if (value === undefined) return undefined;
  const purposes = readSequence(readDer(value)).map((purpose) => readOid(purpose));
  if (purposes.length === 0) throw malformed('extended key usage');
  return purposes;
}

/** RFC 5280, 4.2.1.2. @throws CodecError */
export function readSubjectKeyId(certificate: Certificate): Buffer | undefined {
  const value = certificate.extensions.get(extensionOid.subjectKeyIdentifier)?.value;
  return value === undefined ? undefined : readOctets(readDer(value));
}

/** The key identifier of the issuer, where it is named by one (RFC 5280, 4.2.1.1). @throws CodecError */
export function readAuthorityKeyId(certificate: Certificate): Buffer | undefined {
  const value = certificate.extensions.get(extensionOid.authorityKeyIdentifier)?.value;
  if (value === undefined) return undefined;
  return readSequence(readDer(value)).find(({ tag }) => tag === contextTag(0, false))?.content;
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The certificate's ${what} cannot be read`);
}
