import { CodecError } from '../error.ts';
import { ByteView } from './byte-view.ts';
import type { Executable, ExecutableSection, ExecutableSegment } from './executable.ts';
import { executableLimits } from './limits.ts';

/** Offsets in the headers by class (System V ABI, "Object Files", Figures 4-3, 4-8 and 5-1). */
const layouts = {
  32: {
    phoff: 28,
    shoff: 32,
    phentsize: 42,
    section: { size: 40, address: 12, offset: 16, bytes: 20, link: 24, info: 28 },
    segment: { size: 32, offset: 4, address: 8, bytes: 16, flags: 24 },
  },
  64: {
    phoff: 32,
    shoff: 40,
    phentsize: 54,
    section: { size: 64, address: 16, offset: 24, bytes: 32, link: 40, info: 44 },
    segment: { size: 56, offset: 8, address: 16, bytes: 32, flags: 4 },
  },
} as const;

const noBits = 8;
const loadable = 1;
const writable = 2;
/** Stands in the 16-bit header field when the real index is in the first section header. */
const extendedIndex = 0xff_ff;

/**
 * Reads an ELF file of either class and byte order, with extended section numbering.
 *
 * @throws CodecError when the tables or a section lie outside the file, or are too many
 */
export function parseElf(bytes: Buffer): Executable {
  const bits = bytes[4] === 1 ? 32 : bytes[4] === 2 ? 64 : undefined;
  const order = bytes[5];
  if (bits === undefined || (order !== 1 && order !== 2)) {
    throw new CodecError('MALFORMED', 'The ELF header names no known class or byte order; the file is damaged');
  }
  const view = new ByteView(bytes, order === 1, 'ELF');
  const counts = readCounts(view, bits);
  return {
    format: 'elf',
    bits,
    littleEndian: order === 1,
    sections: readSections(view, bits, counts),
    segments: readSegments(view, bits, counts),
  };
}

interface Counts {
  readonly sections: number;
  readonly segments: number;
  readonly nameTable: number;
}

function readCounts(view: ByteView, bits: 32 | 64): Counts {
  const { phentsize, shoff, section } = layouts[bits];
  let segments = view.u16(phentsize + 2);
  let sections = view.u16(phentsize + 6);
  let nameTable = view.u16(phentsize + 8);
  const table = view.word(shoff, bits);
  if (table === 0) return { sections: 0, segments, nameTable: 0 };
  // The real numbers stand in the otherwise unused first section header (System V ABI, "Sections").
  if (sections === 0) sections = view.word(table + section.bytes, bits);
  if (nameTable === extendedIndex) nameTable = view.u32(table + section.link);
  if (segments === extendedIndex) segments = view.u32(table + section.info);
  return { sections, segments, nameTable };
}

function readSections(view: ByteView, bits: 32 | 64, counts: Counts): ExecutableSection[] {
  if (counts.sections === 0) return [];
  const { shoff, phentsize, section } = layouts[bits];
  const table = view.word(shoff, bits);
  const size = view.u16(phentsize + 4);
  const count = checkCount(counts.sections, executableLimits.sections, 'sections');
  checkEntrySize(size, section.size);
  view.require(table, count * size);
  const names = counts.nameTable < count ? readNames(view, bits, table + counts.nameTable * size) : undefined;
  const sections: ExecutableSection[] = [];
  for (let index = 0; index < count; index++) {
    const header = table + index * size;
    const kind = view.u32(header + 4);
    // Kind 0 marks a header without a section; the first one is always so.
    if (kind === 0) continue;
    sections.push({
      name: names === undefined ? '' : names.text(view.u32(header), executableLimits.nameBytes),
      address: view.word(header + section.address, bits),
      bytes:
        kind === noBits
          ? view.clamp(0, 0)
          : view.slice(view.word(header + section.offset, bits), view.word(header + section.bytes, bits)),
    });
  }
  return sections;
}

/** The section that holds the names; a name past its end is empty, as in files with stripped tables. */
function readNames(view: ByteView, bits: 32 | 64, header: number): ByteView | undefined {
  const { section } = layouts[bits];
  if (view.u32(header + 4) === noBits) return undefined;
  const bytes = view.slice(view.word(header + section.offset, bits), view.word(header + section.bytes, bits));
  return new ByteView(bytes, view.littleEndian, 'ELF');
}

function readSegments(view: ByteView, bits: 32 | 64, counts: Counts): ExecutableSegment[] {
  if (counts.segments === 0) return [];
  const { phoff, phentsize, segment } = layouts[bits];
  const table = view.word(phoff, bits);
  const size = view.u16(phentsize);
  const count = checkCount(counts.segments, executableLimits.segments, 'segments');
  checkEntrySize(size, segment.size);
  view.require(table, count * size);
  const segments: ExecutableSegment[] = [];
  for (let index = 0; index < count; index++) {
    const header = table + index * size;
    if (view.u32(header) !== loadable) continue;
    segments.push({
      address: view.word(header + segment.address, bits),
      writable: (view.u32(header + segment.flags) & writable) !== 0,
      // Detached debug files keep the program headers of a program whose bytes they do not have.
      bytes: view.clamp(view.word(header + segment.offset, bits), view.word(header + segment.bytes, bits)),
    });
  }
  return segments;
}

function checkCount(count: number, limit: number, what: string): number {
  if (count <= limit) return count;
  throw new CodecError('LIMIT_EXCEEDED', `The ELF header announces more than ${limit} ${what}; skip the file`);
}

function checkEntrySize(size: number, least: number): void {
  if (size >= least) return;
  throw new CodecError('MALFORMED', 'The ELF header announces table entries that are too small; the file is damaged');
}
