import { crc32, inflateRawSync } from 'node:zlib';
import { errorMessage } from '../../base/error.ts';
import { CodecError } from '../error.ts';
import { budgetFor, type ZipBudget } from './budget.ts';
import { type CentralDirectory, findCentralDirectory } from './directory.ts';
import { readHeader, type ZipEntry } from './entry.ts';
import { truncated } from './fields.ts';

const localSignature = 0x04034b50;
const localSize = 30;
const stored = 0;
const deflated = 8;
/** No deflate stream gives out more for its size (zlib's technical details: 1032:1). */
const deflateRatio = 1032;
/** Largest piece that the decoder allocates at once. */
const chunkSize = 16 * 1024 * 1024;

/**
 * Opens a zip archive that lies in memory: plain, zip64, with a comment or junk behind and anything before it (programs
 * that carry an archive, self-running Java archives).
 *
 * @param budget what the archive may give out; without one, an amount in proportion to its size
 * @throws CodecError MALFORMED when the bytes are no zip archive
 */
export function openZip(bytes: Buffer, budget: ZipBudget = budgetFor(bytes.length)): ZipArchive {
  const directory = findCentralDirectory(bytes);
  if (directory === undefined) {
    throw new CodecError('MALFORMED', 'The file is no zip archive or its end is cut off; fetch it again');
  }
  return new ZipArchive(bytes, directory, budget);
}

/** True when bytes start as a zip archive does; one with a prefix does not. */
export function isZipMagic(head: Buffer): boolean {
  if (head.length < 4 || head[0] !== 0x50 || head[1] !== 0x4b) return false;
  return (head[2] === 3 && head[3] === 4) || (head[2] === 5 && head[3] === 6);
}

/** A zip archive in memory. */
export class ZipArchive {
  readonly #bytes: Buffer;
  readonly #directory: CentralDirectory;
  readonly #budget: ZipBudget;

  /** Use {@link openZip}. */
  constructor(bytes: Buffer, directory: CentralDirectory, budget: ZipBudget) {
    this.#bytes = bytes;
    this.#directory = directory;
    this.#budget = budget;
  }

  /**
   * The entries in the order of the directory, folders (names that end with `/`) and repeated names included; of
   * entries with one name, Java takes the last.
   *
   * @throws CodecError in the middle of the list when the directory is damaged there or lists too many,
   * at its end when it lists more or fewer than announced
   */
  *entries(): Generator<ZipEntry, void, undefined> {
    const { start, end, entries } = this.#directory;
    let count = 0;
    for (let at = start; at < end; count++) {
      this.#budget.spendEntry();
      const { entry, next } = readHeader(this.#bytes, at, end);
      yield entry;
      at = next;
    }
    // The announced number is 16 bits wide and wraps round in archives of tools that know no zip64.
    if ((count & 0xff_ff) !== (entries & 0xff_ff)) {
      throw new CodecError(
        'MALFORMED',
        'The zip archive does not list as many entries as it announces; fetch it again',
      );
    }
  }

  /**
   * The bytes of an entry; of a stored one they are a view of the archive. Its size and checksum have been verified.
   *
   * @param maxBytes the largest size to accept
   * @throws CodecError UNSUPPORTED for encryption and other compression methods, LIMIT_EXCEEDED, TRUNCATED or MALFORMED;
   * other entries can still be read
   */
  read(entry: ZipEntry, maxBytes: number): Buffer {
    if (entry.encrypted) throw new CodecError('UNSUPPORTED', 'The zip entry is encrypted; it cannot be looked into');
    if (entry.method !== stored && entry.method !== deflated) {
      throw new CodecError('UNSUPPORTED', `The zip entry is compressed by method ${entry.method}, which is not known`);
    }
    if (entry.size > maxBytes) {
      throw new CodecError('LIMIT_EXCEEDED', `The zip entry is larger than ${maxBytes} bytes; look at it by hand`);
    }
    const packed = this.#packed(entry);
    this.#budget.spendBytes(entry.size);
    const bytes = entry.method === stored ? packed : inflate(packed, entry.size);
    if (bytes.length !== entry.size || crc32(bytes) !== entry.crc32) {
      throw new CodecError('MALFORMED', 'The zip entry does not have the size or checksum it announces; it is damaged');
    }
    return bytes;
  }

  #packed(entry: ZipEntry): Buffer {
    const at = this.#directory.prefix + entry.offset;
    if (at + localSize > this.#bytes.length) throw truncated();
    if (this.#bytes.readUInt32LE(at) !== localSignature) {
      throw new CodecError('MALFORMED', 'The zip entry is not where the directory says; the archive is damaged');
    }
    // Sizes in the local header may be missing (APPNOTE.TXT 4.4.4, bit 3); only its own length is taken from it.
    const start = at + localSize + this.#bytes.readUInt16LE(at + 26) + this.#bytes.readUInt16LE(at + 28);
    if (start + entry.compressedSize > this.#bytes.length) throw truncated();
    return this.#bytes.subarray(start, start + entry.compressedSize);
  }
}

function inflate(packed: Buffer, size: number): Buffer {
  if (size > packed.length * deflateRatio) {
    throw new CodecError('MALFORMED', 'The zip entry announces more than its bytes can hold; it is damaged');
  }
  try {
    return inflateRawSync(packed, {
      maxOutputLength: Math.max(size, 1),
      // One byte more than needed lets the decoder see the end without a second piece to join.
      chunkSize: Math.min(Math.max(size + 1, 64), chunkSize),
    });
  } catch (error) {
    throw new CodecError('MALFORMED', `The zip entry cannot be unpacked (${errorMessage(error)}); it is damaged`, {
      cause: error,
    });
  }
}
