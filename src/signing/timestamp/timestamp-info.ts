import { CodecError } from '../../codec/error.ts';
import {
  readBoolean,
  readInteger,
  readIntegerBytes,
  readOctets,
  readOid,
  readTime,
} from '../../codec/der/primitives.ts';
import { type DerValue, expectTag, readChildren, readDer, readSequence } from '../../codec/der/read.ts';
import { contextTag, derTag } from '../../codec/der/tag.ts';
import { type GeneralName, readGeneralName } from '../certificate/general-name.ts';
import { readHashAlgorithm } from '../certificate/signature-algorithm.ts';
import type { HashAlgorithm } from '../key/key-type.ts';

/** What an authority says when it stamps something (RFC 3161, 2.4.2, `TSTInfo`). */
export interface TimestampInfo {
  readonly policy: string;
  /** The digest of what was stamped. */
  readonly imprint: { readonly algorithm: HashAlgorithm; readonly digest: Buffer };
  readonly serialNumber: Buffer;
  /** To the millisecond; authorities may write more digits. */
  readonly time: Date;
  /** By how much the time may be wrong. */
  readonly accuracy?: { readonly seconds: number; readonly milliseconds: number; readonly microseconds: number };
  /** Whether the authority's timestamps can be ordered by their times alone. */
  readonly isOrdered: boolean;
  /** What was asked with. */
  readonly nonce?: bigint;
  /** The authority, as it calls itself. */
  readonly authority?: GeneralName;
}

const digestBytes: Readonly<Record<HashAlgorithm, number>> = { sha256: 32, sha384: 48, sha512: 64 };

/**
 * Reads what an authority signed.
 *
 * @throws CodecError
 */
export function parseTimestampInfo(content: Uint8Array): TimestampInfo {
  const fields = readSequence(readDer(content));
  const version = readInteger(fields.shift());
  if (version !== 1n) throw new CodecError('UNSUPPORTED', `The timestamp has the version ${version}`);
  const policy = readOid(fields.shift());
  const imprint = readImprint(fields.shift());
  const serialNumber = readIntegerBytes(fields.shift());
  const time = readTime(expectTag(fields.shift(), derTag.generalizedTime));
  const take = (tag: number): DerValue | undefined => (fields[0]?.tag === tag ? fields.shift() : undefined);
  const accuracy = take(derTag.sequence);
  const ordering = take(derTag.boolean);
  const nonce = take(derTag.integer);
  const authority = take(contextTag(0, true));
  const extensions = take(contextTag(1, true));
  if (fields.length > 0) throw malformed('it has fields that do not exist or are out of order');
  if (extensions !== undefined) refuseCriticalExtensions(extensions);
  return {
    policy,
    imprint,
    serialNumber,
    time,
    ...(accuracy === undefined ? {} : { accuracy: readAccuracy(accuracy) }),
    isOrdered: ordering !== undefined && readBoolean(ordering),
    ...(nonce === undefined ? {} : { nonce: readInteger(nonce) }),
    ...(authority === undefined ? {} : { authority: readGeneralName(readDer(authority.content)) }),
  };
}

function readImprint(value: DerValue | undefined): TimestampInfo['imprint'] {
  const [type, hash, ...rest] = readSequence(value);
  const algorithm = readHashAlgorithm(type);
  const digest = readOctets(hash);
  if (digest.length !== digestBytes[algorithm] || rest.length > 0) throw malformed('its imprint is not a digest');
  return { algorithm, digest };
}

function readAccuracy(value: DerValue): NonNullable<TimestampInfo['accuracy']> {
  const fields = readSequence(value);
  const take = (tag: number, most: number): number => {
    if (fields[0]?.tag !== tag) return 0;
    const bytes = readIntegerBytes(fields.shift(), tag);
    const number = bytes.length > 4 || (bytes[0] as number) >= 0x80 ? Number.NaN : bytes.readUIntBE(0, bytes.length);
    if (!(number <= most)) throw malformed('its accuracy is absurd');
    return number;
  };
  const seconds = take(derTag.integer, 0x7fff_ffff);
  const milliseconds = take(contextTag(0, false), 999);
  const microseconds = take(contextTag(1, false), 999);
  if (fields.length > 0) throw malformed('its accuracy has fields that do not exist or are out of order');
  return { seconds, milliseconds, microseconds };
}

/** None is known, so a critical one is not understood. */
function refuseCriticalExtensions(list: DerValue): void {
  for (const item of readChildren(list)) {
    const [type, critical, value] = readSequence(item);
    if (value === undefined || !readBoolean(critical)) continue;
    throw new CodecError(
      'UNSUPPORTED',
      `The timestamp has a critical extension that is not understood: ${readOid(type)}`,
    );
  }
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The timestamp cannot be read: ${what}`);
}
