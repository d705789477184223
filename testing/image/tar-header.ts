/** The fields of one header block. */
export interface HeaderFields {
  /** One character a byte: names beyond ASCII are given as latin-1 of their UTF-8. */
  readonly name: string;
  readonly prefix: string;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtime: number;
  readonly size: number;
  readonly base256Size: boolean;
  readonly type: string;
  /** Magic and version, 8 bytes; empty for the format of Unix version 7. */
  readonly magic: string;
  readonly device?: readonly [number, number] | undefined;
  /** Bytes that the old GNU sparse format puts where the prefix stands, from 386 on. */
  readonly tail?: Buffer | undefined;
}

/** Writes one header block with its checksum (POSIX pax, "ustar Interchange Format"). */
export function headerBlock(fields: HeaderFields): Buffer {
  const block = Buffer.alloc(512);
  block.write(fields.name.slice(0, 100), 0, 100, encodingOf(fields.name));
  block.write(octal(fields.mode, 8), 100, 'latin1');
  block.write(octal(fields.uid, 8), 108, 'latin1');
  block.write(octal(fields.gid, 8), 116, 'latin1');
  if (fields.base256Size) writeBase256(block, 124, 12, fields.size);
  else block.write(octal(fields.size, 12), 124, 'latin1');
  block.write(octal(fields.mtime, 12), 136, 'latin1');
  block.fill(0x20, 148, 156);
  block.write(fields.type, 156, 1, 'latin1');
  block.write(fields.linkName, 157, 100, 'utf8');
  block.write(fields.magic, 257, 8, 'latin1');
  if (fields.device !== undefined) {
    block.write(octal(fields.device[0], 8), 329, 'latin1');
    block.write(octal(fields.device[1], 8), 337, 'latin1');
  }
  block.write(fields.prefix, 345, 155, 'utf8');
  fields.tail?.copy(block, 386);
  return sealHeader(block);
}

/** Writes the checksum of a header that was changed by hand. */
export function sealHeader(block: Buffer): Buffer {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block.subarray(0, 512)) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
  return block;
}

/** A number in octal digits with a NUL after it, as wide as its field. */
export function octal(value: number, width: number): string {
  return `${value
    .toString(8)
    .padStart(width - 1, '0')
    .slice(-(width - 1))}\0`;
}

/** The zeros that fill the last block of a body. */
export function padding(length: number): Buffer {
  return Buffer.alloc((512 - (length % 512)) % 512);
}

function writeBase256(block: Buffer, start: number, length: number, value: number): void {
  let rest = BigInt(value);
  for (let at = start + length - 1; at >= start; at -= 1) {
    block[at] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  block[start] = (block[start] as number) | 0x80;
}

function encodingOf(name: string): 'latin1' | 'utf8' {
  return /^[\x00-\xff]*$/.test(name) ? 'latin1' : 'utf8';
}
