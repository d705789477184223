import { crc32, deflateRawSync } from 'node:zlib';

/** An entry to write, with what shall be wrong or unusual about it. */
export interface ZipPart {
  readonly name: string | Buffer;
  readonly content?: string | Buffer;
  /** Compress the content; it is stored otherwise. */
  readonly deflate?: boolean;
  /** Method to claim instead of the true one. */
  readonly method?: number;
  readonly flags?: number;
  /** Checksum and size to claim instead of the true ones. */
  readonly crc32?: number;
  readonly size?: number;
  /** Take the bytes of the part with this index instead of own ones. */
  readonly shares?: number;
  /** Write sizes and offset into a zip64 field. */
  readonly zip64?: boolean;
  /** Leave sizes and checksum out of the local header, as writers of streams do. */
  readonly streamed?: boolean;
}

/** What stands around the entries. */
export interface ZipFrame {
  readonly prefix?: Buffer;
  /** Count the prefix in the offsets, as `zip -A` does. */
  readonly adjusted?: boolean;
  readonly comment?: string;
  readonly junk?: Buffer;
  /** End the directory with a zip64 record. */
  readonly zip64?: boolean;
  /** Number of entries to claim instead of the true one. */
  readonly count?: number;
}

/** Writes a zip archive, well-formed unless a part or the frame says otherwise. */
export function buildZip(parts: readonly ZipPart[], frame: ZipFrame = {}): Buffer {
  const prefix = frame.prefix ?? Buffer.alloc(0);
  const shift = frame.adjusted === true ? prefix.length : 0;
  const locals: Buffer[] = [];
  const headers: Buffer[] = [];
  const offsets: number[] = [];
  let offset = 0;
  for (const part of parts) {
    const written = writePart(part, parts, offset + shift, offsets);
    offsets.push(part.shares === undefined ? offset + shift : (offsets[part.shares] ?? 0));
    if (part.shares === undefined) {
      locals.push(written.local);
      offset += written.local.length;
    }
    headers.push(written.header);
  }
  const directory = Buffer.concat(headers);
  const end = writeEnd(frame, parts.length, directory.length, offset + shift);
  return Buffer.concat([prefix, ...locals, directory, ...end, frame.junk ?? Buffer.alloc(0)]);
}

function writePart(
  part: ZipPart,
  parts: readonly ZipPart[],
  offset: number,
  offsets: readonly number[],
): { readonly local: Buffer; readonly header: Buffer } {
  const source = part.shares === undefined ? part : (parts[part.shares] ?? part);
  const name = Buffer.from(part.name);
  const content = Buffer.from(source.content ?? '');
  const body = source.deflate === true ? deflateRawSync(content) : content;
  const at = part.shares === undefined ? offset : (offsets[part.shares] ?? 0);
  const size = part.size ?? content.length;
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(20, 0);
  fields.writeUInt16LE(part.flags ?? 0, 2);
  fields.writeUInt16LE(part.method ?? (source.deflate === true ? 8 : 0), 4);
  fields.writeUInt32LE(part.crc32 ?? crc32(content), 10);
  fields.writeUInt32LE(part.zip64 === true ? 0xffff_ffff : body.length, 14);
  fields.writeUInt32LE(part.zip64 === true ? 0xffff_ffff : size, 18);
  fields.writeUInt16LE(name.length, 22);
  const localFields = Buffer.from(fields);
  if (part.streamed === true) localFields.fill(0, 10, 22);
  const extra = part.zip64 === true ? zip64Field(size, body.length, at) : Buffer.alloc(0);
  fields.writeUInt16LE(extra.length, 24);
  const tail = Buffer.alloc(14);
  tail.writeUInt32LE(part.zip64 === true ? 0xffff_ffff : at, 10);
  return {
    local: Buffer.concat([Buffer.from('PK\u0003\u0004'), localFields, name, body]),
    header: Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), fields, tail, name, extra]),
  };
}

function zip64Field(...values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + values.length * 8);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(values.length * 8, 2);
  for (const [index, value] of values.entries()) field.writeBigUInt64LE(BigInt(value), 4 + index * 8);
  return field;
}

function writeEnd(frame: ZipFrame, entries: number, size: number, offset: number): Buffer[] {
  const count = frame.count ?? entries;
  const comment = Buffer.from(frame.comment ?? '');
  const end = Buffer.alloc(18);
  end.writeUInt16LE(frame.zip64 === true ? 0xff_ff : count & 0xff_ff, 4);
  end.writeUInt16LE(frame.zip64 === true ? 0xff_ff : count & 0xff_ff, 6);
  end.writeUInt32LE(frame.zip64 === true ? 0xffff_ffff : size, 8);
  end.writeUInt32LE(frame.zip64 === true ? 0xffff_ffff : offset, 12);
  end.writeUInt16LE(comment.length, 16);
  const plain = [Buffer.from('PK\u0005\u0006'), end, comment];
  if (frame.zip64 !== true) return plain;
  const large = Buffer.alloc(56);
  large.write('PK\u0006\u0006', 0, 'latin1');
  large.writeBigUInt64LE(44n, 4);
  large.writeBigUInt64LE(BigInt(count), 24);
  large.writeBigUInt64LE(BigInt(count), 32);
  large.writeBigUInt64LE(BigInt(size), 40);
  large.writeBigUInt64LE(BigInt(offset), 48);
  const locator = Buffer.alloc(20);
  locator.write('PK\u0006\u0007', 0, 'latin1');
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  locator.writeUInt32LE(1, 16);
  return [large, locator, ...plain];
}
