import type { Executable } from '../../../codec/executable/executable.ts';
import { CatalogError } from '../../error.ts';
import { goLimits } from './limits.ts';
import { PointerReader } from './pointer-reader.ts';
import { malformed, textOf } from './text-of.ts';

/** What the Go linker writes into a program, as text. */
export interface GoBuildInfo {
  /** As `runtime.Version` gives it: `go1.22.1`, with experiments or a vendor's suffix. */
  readonly goVersion: string;
  /** Lines of `debug.BuildInfo`; empty for programs built without modules. */
  readonly modules: string;
}

/** Starts the build info, at a multiple of {@link alignment} (Go: `debug/buildinfo`). */
const marker = Buffer.from('\u00ff Go buildinf:', 'latin1');
const alignment = 16;
const headerSize = 32;
const inlineStrings = 2;
const bigEndian = 1;
/** Sixteen bytes before and after the module list, by which `go version` finds it in the memory of a program. */
const sentinelSize = 16;

/**
 * Finds and decodes the build info of a Go program: in its own section (ELF, Mach-O) or, when there is none (PE,
 * section headers stripped), in the writable segments.
 *
 * @returns undefined when the program holds none: it is not Go, or older than Go 1.13
 * @throws CatalogError MALFORMED, UNSUPPORTED or LIMIT_EXCEEDED when there is build info that cannot be read
 */
export function readGoBuildInfo(program: Executable): GoBuildInfo | undefined {
  const section = program.sections.find((each) => isBuildInfoSection(each.name) && each.bytes.length > 0);
  const regions = section === undefined ? program.segments.filter((each) => each.writable) : [section];
  let failure: unknown;
  for (const candidate of findMarkers(regions)) {
    try {
      return decode(candidate, program);
    } catch (error) {
      if (!(error instanceof CatalogError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

function isBuildInfoSection(name: string): boolean {
  return name === '.go.buildinfo' || name.endsWith(',__go_buildinfo');
}

/**
 * What may be build info, each from its marker on.
 *
 * Segments of a sound program do not overlap, so together they are no larger than the file. Headers can name all of a
 * file 65,535 times.
 *
 * @throws CatalogError LIMIT_EXCEEDED
 */
function* findMarkers(regions: readonly { readonly bytes: Buffer }[]): Generator<Buffer, void, undefined> {
  let searched = 0;
  let found = 0;
  for (const { bytes } of regions) {
    searched += bytes.length;
    if (searched > goLimits.file) {
      throw new CatalogError('LIMIT_EXCEEDED', 'The segments of the program overlap, as no linker lays them; skip it');
    }
    for (let at = bytes.indexOf(marker); at !== -1; at = bytes.indexOf(marker, at + 1)) {
      if (at % alignment !== 0 || at + headerSize > bytes.length) continue;
      if (found === goLimits.markers) return;
      found += 1;
      yield bytes.subarray(at);
    }
  }
}

function decode(bytes: Buffer, program: Executable): GoBuildInfo {
  const flags = bytes[15] ?? 0;
  const [goVersion, modules] =
    (flags & inlineStrings) === 0 ? readPointedStrings(bytes, program) : readInlineStrings(bytes);
  if (!/^(?:go|devel)/.test(goVersion)) throw malformed();
  return { goVersion, modules: stripSentinels(modules) };
}

/** Since Go 1.18: two strings behind the header, each with its length in front as a varint. */
function readInlineStrings(bytes: Buffer): [string, string] {
  const goVersion = readVarint(bytes, headerSize);
  const modules = readVarint(bytes, goVersion.end + goVersion.value);
  return [
    textOf(bytes, goVersion.end, goVersion.value, goLimits.goVersion),
    textOf(bytes, modules.end, modules.value, goLimits.modules),
  ];
}

/** Until Go 1.17: addresses of two string headers, each an address and a length, as wide as the program's pointers. */
function readPointedStrings(bytes: Buffer, program: Executable): [string, string] {
  const size = bytes[14];
  if (size !== 4 && size !== 8) throw malformed();
  const reader = new PointerReader(program.segments, size, ((bytes[15] ?? 0) & bigEndian) !== 0);
  const goVersion = reader.read(bytes, headerSize / 2);
  // Position-independent programs have their pointers filled in when they are loaded.
  if (goVersion === 0) {
    throw new CatalogError(
      'UNSUPPORTED',
      'The Go build info is only reachable in the running program; build the program with Go 1.18 or newer',
    );
  }
  const modules = reader.read(bytes, headerSize / 2 + size);
  return [
    reader.string(goVersion, goLimits.goVersion),
    // A program built outside of any module has no list.
    modules === 0 ? '' : reader.string(modules, goLimits.modules),
  ];
}

function readVarint(bytes: Buffer, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  // Five groups of seven bits hold more than any program has bytes.
  for (let group = 0; group < 5; group++) {
    const byte = bytes[start + group];
    if (byte === undefined) throw malformed();
    value += (byte & 0x7f) * 2 ** (7 * group);
    if (byte < 0x80) return { value, end: start + group + 1 };
  }
  throw malformed();
}

/** Takes the sentinels off, and the text as UTF-8. Without them it is no module list. */
function stripSentinels(modules: string): string {
  const end = modules.length - sentinelSize;
  if (end <= sentinelSize || modules[end - 1] !== '\n') return '';
  return Buffer.from(modules.slice(sentinelSize, end), 'latin1').toString('utf8');
}
