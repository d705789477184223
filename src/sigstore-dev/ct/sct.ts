import { derTag } from '../../codec/der/tag.ts';
import { derValue } from '../../codec/der/write.ts';
import { extension } from '../../codec/x509/extension.ts';

/** What a certificate log promises: to hold a certificate (RFC 6962, 3.2). */
export interface SignedCertificateTimestamp {
  readonly logId: Buffer;
  /** Milliseconds since 1970. */
  readonly timestamp: bigint;
  /** ECDSA in DER, over SHA-256. */
  readonly signature: Buffer;
}

/** What was promised for: a whole certificate, or what will be one once the promise is in it. */
export type LoggedCertificate =
  | { readonly kind: 'certificate'; readonly der: Buffer }
  | { readonly kind: 'precertificate'; readonly tbs: Buffer; readonly issuerKeyHash: Buffer };

const sha256Ecdsa = Buffer.from([4, 3]);

/** What the log signs (RFC 6962, 3.2: version 1, `certificate_timestamp`, the entry, no extensions). */
export function encodeSignedPart(timestamp: bigint, logged: LoggedCertificate): Buffer {
  const entry =
    logged.kind === 'certificate'
      ? [uint(0n, 2), withLength(logged.der, 3)]
      : [uint(1n, 2), logged.issuerKeyHash, withLength(logged.tbs, 3)];
  return Buffer.concat([Buffer.from([0, 0]), uint(timestamp, 8), ...entry, uint(0n, 2)]);
}

/** A `SignedCertificateTimestamp` in TLS encoding. */
function encodeSct({ logId, timestamp, signature }: SignedCertificateTimestamp): Buffer {
  const signed = Buffer.concat([sha256Ecdsa, withLength(signature, 2)]);
  return Buffer.concat([Buffer.from([0]), logId, uint(timestamp, 8), uint(0n, 2), signed]);
}

/** The extension that embeds promises in a certificate (RFC 6962, 3.3). */
export function sctListExtension(scts: readonly SignedCertificateTimestamp[]): Buffer {
  const list = withLength(Buffer.concat(scts.map((sct) => withLength(encodeSct(sct), 2))), 2);
  return extension('1.3.6.1.4.1.11129.2.4.2', false, derValue(derTag.octetString, list));
}

/** A promise beside its certificate, as Fulcio hands it out (RFC 6962, 4.1, in JSON). */
export function detachedSctJson({ logId, timestamp, signature }: SignedCertificateTimestamp): string {
  return JSON.stringify({
    sct_version: 0,
    id: logId.toString('base64'),
    timestamp: Number(timestamp),
    extensions: '',
    signature: Buffer.concat([sha256Ecdsa, withLength(signature, 2)]).toString('base64'),
  });
}

function uint(value: bigint, bytes: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(value);
  return buffer.subarray(8 - bytes);
}

function withLength(bytes: Buffer, lengthBytes: number): Buffer {
  return Buffer.concat([uint(BigInt(bytes.length), lengthBytes), bytes]);
}
