import { CodecError } from '../../codec/error.ts';
import type { Certificate } from '../certificate/certificate.ts';
import { readBasicConstraints, readSubjectKeyId } from '../certificate/extensions.ts';
import { parseCertificate } from '../certificate/parse.ts';
import type { Authority } from '../trust/trust-material.ts';
import type { SignerId } from './signed-data.ts';

/** Whether a signer is named by this certificate (RFC 5652, 5.3). @throws CodecError */
export function isNamed(id: SignerId, certificate: Certificate): boolean {
  if (id.kind === 'key-id') return readSubjectKeyId(certificate)?.equals(id.keyId) === true;
  return id.issuer.equals(certificate.issuer) && id.serialNumber.equals(certificate.serialNumber);
}

/** How a signer is named, for people. */
export function formatSignerId(id: SignerId): string {
  return id.kind === 'key-id'
    ? `the key ${id.keyId.toString('hex')}`
    : `the serial number ${id.serialNumber.toString('hex')}`;
}

/**
 * The certificates with which an authority may have signed: those that the trusted root lists; one that came along only
 * where it lists none but issuers. One that came along and is another than what is listed under its name is never used.
 *
 * @throws CodecError
 */
export function findSigners(
  authority: Authority,
  id: SignerId,
  cameAlong: Certificate | undefined,
): readonly Certificate[] {
  const own = authority.certificates.filter((one) => readBasicConstraints(one)?.isAuthority !== true);
  if (own.length === 0) return cameAlong === undefined ? [] : [cameAlong];
  return own.filter((one) => isNamed(id, one) && (cameAlong === undefined || one.der.equals(cameAlong.der)));
}

/** The certificates that came along. One that cannot be read helps nobody, and harms nobody. */
export function readEmbedded(certificates: readonly Buffer[]): Certificate[] {
  return certificates.flatMap((der) => {
    try {
      return [parseCertificate(der)];
    } catch (error) {
      if (error instanceof CodecError) return [];
      throw error;
    }
  });
}
