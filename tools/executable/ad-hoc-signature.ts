import { createHash } from 'node:crypto';

/** What is signed, and what is said of it. */
export interface SignedCode {
  /** What it is called: ASCII without NUL. */
  readonly identifier: string;
  /** Length of all that is signed, which is all that lies before the signature, in bytes; below 2^32. */
  readonly length: number;
  /** Where the segment with the program's instructions begins in the file, and how long it is there, in bytes. */
  readonly text: { readonly offset: number; readonly length: number };
}

// Names and numbers are those of `osfmk/kern/cs_blobs.h` in Apple's xnu. All numbers of a signature are big-endian.
const embeddedSignature = 0xfade_0cc0;
const codeDirectory = { magic: 0xfade_0c02, slot: 0 } as const;
const requirements = { magic: 0xfade_0c01, slot: 2 } as const;
const blobWrapper = { magic: 0xfade_0b01, slot: 0x1_0000 } as const;

/** CS_SUPPORTSEXECSEG: the version of a code directory that tells of the executable segment, and of nothing after that. */
const version = 0x2_0400;
/** Length of a code directory of this version before its identifier. */
const headLength = 88;
/**
 * CS_ADHOC alone, as `codesign --sign -` has it. CS_RUNTIME would forbid the memory that V8 writes code to, which the signature of Node
 * itself has entitlements for; without that flag nobody asks for them. CS_LINKER_SIGNED would be untrue.
 */
const adHoc = 0x2;
/** CS_EXECSEG_MAIN_BINARY. */
const mainBinary = 1n;
const sha256 = { type: 2, length: 32 } as const;
/**
 * Hashed pages have 2^12 bytes, on all processors: so it is in Node's own signatures and in those of linkers. They need not be as large as
 * those of memory (codesign takes 2^14 for arm64 too).
 */
const pageShift = 12;
const pageLength = 1 << pageShift;

/** Magic, length and count, then slot and offset of three blobs. */
const indexLength = 12 + 3 * 8;
/** No requirements: magic, length, and that there are none. */
const noRequirements = words(requirements.magic, 12, 0);
/** No signature by anyone: magic and length. */
const noSigner = words(blobWrapper.magic, 8);
const specialSlots = 2;
/**
 * Special slots lie before the hashes of pages, the highest first: requirements (2), and an Info.plist (1), which a program that is one
 * file does not have.
 */
const specialHashes = Buffer.concat([hash(noRequirements), Buffer.alloc(sha256.length)]);

/** How many bytes {@link encodeAdHocSignature} makes of it. */
export function adHocSignatureLength(code: SignedCode): number {
  return indexLength + directoryLength(code) + noRequirements.length + noSigner.length;
}

/**
 * The signature of a program that nobody vouches for: hashes of its pages, by which the kernel tells that it was not changed.
 *
 * The kernel itself asks only for a code directory (`cs_validate_csblob` in `bsd/kern/ubc_subr.c`), which is all that linkers write, with
 * a flag of their own. The empty requirements and the empty CMS wrapper are for what judges beside the kernel, of which not all can be read:
 * with them and their hashes it has, part for part, the form that `codesign --sign -` gives.
 *
 * @param pages what is signed, whole: `code.length` bytes
 */
export function encodeAdHocSignature(pages: Buffer, code: SignedCode): Buffer {
  const directory = encodeCodeDirectory(pages, code);
  const blobs = [
    [codeDirectory.slot, directory],
    [requirements.slot, noRequirements],
    [blobWrapper.slot, noSigner],
  ] as const;
  let offset = indexLength;
  const index = blobs.map(([slot, blob]) => {
    const entry = words(slot, offset);
    offset += blob.length;
    return entry;
  });
  const head = words(embeddedSignature, offset, blobs.length);
  return Buffer.concat([head, ...index, ...blobs.map(([, blob]) => blob)]);
}

function encodeCodeDirectory(pages: Buffer, code: SignedCode): Buffer {
  const { identifier, length, text } = code;
  const directory = Buffer.alloc(directoryLength(code));
  const hashes = hashesAt(code);
  const count = pageCount(length);
  const { magic } = codeDirectory;
  words(magic, directory.length, version, adHoc, hashes, headLength, specialSlots, count, length).copy(directory);
  // Size and kind of a hash, no platform of Apple's, and the size of a page. Then nothing is scattered, of a team, or beyond 2^32.
  Buffer.from([sha256.length, sha256.type, 0, pageShift]).copy(directory, 36);
  directory.writeBigUInt64BE(BigInt(text.offset), 64);
  directory.writeBigUInt64BE(BigInt(text.length), 72);
  directory.writeBigUInt64BE(mainBinary, 80);
  directory.write(`${identifier}\0`, headLength, 'latin1');
  specialHashes.copy(directory, hashes - specialHashes.length);
  for (let page = 0; page < count; page++) {
    // The last page ends where the signature begins: it is hashed as long as it is.
    const bytes = pages.subarray(page * pageLength, (page + 1) * pageLength);
    hash(bytes).copy(directory, hashes + page * sha256.length);
  }
  return directory;
}

function directoryLength(code: SignedCode): number {
  return hashesAt(code) + pageCount(code.length) * sha256.length;
}

/** Where the hash of the first page lies in the code directory. */
function hashesAt({ identifier }: SignedCode): number {
  return headLength + identifier.length + 1 + specialHashes.length;
}

function pageCount(length: number): number {
  return Math.ceil(length / pageLength);
}

function hash(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}
