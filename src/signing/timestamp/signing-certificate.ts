import { createHash } from 'node:crypto';
import { CodecError } from '../../codec/error.ts';
import { readIntegerBytes, readOctets } from '../../codec/der/primitives.ts';
import { type DerValue, readDer, readSequence } from '../../codec/der/read.ts';
import { contextTag, derTag } from '../../codec/der/tag.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { readHashAlgorithm } from '../certificate/signature-algorithm.ts';
import { timestampOid } from './object-identifiers.ts';
import type { SignerInfo } from './signed-data.ts';

/**
 * Whether the signed attributes name this certificate as the signer's (RFC 3161, 2.4.2; RFC 5816; RFC 5035, sections 3 and
 * 4); undefined where no attribute names one. Where both attributes are there, both must.
 *
 * @throws CodecError
 */
export function namesSigner({ attributes }: SignerInfo, certificate: Certificate): boolean | undefined {
  const old = attributes.get(timestampOid.signingCertificate);
  const current = attributes.get(timestampOid.signingCertificateV2);
  if (old === undefined && current === undefined) return undefined;
  return (
    (old === undefined || isNamed(firstId(old), certificate, false)) &&
    (current === undefined || isNamed(firstId(current), certificate, true))
  );
}

/** The first is the signer's; others would limit who may have issued it, which the chain decides here. */
function firstId(values: readonly DerValue[]): DerValue[] {
  const [value, ...more] = values;
  const [ids, policies, ...rest] = readSequence(value);
  const [id] = readSequence(ids);
  if (more.length > 0 || rest.length > 0 || (policies !== undefined && policies.tag !== derTag.sequence)) {
    throw malformed('it has parts that do not exist');
  }
  return readSequence(id);
}

function isNamed(fields: DerValue[], certificate: Certificate, hasAlgorithm: boolean): boolean {
  // The old attribute has SHA-1 by its definition. It picks among certificates whose chains are checked by other digests.
  const named = hasAlgorithm && fields[0]?.tag === derTag.sequence ? readHashAlgorithm(fields.shift()) : undefined;
  const hash = createHash(hasAlgorithm ? (named ?? 'sha256') : 'sha1')
    .update(certificate.der)
    .digest();
  const isHash = readOctets(fields.shift()).equals(hash);
  const issuerSerial = fields.shift();
  if (fields.length > 0) throw malformed('a certificate is named by too much');
  return isHash && (issuerSerial === undefined || isIssuerSerial(issuerSerial, certificate));
}

/** RFC 5035, section 4: one name, the issuer's, and the serial number. */
function isIssuerSerial(value: DerValue, { issuer, serialNumber }: Certificate): boolean {
  const [names, serial, ...rest] = readSequence(value);
  const [name, ...others] = readSequence(names);
  if (name === undefined || others.length > 0 || rest.length > 0) throw malformed('an issuer has several names');
  if (name.tag !== contextTag(4, true)) return false;
  return readDer(name.content).raw.equals(issuer) && readIntegerBytes(serial).equals(serialNumber);
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The timestamp's signing certificate cannot be read: ${what}`);
}
