import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { AdmissionError } from '../error.ts';
import { admissionLimits } from '../limits.ts';
import type { TlsMaterial } from '../server/model.ts';
import type { KeyedCertificate } from './model.ts';

/** The first certificate of a PEM text; undefined where it has none. */
export function readCertificate(pem: string): X509Certificate | undefined {
  if (pem.length > admissionLimits.certificateBytes) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** A certificate whose key is beside it; undefined where either cannot be read, or they are not each other's. */
export function readKeyed({ certificate, key }: KeyedCertificate): X509Certificate | undefined {
  const read = readCertificate(certificate);
  try {
    return read?.checkPrivateKey(createPrivateKey(key)) === true ? read : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a certificate holds now, by any clock that differs from this one by at most the skew. */
export function holdsAt({ validFromDate, validToDate }: X509Certificate, now: number, skew: number): boolean {
  return validFromDate.getTime() <= now + skew && now < validToDate.getTime() - skew;
}

/** Whether one certificate was issued by another. */
export function isIssuedBy(leaf: X509Certificate, authority: X509Certificate): boolean {
  return leaf.checkIssued(authority) && leaf.verify(authority.publicKey);
}

/**
 * A certificate and its key as a server takes them, looked at before they are served. The reason that a key cannot be read is not kept,
 * since it may tell something of the key.
 *
 * @param names for sentences: where each is from
 * @throws AdmissionError CERTIFICATE_UNREADABLE or CERTIFICATE_UNUSABLE
 */
export function readMaterial(
  { certificate, key }: KeyedCertificate,
  names: { readonly certificate: string; readonly key: string },
  now: number,
  skew = 0,
): TlsMaterial {
  const read = readCertificate(certificate);
  if (read === undefined) throw unreadable(`${names.certificate} holds no certificate in PEM`);
  let isOwn: boolean;
  try {
    isOwn = read.checkPrivateKey(createPrivateKey(key));
  } catch {
    throw unreadable(`${names.key} holds no private key in PEM without encryption`);
  }
  if (!isOwn) throw unusable(`${names.key} is not the key of the certificate in ${names.certificate}`);
  if (now >= read.validToDate.getTime()) {
    throw unusable(`the certificate in ${names.certificate} ended at ${read.validToDate.toISOString()}`);
  }
  if (now + skew < read.validFromDate.getTime()) {
    const from = read.validFromDate.toISOString();
    throw unusable(`the certificate in ${names.certificate} holds from ${from} on, if the clock is right`);
  }
  try {
    createSecureContext({ cert: certificate, key });
  } catch (cause) {
    throw unusable(`the certificate in ${names.certificate} is refused by OpenSSL`, cause);
  }
  return { certificate, key, expires: read.validToDate.getTime() };
}

function unreadable(what: string): AdmissionError {
  return new AdmissionError('CERTIFICATE_UNREADABLE', `The certificate cannot be read: ${what}; put it there in PEM`);
}

function unusable(what: string, cause?: unknown): AdmissionError {
  const sentence = `The certificate cannot be served: ${what}; put another one there`;
  return new AdmissionError('CERTIFICATE_UNUSABLE', sentence, cause === undefined ? {} : { cause });
}
