import { CodecError } from '../../codec/error.ts';
import { readInteger } from '../../codec/der/primitives.ts';
import { type DerValue, readDer, readSequence } from '../../codec/der/read.ts';
import { derTag } from '../../codec/der/tag.ts';
import { timestampLimits } from './limits.ts';
import { timestampOid } from './object-identifiers.ts';
import { readSignedData, type SignedData } from './signed-data.ts';
import { parseTimestampInfo, type TimestampInfo } from './timestamp-info.ts';

/** A timestamp that was read; nothing of it is verified yet. */
export interface Timestamp {
  readonly info: TimestampInfo;
  readonly signed: SignedData;
}

/**
 * Reads an authority's answer, a `TimeStampResp`, or the `TimeStampToken` in it (RFC 3161, 2.4.2).
 *
 * @throws CodecError
 */
export function parseTimestamp(bytes: Uint8Array): Timestamp {
  if (bytes.length > timestampLimits.bytes) {
    throw new CodecError('LIMIT_EXCEEDED', `The timestamp has ${bytes.length} bytes`);
  }
  const document = readDer(bytes);
  const signed = readSignedData(findToken(document));
  if (signed.contentType !== timestampOid.timestampInfo) throw malformed('it signs something else than a time');
  return { info: parseTimestampInfo(signed.content), signed };
}

/** A token begins with a content type, an answer with a status. */
function findToken(document: DerValue): DerValue {
  const [first, token, ...rest] = readSequence(document);
  if (first?.tag === derTag.oid) return document;
  const status = readInteger(readSequence(first)[0]);
  // 0 is `granted`, 1 `grantedWithMods`; with all others there is no token.
  if ((status !== 0n && status !== 1n) || token === undefined || rest.length > 0) {
    throw malformed(`the authority answered without a token, with the status ${status}`);
  }
  return token;
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The timestamp cannot be read: ${what}`);
}
