/** What a small program for macOS is made of. */
export interface MachoProgram {
  readonly cpu: 'arm64' | 'x64';
  /** Instructions and constants; Node's switch for single files is put before them. */
  readonly text: Buffer;
  /** What Node would run. */
  readonly program: Buffer;
  /** What lies in `__LINKEDIT`: here the starts of functions. */
  readonly linked: Buffer;
  /** Bytes between the load commands and what the first section has. */
  readonly room: number;
}

const page = 0x4000;
const base = 0x1_0000_0000;
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:1';
const roundUp = (length: number): number => Math.ceil(length / page) * page;

/**
 * A Mach-O file (`mach-o/loader.h`) with the segments and the load commands that a single file for macOS has, in small and without a
 * signature. It does nothing when it is started.
 */
export function buildMachoProgram({ cpu, text, program, linked, room }: MachoProgram): Buffer {
  const code = Buffer.concat([Buffer.from(`${fuse}\0`), text]);
  const blob = Buffer.concat([words(0x143_da20), program]);
  const commandsLength = 72 + 152 + 152 + 72 + 24 + 16 + 16;
  const codeAt = 32 + commandsLength + room;
  const textLength = roundUp(codeAt + code.length);
  const blobMemory = roundUp(blob.length);
  const linkedAt = textLength + blobMemory;
  const header = words(0xfeed_facf, cpu === 'arm64' ? 0x100_000c : 0x100_0007, 0, 2, 7, commandsLength, 0x20_0085, 0);
  const commands = [
    segment('__PAGEZERO', [0, base], [0, 0]),
    segment('__TEXT', [base, textLength], [0, textLength], [['__text', codeAt, code.length]]),
    segment(
      'NODE_SEA',
      [base + textLength, blobMemory],
      [textLength, blob.length],
      [['__NODE_SEA_BLOB', textLength, blob.length]],
    ),
    segment('__LINKEDIT', [base + linkedAt, roundUp(linked.length)], [linkedAt, linked.length]),
    words(0x2, 24, 0, 0, 0, 0),
    words(0x26, 16, linkedAt, linked.length),
    words(0x29, 16, linkedAt + linked.length, 0),
  ];
  const bytes = Buffer.alloc(linkedAt + linked.length);
  Buffer.concat([header, ...commands]).copy(bytes);
  code.copy(bytes, codeAt);
  blob.copy(bytes, textLength);
  linked.copy(bytes, linkedAt);
  return bytes;
}

type Range = readonly [from: number, length: number];

function segment(
  name: string,
  memory: Range,
  file: Range,
  sections: readonly (readonly [name: string, from: number, length: number])[] = [],
): Buffer {
  const head = [words(0x19, 72 + sections.length * 80), named(name), wide(...memory, ...file)];
  const contents = sections.map(([section, from, length]) =>
    Buffer.concat([
      named(section),
      named(name),
      wide(memory[0] + from - file[0], length),
      words(from, 0, 0, 0, 0, 0, 0, 0),
    ]),
  );
  return Buffer.concat([...head, words(5, 5, sections.length, 0), ...contents]);
}

function named(name: string): Buffer {
  return Buffer.alloc(16).fill(Buffer.from(`${name}\0`), 0, Math.min(16, name.length));
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}

function wide(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), index * 8);
  return bytes;
}
