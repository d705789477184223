import { CodecError } from '../error.ts';
import { derLimits } from './limits.ts';
import { derTag } from './tag.ts';

/** One value of DER (X.690, section 10): nothing inside it is looked at until it is asked for. */
export interface DerValue {
  /** The identifier octet. */
  readonly tag: number;
  /** Identifier, length and content, exactly as they came: what signatures are made over. */
  readonly raw: Buffer;
  readonly content: Buffer;
}

/**
 * Reads bytes that are one DER value and nothing more.
 *
 * @throws CodecError
 */
export function readDer(bytes: Uint8Array): DerValue {
  if (bytes.length > derLimits.documentBytes) {
    throw new CodecError('LIMIT_EXCEEDED', `The DER has ${bytes.length} bytes, more than ${derLimits.documentBytes}`);
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const value = readAt(buffer, 0);
  if (value.raw.length !== buffer.length) throw malformed('bytes follow the end of the value');
  return value;
}

/** The values inside a constructed one, in order. @throws CodecError */
export function readChildren(parent: DerValue): DerValue[] {
  if ((parent.tag & 0x20) === 0) throw malformed(`a value with tag ${parent.tag} has nothing inside`);
  const children: DerValue[] = [];
  for (let at = 0; at < parent.content.length;) {
    if (children.length === derLimits.children) {
      throw new CodecError('LIMIT_EXCEEDED', `The DER has a list of more than ${derLimits.children} values`);
    }
    const child = readAt(parent.content, at);
    children.push(child);
    at += child.raw.length;
  }
  return children;
}

/** The values inside a value of one tag, `SEQUENCE` where none is named. @throws CodecError */
export function readSequence(value: DerValue | undefined, tag: number = derTag.sequence): DerValue[] {
  return readChildren(expectTag(value, tag));
}

/** The value, when it is there and has the tag. @throws CodecError */
export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (value === undefined) throw malformed(`a value with tag ${tag} is missing`);
  if (value.tag !== tag) throw malformed(`a value has tag ${value.tag} where ${tag} belongs`);
  return value;
}

function readAt(buffer: Buffer, start: number): DerValue {
  const tag = buffer[start];
  const first = buffer[start + 1];
  if (tag === undefined || first === undefined) throw truncated();
  if ((tag & 0x1f) === 0x1f) throw new CodecError('UNSUPPORTED', 'The DER has a tag of several bytes');
  let length = first;
  let at = start + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    // X.690, 10.1: definite lengths only, in as few octets as possible.
    if (count === 0 || count > 4) throw malformed('a length is indefinite or absurd');
    length = 0;
    for (let index = 0; index < count; index += 1, at += 1) {
      const byte = buffer[at];
      if (byte === undefined) throw truncated();
      length = length * 256 + byte;
    }
    if (length < 0x80 || length < 256 ** (count - 1)) throw malformed('a length is longer than it must be');
  }
  if (at + length > buffer.length) throw truncated();
  return { tag, raw: buffer.subarray(start, at + length), content: buffer.subarray(at, at + length) };
}

function malformed(what: string): CodecError {
  return new CodecError('MALFORMED', `The DER cannot be read: ${what}`);
}

function truncated(): CodecError {
  return new CodecError('TRUNCATED', 'The DER ends in the middle of a value');
}
