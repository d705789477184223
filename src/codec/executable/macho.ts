import { CodecError } from '../error.ts';
import { ByteView } from './byte-view.ts';
import type { Executable, ExecutableSection, ExecutableSegment } from './executable.ts';
import { executableLimits } from './limits.ts';
import { fatMagic, fatMagic64, machoMagic32, machoMagic64 } from './magic.ts';

/** Offsets by width (`mach-o/loader.h`: segment_command, section and their 64-bit kinds). */
const layouts = {
  32: {
    header: 28,
    segmentCommand: 0x1,
    segment: { size: 56, address: 24, offset: 32, bytes: 36, protection: 44, sections: 48 },
    section: { size: 68, address: 32, bytes: 36, offset: 40, flags: 56 },
  },
  64: {
    header: 32,
    segmentCommand: 0x19,
    segment: { size: 72, address: 24, offset: 40, bytes: 48, protection: 60, sections: 64 },
    section: { size: 80, address: 32, bytes: 40, offset: 48, flags: 64 },
  },
} as const;

const writable = 2;
/** Section types without bytes in the file: zero-fill, huge zero-fill, thread-local zero-fill. */
const zeroFill: ReadonlySet<number> = new Set([0x1, 0xc, 0x12]);

/**
 * Reads a Mach-O file, thin or fat; of a fat one, the first architecture that can be read.
 *
 * @throws CodecError when the headers lie outside the file or contradict themselves
 */
export function parseMacho(bytes: Buffer): Executable {
  const magic = bytes.readUInt32BE(0);
  if (magic === fatMagic || magic === fatMagic64) return parseFat(bytes, magic === fatMagic64 ? 64 : 32);
  return parseThin(bytes);
}

function parseFat(bytes: Buffer, bits: 32 | 64): Executable {
  const view = new ByteView(bytes, false, 'Mach-O');
  const count = view.u32(4);
  const size = bits === 64 ? 32 : 20;
  let failure: unknown;
  for (let index = 0; index < count; index++) {
    const entry = 8 + index * size;
    try {
      const offset = view.word(entry + 8, bits);
      const length = view.word(entry + (bits === 64 ? 16 : 12), bits);
      return parseThin(view.slice(offset, length));
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      failure = error;
    }
  }
  throw failure;
}

function parseThin(bytes: Buffer): Executable {
  const kind = bytes.length < 4 ? undefined : readKind(bytes);
  if (kind === undefined) {
    throw new CodecError('MALFORMED', 'The Mach-O file holds a part that is no program; it is damaged');
  }
  const { bits, littleEndian } = kind;
  const layout = layouts[bits];
  const view = new ByteView(bytes, littleEndian, 'Mach-O');
  const count = view.u32(16);
  if (count > executableLimits.loadCommands) {
    throw new CodecError('LIMIT_EXCEEDED', 'The Mach-O header announces too many load commands; skip the file');
  }
  const sections: ExecutableSection[] = [];
  const segments: ExecutableSegment[] = [];
  let at: number = layout.header;
  for (let index = 0; index < count; index++) {
    const size = view.u32(at + 4);
    if (size < 8)
      throw new CodecError('MALFORMED', 'A Mach-O load command has an impossible size; the file is damaged');
    view.require(at, size);
    if (view.u32(at) === layout.segmentCommand) readSegment(view, bits, at, size, sections, segments);
    at += size;
  }
  return { format: 'macho', bits, littleEndian, sections, segments };
}

function readKind(bytes: Buffer): { readonly bits: 32 | 64; readonly littleEndian: boolean } | undefined {
  const big = bytes.readUInt32BE(0);
  if (big === machoMagic32 || big === machoMagic64)
    return { bits: big === machoMagic64 ? 64 : 32, littleEndian: false };
  const little = bytes.readUInt32LE(0);
  if (little === machoMagic32 || little === machoMagic64) {
    return { bits: little === machoMagic64 ? 64 : 32, littleEndian: true };
  }
  return undefined;
}

function readSegment(
  view: ByteView,
  bits: 32 | 64,
  at: number,
  size: number,
  sections: ExecutableSection[],
  segments: ExecutableSegment[],
): void {
  const { segment, section } = layouts[bits];
  const count = size < segment.size ? Number.POSITIVE_INFINITY : view.u32(at + segment.sections);
  if (count * section.size > size - segment.size) {
    throw new CodecError('MALFORMED', 'A Mach-O segment announces more sections than it holds; the file is damaged');
  }
  if (sections.length + count > executableLimits.sections) {
    throw new CodecError('LIMIT_EXCEEDED', 'The Mach-O file announces too many sections; skip the file');
  }
  segments.push({
    address: view.word(at + segment.address, bits),
    writable: (view.u32(at + segment.protection) & writable) !== 0,
    bytes: view.clamp(view.word(at + segment.offset, bits), view.word(at + segment.bytes, bits)),
  });
  for (let index = 0; index < count; index++) {
    const header = at + segment.size + index * section.size;
    const offset = view.u32(header + section.offset);
    const empty = offset === 0 || zeroFill.has(view.u32(header + section.flags) & 0xff);
    sections.push({
      name: `${view.text(header + 16, 16)},${view.text(header, 16)}`,
      address: view.word(header + section.address, bits),
      bytes: empty ? view.clamp(0, 0) : view.slice(offset, view.word(header + section.bytes, bits)),
    });
  }
}
