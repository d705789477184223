import { CodecError } from '../../codec/error.ts';

/** A length-delimited field of a protobuf message. */
export interface WireField {
  readonly field: number;
  readonly bytes: Buffer;
}

const maxFields = 1000;

/** One length-delimited field (protobuf.dev, "Encoding"). */
export function encodeField(field: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint((field << 3) | 2), varint(bytes.length), bytes]);
}

/** The length-delimited fields of a message; those of other wire types are passed over. @throws CodecError */
export function readFields(message: Buffer): WireField[] {
  const fields: WireField[] = [];
  let at = 0;
  const next = (): number => {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = message[at];
      if (byte === undefined) throw new CodecError('TRUNCATED', 'The protobuf message ends within a number');
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new CodecError('MALFORMED', 'The protobuf message has a number that is too long');
  };
  while (at < message.length) {
    const tag = next();
    const length = skipLength(tag & 7, next);
    if (at + length > message.length) throw new CodecError('TRUNCATED', 'The protobuf message ends within a field');
    if ((tag & 7) === 2) {
      if (fields.length === maxFields)
        throw new CodecError('LIMIT_EXCEEDED', 'The protobuf message has too many fields');
      fields.push({ field: Math.floor(tag / 8), bytes: message.subarray(at, at + length) });
    }
    at += length;
  }
  return fields;
}

/** The bytes that follow a tag of that wire type. */
function skipLength(wireType: number, next: () => number): number {
  switch (wireType) {
    case 0:
      next();
      return 0;
    case 1:
      return 8;
    case 2:
      return next();
    case 5:
      return 4;
    default:
      throw new CodecError('UNSUPPORTED', `The protobuf message has a field of wire type ${wireType}`);
  }
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
