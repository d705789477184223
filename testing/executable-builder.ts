/** A section to write into a program; the writable ones make up its writable segments. */
export interface ProgramPart {
  readonly name: string;
  readonly content: Buffer;
  readonly address?: number;
  readonly writable?: boolean;
  /** Has an address and a size but no bytes in the file. */
  readonly empty?: boolean;
}

/** Width and byte order of a program to write. */
export interface ProgramKind {
  readonly bits: 32 | 64;
  readonly littleEndian: boolean;
}

class Writer {
  readonly bytes: Buffer;
  readonly #kind: ProgramKind;
  #at = 0;

  constructor(size: number, kind: ProgramKind) {
    this.bytes = Buffer.alloc(size);
    this.#kind = kind;
  }

  raw(bytes: Buffer | string, size: number): this {
    Buffer.from(bytes).copy(this.bytes, this.#at);
    this.#at += size;
    return this;
  }

  u16(...values: readonly number[]): this {
    for (const value of values) {
      if (this.#kind.littleEndian) this.bytes.writeUInt16LE(value, this.#at);
      else this.bytes.writeUInt16BE(value, this.#at);
      this.#at += 2;
    }
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) {
      if (this.#kind.littleEndian) this.bytes.writeUInt32LE(value, this.#at);
      else this.bytes.writeUInt32BE(value, this.#at);
      this.#at += 4;
    }
    return this;
  }

  /** Numbers as wide as an address. */
  word(...values: readonly number[]): this {
    if (this.#kind.bits === 32) return this.u32(...values);
    for (const value of values) {
      if (this.#kind.littleEndian) this.bytes.writeBigUInt64LE(BigInt(value), this.#at);
      else this.bytes.writeBigUInt64BE(BigInt(value), this.#at);
      this.#at += 8;
    }
    return this;
  }
}

/** Places contents one after another from an offset on, at multiples of 16. */
function place(parts: readonly ProgramPart[], start: number): { readonly offsets: number[]; readonly end: number } {
  const offsets: number[] = [];
  let end = start;
  for (const part of parts) {
    end = Math.ceil(end / 16) * 16;
    offsets.push(end);
    if (part.empty !== true) end += part.content.length;
  }
  return { offsets, end };
}

/** Writes an ELF file whose parts are one section and one loaded segment each. */
export function buildElf(kind: ProgramKind, parts: readonly ProgramPart[], stripped = false): Buffer {
  const wide = kind.bits === 64;
  const [headerSize, segmentSize, sectionSize] = wide ? [64, 56, 64] : [52, 32, 40];
  const names = Buffer.from(`\0${parts.map((part) => `${part.name}\0`).join('')}.shstrtab\0`, 'latin1');
  const all: readonly ProgramPart[] = [...parts, { name: '.shstrtab', content: names }];
  const { offsets, end } = place(all, headerSize + segmentSize * parts.length);
  const table = Math.ceil(end / 16) * 16;
  const size = stripped ? end : table + sectionSize * (all.length + 1);
  const writer = new Writer(size, kind);
  writer.raw(Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, kind.littleEndian ? 1 : 2, 1]), 16);
  writer.u16(2, 62).u32(1);
  writer.word(0, headerSize, stripped ? 0 : table).u32(0);
  writer.u16(headerSize, segmentSize, parts.length, sectionSize, stripped ? 0 : all.length + 1);
  writer.u16(stripped ? 0 : all.length);
  for (const [index, part] of parts.entries()) {
    const flags = part.writable === true ? 6 : 4;
    const length = part.empty === true ? 0 : part.content.length;
    writer.u32(1);
    if (wide) writer.u32(flags);
    writer.word(offsets[index] ?? 0, part.address ?? 0, part.address ?? 0, length, part.content.length);
    if (!wide) writer.u32(flags);
    writer.word(16);
  }
  for (const [index, part] of all.entries()) part.content.copy(writer.bytes, offsets[index]);
  if (stripped) return writer.bytes;
  const sections = new Writer(sectionSize * (all.length + 1), kind).raw('', sectionSize);
  let name = 1;
  for (const [index, part] of all.entries()) {
    sections
      .u32(name, part.empty === true ? 8 : 1)
      .word(0, part.address ?? 0, offsets[index] ?? 0, part.content.length);
    sections.u32(0, 0).word(16, 0);
    name += part.name.length + 1;
  }
  sections.bytes.copy(writer.bytes, table);
  return writer.bytes;
}

/** Writes a PE file; names of more than eight bytes go through its string table. */
export function buildPe(bits: 32 | 64, imageBase: number, parts: readonly ProgramPart[]): Buffer {
  const kind: ProgramKind = { bits, littleEndian: true };
  const optionalSize = bits === 64 ? 112 : 96;
  const start = 0x80 + 24 + optionalSize + parts.length * 40;
  const { offsets, end } = place(parts, start);
  const strings = Buffer.from(`0000${parts.map((part) => `${part.name}\0`).join('')}`, 'latin1');
  const writer = new Writer(end + strings.length, kind);
  writer.raw('MZ', 0x3c).u32(0x80).raw('', 0x40);
  writer.raw('PE', 4).u16(0x8664, parts.length).u32(0, end, 0).u16(optionalSize, 0);
  if (bits === 64)
    writer
      .u16(0x20b)
      .raw('', 22)
      .word(imageBase)
      .raw('', optionalSize - 32);
  else
    writer
      .u16(0x10b)
      .raw('', 26)
      .word(imageBase)
      .raw('', optionalSize - 32);
  let name = 4;
  for (const [index, part] of parts.entries()) {
    writer.raw(part.name.length > 8 ? `/${name}` : part.name, 8);
    writer.u32(part.content.length, part.address ?? 0, part.empty === true ? 0 : part.content.length);
    writer.u32(offsets[index] ?? 0, 0, 0, 0, part.writable === true ? 0xc000_0040 : 0x4000_0040);
    name += part.name.length + 1;
  }
  for (const [index, part] of parts.entries()) if (part.empty !== true) part.content.copy(writer.bytes, offsets[index]);
  strings.copy(writer.bytes, end);
  return writer.bytes;
}

/** Writes a thin Mach-O file; a part's name is `segment,section`, and each gets a segment of its own. */
export function buildMacho(kind: ProgramKind, parts: readonly ProgramPart[]): Buffer {
  const wide = kind.bits === 64;
  const [headerSize, segmentSize, sectionSize] = wide ? [32, 72, 80] : [28, 56, 68];
  const commands = parts.length * (segmentSize + sectionSize);
  const { offsets, end } = place(parts, headerSize + commands);
  const writer = new Writer(end, kind);
  writer.u32(wide ? 0xfe_ed_fa_cf : 0xfe_ed_fa_ce, 7, 3, 2, parts.length, commands, 0);
  if (wide) writer.u32(0);
  for (const [index, part] of parts.entries()) {
    const [segment = '', section = ''] = part.name.split(',');
    const length = part.empty === true ? 0 : part.content.length;
    const protection = part.writable === true ? 3 : 1;
    const at = offsets[index] ?? 0;
    writer.u32(wide ? 0x19 : 1, segmentSize + sectionSize).raw(segment, 16);
    writer.word(part.address ?? 0, part.content.length, at, length).u32(protection, protection, 1, 0);
    writer
      .raw(section, 16)
      .raw(segment, 16)
      .word(part.address ?? 0, part.content.length);
    writer.u32(at, 4, 0, 0, part.empty === true ? 1 : 0, 0, 0);
    if (wide) writer.u32(0);
  }
  for (const [index, part] of parts.entries()) if (part.empty !== true) part.content.copy(writer.bytes, offsets[index]);
  return writer.bytes;
}

/** Joins thin Mach-O files into a fat one. */
export function buildFatMacho(parts: readonly Buffer[], bits: 32 | 64 = 32): Buffer {
  const entrySize = bits === 64 ? 32 : 20;
  const { offsets, end } = place(
    parts.map((content) => ({ name: '', content })),
    8 + parts.length * entrySize,
  );
  const writer = new Writer(end, { bits, littleEndian: false });
  writer.u32(bits === 64 ? 0xca_fe_ba_bf : 0xca_fe_ba_be, parts.length);
  for (const [index, part] of parts.entries()) {
    writer
      .u32(7, 3)
      .word(offsets[index] ?? 0, part.length)
      .u32(4);
    if (bits === 64) writer.u32(0);
  }
  for (const [index, part] of parts.entries()) part.copy(writer.bytes, offsets[index]);
  return writer.bytes;
}
