import { createHash } from 'node:crypto';
import { readOid } from '../../codec/der/primitives.ts';
import { readDer, readSequence } from '../../codec/der/read.ts';
import { derContext, derSequence } from '../../codec/der/write.ts';
import type { Certificate } from './certificate.ts';
import { certificateTimestampsOid, type SignedCertificateTimestamp } from './signed-certificate-timestamps.ts';

/**
 * What a log signed for a timestamp that stands in a certificate: the certificate as it was before it had timestamps, and
 * the key of its issuer (RFC 6962, 3.2, `precert_entry`).
 *
 * @throws CodecError
 */
export function encodePrecertificateEntry(
  timestamp: SignedCertificateTimestamp,
  certificate: Certificate,
  issuer: Certificate,
): Buffer {
  const issuerKeyHash = createHash('sha256').update(issuer.publicKey.spki).digest();
  return encodeEntry(timestamp, 1, issuerKeyHash, vector(rebuildPrecertificate(certificate), 3));
}

/** What a log signed for a timestamp that came beside the certificate (RFC 6962, 3.2, `x509_entry`). */
export function encodeCertificateEntry(timestamp: SignedCertificateTimestamp, { der }: Certificate): Buffer {
  return encodeEntry(timestamp, 0, vector(der, 3));
}

/** Version 1, `certificate_timestamp`, time, the entry, extensions. */
function encodeEntry({ timestamp, extensions }: SignedCertificateTimestamp, type: number, ...entry: Buffer[]): Buffer {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(timestamp);
  return Buffer.concat([Buffer.from([0, 0]), time, Buffer.from([0, type]), ...entry, vector(extensions, 2)]);
}

/**
 * The signed part of a certificate without the extension that has the timestamps. All else stays byte by byte as it came,
 * since the log signed its hash; the lengths around it are written anew.
 */
function rebuildPrecertificate({ tbs }: Certificate): Buffer {
  const fields = readSequence(readDer(tbs));
  const wrapper = fields.pop();
  const [list] = readSequence(wrapper, wrapper?.tag);
  const kept = readSequence(list).filter((item) => readOid(readSequence(item)[0]) !== certificateTimestampsOid);
  const extensions = derContext(3, derSequence(...kept.map(({ raw }) => raw)));
  return derSequence(...fields.map(({ raw }) => raw), extensions);
}

/** A vector of TLS with its length in so many octets. */
function vector(bytes: Buffer, octets: number): Buffer {
  const length = Buffer.alloc(octets);
  length.writeUIntBE(bytes.length, 0, octets);
  return Buffer.concat([length, bytes]);
}
