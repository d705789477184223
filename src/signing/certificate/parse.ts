import { CodecError } from '../../codec/error.ts';
import {
  readBitString,
  readBoolean,
  readInteger,
  readIntegerBytes,
  readOctets,
  readOid,
  readTime,
} from '../../codec/der/primitives.ts';
import { type DerValue, expectTag, readChildren, readDer, readSequence } from '../../codec/der/read.ts';
import { contextTag, derTag } from '../../codec/der/tag.ts';
import type { Certificate, CertificateExtension } from './certificate.ts';
import { parseName } from './distinguished-name.ts';
import { certificateLimits } from './limits.ts';
import { readPublicKey } from '../key/read-public-key.ts';

/**
 * Reads a certificate (RFC 5280, 4.1). Only version 3 says what a certificate may be used for, so only it is taken;
 * unique identifiers, which no authority may write (4.1.2.8), are refused. What extensions say is read by `extensions.ts`
 * and its neighbours when it is asked for.
 *
 * @throws CodecError
 */
export function parseCertificate(der: Uint8Array): Certificate {
  if (der.length > certificateLimits.bytes) {
    throw new CodecError('LIMIT_EXCEEDED', `The certificate has ${der.length} bytes`);
  }
  const whole = readDer(der);
  const [tbs, algorithm, signature, ...rest] = readSequence(whole);
  if (rest.length > 0) throw malformed('something follows the signature');
  const [version, serial, innerAlgorithm, issuer, validity, subject, spki, extensions, ...more] = readSequence(tbs);
  if (more.length > 0) throw malformed('something follows the extensions');
  readVersion(version);
  const signatureAlgorithm = readOid(readSequence(algorithm)[0]);
  // 4.1.1.2: the outer algorithm is not signed, so it may say nothing else than the inner one.
  if (!expectTag(algorithm, derTag.sequence).raw.equals(expectTag(innerAlgorithm, derTag.sequence).raw)) {
    throw malformed('it names two algorithms for one signature');
  }
  const issuerName = expectTag(issuer, derTag.sequence);
  const subjectName = expectTag(subject, derTag.sequence);
  if (parseName(issuerName).length === 0) throw malformed('the issuer has no name');
  parseName(subjectName);
  const { notBefore, notAfter } = readValidity(validity);
  return {
    der: whole.raw,
    tbs: expectTag(tbs, derTag.sequence).raw,
    signature: readBitString(signature),
    signatureAlgorithm,
    issuer: issuerName.raw,
    subject: subjectName.raw,
    serialNumber: readSerialNumber(serial),
    notBefore,
    notAfter,
    publicKey: readPublicKey(expectTag(spki, derTag.sequence).raw),
    extensions: extensions === undefined ? new Map() : readExtensions(extensions),
  };
}

function readVersion(version: DerValue | undefined): void {
  const [number, ...rest] = readChildren(expectTag(version, contextTag(0, true)));
  if (readInteger(number) !== 2n || rest.length > 0)
    throw new CodecError('UNSUPPORTED', 'The certificate is not of version 3');
}

/** 4.1.2.2: positive, at most 20 octets; zero is seen on roots and does no harm. */
function readSerialNumber(serial: DerValue | undefined): Buffer {
  const bytes = readIntegerBytes(serial);
  const [first = 0] = bytes;
  if (first >= 0x80) throw malformed('the serial number is negative');
  if (bytes.length > (first === 0 ? 21 : 20)) throw malformed('the serial number has more than 20 octets');
  return bytes;
}

function readValidity(validity: DerValue | undefined): { notBefore: Date; notAfter: Date } {
  const times = readSequence(validity);
  // 4.1.2.5.2: whole seconds.
  if (times.length !== 2 || times.some(({ content }) => content.includes('.')))
    throw malformed('its validity is not two times');
  const [notBefore, notAfter] = [readTime(times[0]), readTime(times[1])];
  if (notBefore > notAfter) throw malformed('it ends before it begins');
  return { notBefore, notAfter };
}

function readExtensions(wrapper: DerValue): ReadonlyMap<string, CertificateExtension> {
  const [list, ...rest] = readChildren(expectTag(wrapper, contextTag(3, true)));
  const items = readSequence(list);
  if (rest.length > 0 || items.length === 0) throw malformed('its extensions are not a list');
  const extensions = new Map<string, CertificateExtension>();
  for (const item of items) {
    const fields = readSequence(item);
    const oid = readOid(fields[0]);
    // X.690, 11.5, wants FALSE left out. Authorities write it, and it means one thing only.
    const critical = fields.length === 3 && readBoolean(fields[1]);
    if (fields.length > 3) throw malformed('an extension has too many parts');
    // 4.2: no extension twice; readers would differ in which of them they obey.
    if (extensions.has(oid)) throw malformed(`it has the extension ${oid} twice`);
    extensions.set(oid, { critical, value: readOctets(fields[fields.length - 1]) });
  }
  return extensions;
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The certificate cannot be read: ${what}`);
}
