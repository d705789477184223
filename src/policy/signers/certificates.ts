import { formatPem, parsePem } from '../../codec/pem/pem.ts';
import { parseCertificate } from '../../signing/certificate/parse.ts';

/** Certificates of one field; trust stores of companies have a few dozen. */
const most = 100;

/**
 * Certificates in PEM, written as they are on every system.
 *
 * @throws SeaworthyError, RangeError for what holds none
 */
export function pemCertificatesOf(text: string): string {
  const blocks = parsePem(text).filter(({ label }) => label === 'CERTIFICATE');
  if (blocks.length === 0) throw new RangeError('it holds no certificate; give PEM that begins with BEGIN CERTIFICATE');
  if (blocks.length > most) throw new RangeError(`it holds more than ${most} certificates`);
  for (const { bytes } of blocks) parseCertificate(bytes);
  return blocks.map((block) => formatPem(block)).join('');
}
