import { decodeBase64 } from '../../codec/base64/decode.ts';
import { CodecError } from '../../codec/error.ts';
import { readOctets } from '../../codec/der/primitives.ts';
import { readDer } from '../../codec/der/read.ts';
import { parseStrictJson } from '../../codec/json/parse.ts';
import type { Certificate } from './certificate.ts';
import { certificateLimits } from './limits.ts';

/** A log's promise to publish a certificate (RFC 6962, 3.2). */
export interface SignedCertificateTimestamp {
  /** SHA-256 of the log's key. */
  readonly logId: Buffer;
  /** Milliseconds since 1970: what the log signed. */
  readonly timestamp: bigint;
  readonly time: Date;
  /** Logs of the static kind write the index of the leaf here. */
  readonly extensions: Buffer;
  /** Only SHA-256 is allowed (RFC 6962, 2.1.4), with ECDSA or RSA. */
  readonly algorithm: 'ecdsa' | 'rsa';
  readonly signature: Buffer;
}

/** The extension that has the list (RFC 6962, 3.3). */
export const certificateTimestampsOid = '1.3.6.1.4.1.11129.2.4.2';

/**
 * The timestamps that stand in a certificate; none where it has no such extension.
 *
 * @throws CodecError
 */
export function readCertificateTimestamps(certificate: Certificate): readonly SignedCertificateTimestamp[] {
  const value = certificate.extensions.get(certificateTimestampsOid)?.value;
  if (value === undefined) return [];
  const list = new Cursor(new Cursor(readOctets(readDer(value))).takeLast());
  const timestamps: SignedCertificateTimestamp[] = [];
  while (!list.isAtEnd) {
    if (timestamps.length === certificateLimits.certificateTimestamps) {
      throw new CodecError('LIMIT_EXCEEDED', 'The certificate has too many timestamps of logs');
    }
    timestamps.push(parseTimestamp(list.takeVector()));
  }
  return timestamps;
}

/**
 * One timestamp that did not fit into the certificate: as TLS writes it (RFC 6962, 3.2), or in the JSON in which logs
 * answer and Fulcio hands it on (4.1).
 *
 * @throws CodecError
 */
export function parseDetachedTimestamp(bytes: Uint8Array): SignedCertificateTimestamp {
  if (bytes.length > certificateLimits.bytes) {
    throw new CodecError('LIMIT_EXCEEDED', `The timestamp of a log has ${bytes.length} bytes`);
  }
  // The version, which comes first, is zero.
  if (bytes[0] !== 0x7b) return parseTimestamp(Buffer.from(bytes));
  const json = parseStrictJson(bytes, 4) as Readonly<Record<string, unknown>>;
  const { sct_version: version, id, timestamp, extensions = '', signature } = json;
  if (version !== 0) throw unsupportedVersion();
  if (typeof timestamp !== 'number' || !Number.isSafeInteger(timestamp) || timestamp < 0)
    throw malformed('it has no time');
  const logId = decode(id);
  if (logId.length !== 32) throw malformed('its log has no id');
  return {
    logId,
    ...readTime(BigInt(timestamp)),
    extensions: decode(extensions),
    ...readSignature(new Cursor(decode(signature))),
  };
}

function parseTimestamp(bytes: Buffer): SignedCertificateTimestamp {
  const cursor = new Cursor(bytes);
  if (cursor.take(1)[0] !== 0) throw unsupportedVersion();
  const logId = cursor.take(32);
  const time = readTime(cursor.take(8).readBigUInt64BE());
  return { logId, ...time, extensions: cursor.takeVector(), ...readSignature(cursor) };
}

function readTime(timestamp: bigint): Pick<SignedCertificateTimestamp, 'timestamp' | 'time'> {
  const time = new Date(Number(timestamp));
  if (Number.isNaN(time.getTime())) throw malformed('its time is absurd');
  return { timestamp, time };
}

/** `digitally-signed` of TLS 1.2 (RFC 5246, 4.7 and 7.4.1.4.1). */
function readSignature(cursor: Cursor): Pick<SignedCertificateTimestamp, 'algorithm' | 'signature'> {
  const [hash, kind] = cursor.take(2);
  const algorithm = kind === 3 ? 'ecdsa' : kind === 1 ? 'rsa' : undefined;
  if (hash !== 4 || algorithm === undefined) {
    throw new CodecError('UNSUPPORTED', 'The timestamp of a log is signed in a way that is not allowed');
  }
  return { algorithm, signature: cursor.takeLast() };
}

/** Reads the vectors of TLS (RFC 5246, 4.3). */
class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(length: number): Buffer {
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new CodecError('TRUNCATED', 'The timestamp of a log is cut off');
    this.#at += length;
    return this.#bytes.subarray(start, this.#at);
  }

  /** A vector of at most 65,535 octets. */
  takeVector(): Buffer {
    return this.take(this.take(2).readUInt16BE());
  }

  /** Such a vector, when nothing follows it. */
  takeLast(): Buffer {
    const vector = this.takeVector();
    if (!this.isAtEnd) throw malformed('something follows its end');
    return vector;
  }
}

function decode(value: unknown): Buffer {
  if (typeof value !== 'string') throw malformed('a field is not a text');
  return decodeBase64(value);
}

function unsupportedVersion(): CodecError {
  return new CodecError('UNSUPPORTED', 'The timestamp of a log is of an unknown version');
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The timestamp of a log cannot be read: ${what}`);
}
