import { CodecError } from '../error.ts';
import { readSize, truncated } from './fields.ts';
import { zipLimits } from './limits.ts';

/** A file of an archive as the central directory describes it. */
export interface ZipEntry {
  /**
   * With `/` between parts, as stored: it may begin with `/`, hold `..`, or repeat. UTF-8 where the bytes are that,
   * else latin1. Never to be joined to a path on disk.
   */
  readonly name: string;
  /** Compression method (APPNOTE.TXT 4.4.5): 0 stored, 8 deflated. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc32: number;
  /** Bytes in the archive. */
  readonly compressedSize: number;
  /** Bytes once read, as announced; {@link ZipArchive.read} holds the entry to it. */
  readonly size: number;
  /** Offset of the local header from the start of the archive, without what stands before that. */
  readonly offset: number;
}

/** One header of the central directory, and where the next one starts. */
export interface ZipHeader {
  readonly entry: ZipEntry;
  readonly next: number;
}

const headerSignature = 0x02014b50;
const headerSize = 46;
const zip64Field = 0x0001;
/** Bits of the general purpose flag: encrypted, strongly encrypted, masked headers (APPNOTE.TXT 4.4.4). */
const encryptionFlags = 0x2041;

/**
 * Reads the central directory header at an offset (APPNOTE.TXT 4.3.12).
 *
 * @throws CodecError MALFORMED, TRUNCATED or LIMIT_EXCEEDED
 */
export function readHeader(bytes: Buffer, at: number, end: number): ZipHeader {
  if (at + headerSize > end) throw truncated();
  if (bytes.readUInt32LE(at) !== headerSignature) {
    throw new CodecError('MALFORMED', 'The directory of the zip archive is damaged; fetch the archive again');
  }
  const nameSize = bytes.readUInt16LE(at + 28);
  const extraSize = bytes.readUInt16LE(at + 30);
  const name = at + headerSize;
  const extra = name + nameSize;
  const next = extra + extraSize + bytes.readUInt16LE(at + 32);
  if (next > end) throw truncated();
  if (nameSize > zipLimits.nameBytes) {
    throw new CodecError('LIMIT_EXCEEDED', 'The zip archive holds a name of absurd length; skip the archive');
  }
  const sizes = readSizes(bytes, at, extra, extra + extraSize);
  return {
    next,
    entry: {
      name: decodeName(bytes, name, extra),
      method: bytes.readUInt16LE(at + 10),
      encrypted: (bytes.readUInt16LE(at + 8) & encryptionFlags) !== 0,
      crc32: bytes.readUInt32LE(at + 16),
      ...sizes,
    },
  };
}

interface Sizes {
  readonly compressedSize: number;
  readonly size: number;
  readonly offset: number;
}

/** Sizes of all ones stand in the zip64 field, in this order, and only those do (APPNOTE.TXT 4.5.3). */
function readSizes(bytes: Buffer, at: number, extra: number, extraEnd: number): Sizes {
  let compressedSize = bytes.readUInt32LE(at + 20);
  let size = bytes.readUInt32LE(at + 24);
  let offset = bytes.readUInt32LE(at + 42);
  if (size !== 0xffff_ffff && compressedSize !== 0xffff_ffff && offset !== 0xffff_ffff) {
    return { compressedSize, size, offset };
  }
  for (let field = extra; field + 4 <= extraEnd;) {
    const fieldEnd = field + 4 + bytes.readUInt16LE(field + 2);
    if (bytes.readUInt16LE(field) === zip64Field && fieldEnd <= extraEnd) {
      let value = field + 4;
      const take = (short: number): number => {
        if (short !== 0xffff_ffff || value + 8 > fieldEnd) return short;
        value += 8;
        return readSize(bytes, value - 8);
      };
      size = take(size);
      compressedSize = take(compressedSize);
      offset = take(offset);
      break;
    }
    field = fieldEnd;
  }
  return { compressedSize, size, offset };
}

/** The flag that promises UTF-8 is set and left out at random by writers, so the bytes themselves decide. */
function decodeName(bytes: Buffer, start: number, end: number): string {
  const name = bytes.toString('utf8', start, end);
  return name.includes('\uFFFD') ? bytes.toString('latin1', start, end) : name;
}
