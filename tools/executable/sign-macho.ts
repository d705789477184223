import { CodecError } from '../../src/codec/error.ts';
import { parseMacho } from '../../src/codec/executable/macho.ts';
import { fatMagic, fatMagic64, machoMagic64 } from '../../src/codec/executable/magic.ts';
import { adHocSignatureLength, encodeAdHocSignature } from './ad-hoc-signature.ts';

// Numbers of Apple's `mach-o/loader.h`.
const executableFile = 2;
const headerLength = 32;
const segmentCommand = 0x19;
const signatureCommand = 0x1d;
/** LC_CODE_SIGNATURE: its kind, its length, and where the signature lies. */
const signatureCommandLength = 16;

/** Where a signature begins, and what its length is a multiple of: as Apple's codesign_allocate has it (cctools). */
const signatureAlignment = 16;
/** What segments take in memory is counted in pages of arm64, 16 KiB, which are whole pages of x86-64 too. */
const memoryPage = 0x4000;
const fileLimit = 2 ** 32;

interface Segment {
  /** Where its load command lies. */
  readonly at: number;
  readonly offset: number;
  readonly length: number;
  readonly memory: number;
}

interface Program {
  readonly commandsEnd: number;
  readonly text: Segment;
  readonly linkEdit: Segment;
}

/**
 * Signs a program for macOS ad hoc, as `codesign --sign -` does on a Mac: without a signature, Apple's own processors kill it at its start.
 * Such a signature says only that the program was not changed since; it names nobody.
 *
 * By `mach-o/loader.h`, LC_CODE_SIGNATURE says where it lies in `__LINKEDIT`. As in what linkers and codesign write, that is the end of
 * the segment and of the file, and the load command is the last one. What is in it, see {@link encodeAdHocSignature}.
 *
 * @param bytes a thin program of 64 bits, little-endian, without a signature; it is not changed
 * @param identifier what the signature calls it: letters, digits, `.`, `_`, `-`
 * @returns the program with its signature
 * @throws CodecError UNSUPPORTED when it is another kind of file (fat too), or has a signature, or no room for a load command more;
 *   MALFORMED when `__LINKEDIT` does not end it, or its headers contradict themselves; LIMIT_EXCEEDED when it were 4 GiB or more
 */
export function signMacho(bytes: Buffer, identifier: string): Buffer {
  if (!/^[\w.-]+$/.test(identifier)) {
    throw new CodecError('UNSUPPORTED', `A program cannot be signed as ${JSON.stringify(identifier)}; use letters`);
  }
  const { commandsEnd, text, linkEdit } = readProgram(bytes);
  const start = roundUp(bytes.length, signatureAlignment);
  const code = { identifier, length: start, text };
  const length = roundUp(adHocSignatureLength(code), signatureAlignment);
  if (start + length >= fileLimit) {
    throw new CodecError('LIMIT_EXCEEDED', 'A Mach-O file of 4 GiB cannot be signed; make the program smaller');
  }

  const signed = Buffer.alloc(start + length);
  bytes.copy(signed);
  signed.writeUInt32LE(bytes.readUInt32LE(16) + 1, 16);
  signed.writeUInt32LE(bytes.readUInt32LE(20) + signatureCommandLength, 20);
  for (const [index, word] of [signatureCommand, signatureCommandLength, start, length].entries()) {
    signed.writeUInt32LE(word, commandsEnd + index * 4);
  }
  const linked = signed.length - linkEdit.offset;
  signed.writeBigUInt64LE(BigInt(Math.max(linkEdit.memory, roundUp(linked, memoryPage))), linkEdit.at + 32);
  signed.writeBigUInt64LE(BigInt(linked), linkEdit.at + 48);
  // The headers are within the first page: they are as they stay from here on.
  encodeAdHocSignature(signed.subarray(0, start), code).copy(signed, start);
  return signed;
}

function readProgram(bytes: Buffer): Program {
  if (bytes.length >= headerLength && [fatMagic, fatMagic64].includes(bytes.readUInt32BE(0))) {
    throw new CodecError('UNSUPPORTED', 'A fat Mach-O file cannot be signed; sign the programs that it is made of');
  }
  if (
    bytes.length < headerLength ||
    bytes.readUInt32LE(0) !== machoMagic64 ||
    bytes.readUInt32LE(12) !== executableFile
  ) {
    throw new CodecError('UNSUPPORTED', 'Only Mach-O programs of 64 bits, little-endian, can be signed');
  }
  // Sees that all load commands, with their sections, are within the file.
  parseMacho(bytes);
  const segments = new Map<string, Segment>();
  let [at, firstContent, last] = [headerLength, bytes.length, ''];
  for (let left = bytes.readUInt32LE(16); left > 0; left--) {
    const kind = bytes.readUInt32LE(at);
    if (kind === signatureCommand) {
      throw new CodecError('UNSUPPORTED', 'The Mach-O file has a signature already; take the program without one');
    }
    if (kind === segmentCommand) {
      last = bytes.toString('latin1', at + 8, at + 24).replace(/\0+$/, '');
      segments.set(last, readSegment(bytes, at));
      firstContent = Math.min(firstContent, ...contentOffsets(bytes, at));
    }
    at += bytes.readUInt32LE(at + 4);
  }
  if (at !== headerLength + bytes.readUInt32LE(20)) {
    throw new CodecError('MALFORMED', 'The Mach-O header and its load commands differ in length; the file is damaged');
  }
  const [text, linkEdit] = [segments.get('__TEXT'), segments.get('__LINKEDIT')];
  if (text === undefined) throw new CodecError('MALFORMED', 'The Mach-O file has no __TEXT; it is no program');
  if (linkEdit === undefined || last !== '__LINKEDIT' || linkEdit.offset + linkEdit.length !== bytes.length) {
    throw new CodecError('MALFORMED', '__LINKEDIT does not end the Mach-O file; it cannot be signed');
  }
  const room = bytes.subarray(at, Math.min(at + signatureCommandLength, firstContent));
  if (room.length < signatureCommandLength || room.some((byte) => byte !== 0)) {
    throw new CodecError(
      'UNSUPPORTED',
      'The Mach-O file has no room for a load command more; link it with -headerpad 0x20',
    );
  }
  return { commandsEnd: at, text, linkEdit };
}

function readSegment(bytes: Buffer, at: number): Segment {
  const word = (place: number): number => Number(bytes.readBigUInt64LE(at + place));
  return { at, memory: word(32), offset: word(40), length: word(48) };
}

/** Where contents of a segment and of its sections lie in the file; those at 0 are the headers, or none. */
function contentOffsets(bytes: Buffer, at: number): readonly number[] {
  const sections = Array.from({ length: bytes.readUInt32LE(at + 64) }, (_, index) =>
    bytes.readUInt32LE(at + 72 + index * 80 + 48),
  );
  return [readSegment(bytes, at).offset, ...sections].filter((offset) => offset > 0);
}

function roundUp(length: number, unit: number): number {
  return Math.ceil(length / unit) * unit;
}
