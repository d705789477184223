import { CodecError } from '../error.ts';
import { ByteView } from './byte-view.ts';
import type { Executable, ExecutableSection, ExecutableSegment } from './executable.ts';
import { executableLimits } from './limits.ts';

const signature = 0x00_00_45_50;
const sectionHeaderSize = 40;
const symbolSize = 18;
const writable = 0x8000_0000;

/**
 * Reads a PE file (Microsoft's "PE Format" document), 32 and 64 bits. Sections double as segments; both are cut at the
 * end of the file, as linkers pad sizes to the file alignment without writing the padding.
 *
 * @returns undefined for a DOS program without a PE part
 * @throws CodecError when the headers lie outside the file or contradict themselves
 */
export function parsePe(bytes: Buffer): Executable | undefined {
  const view = new ByteView(bytes, true, 'PE');
  if (!view.holds(0x3c, 4)) return undefined;
  const start = view.u32(0x3c);
  if (!view.holds(start, 4) || view.u32(start) !== signature) return undefined;
  const coff = start + 4;
  const count = view.u16(coff + 2);
  const optionalSize = view.u16(coff + 16);
  const optional = coff + 20;
  const magic = optionalSize >= 2 ? view.u16(optional) : 0x10b;
  if (magic !== 0x10b && magic !== 0x20b) {
    throw new CodecError('MALFORMED', 'The PE optional header is of no known kind; the file is damaged');
  }
  const bits = magic === 0x20b ? 64 : 32;
  const base = optionalSize < 32 ? 0 : bits === 64 ? view.u64(optional + 24) : view.u32(optional + 28);
  const headers = optional + optionalSize;
  view.require(headers, count * sectionHeaderSize);
  // The string table follows the symbols; without symbols there is none (PE Format, "COFF String Table").
  const symbols = view.u32(coff + 8);
  const strings = symbols === 0 ? undefined : symbols + view.u32(coff + 12) * symbolSize;
  const sections: ExecutableSection[] = [];
  const segments: ExecutableSegment[] = [];
  for (let index = 0; index < count; index++) {
    const header = headers + index * sectionHeaderSize;
    const virtualSize = view.u32(header + 8);
    const rawSize = view.u32(header + 16);
    const contents = view.clamp(view.u32(header + 20), virtualSize === 0 ? rawSize : Math.min(rawSize, virtualSize));
    const address = base + view.u32(header + 12);
    sections.push({ name: readName(view, header, strings), address, bytes: contents });
    segments.push({ address, writable: (view.u32(header + 36) & writable) !== 0, bytes: contents });
  }
  return { format: 'pe', bits, littleEndian: true, sections, segments };
}

/** Names longer than eight bytes stand in the string table, the header holding `/` and a decimal offset. */
function readName(view: ByteView, header: number, strings: number | undefined): string {
  const name = view.text(header, 8);
  if (strings === undefined || !/^\/\d{1,7}$/.test(name)) return name;
  const at = strings + Number(name.slice(1));
  return view.holds(at, 1) ? view.text(at, executableLimits.nameBytes) : name;
}
