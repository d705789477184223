import { hash } from 'node:crypto';
import { ByteView } from '../../src/codec/executable/byte-view.ts';

// Names and numbers of Apple's `cs_blobs.h` (xnu); all is big-endian. What is asked for here is what `codesign --sign -` makes.
const superBlob = 0xfade_0cc0;
/** The parts of an ad-hoc signature by their slots: code directory, requirements, and the signature of somebody. */
const slots = '0, 2, 65536';
const codeDirectory = 0xfade_0c02;
/** Magic, length, and that there are none. */
const noRequirements = 'fade0c010000000c00000000';
/** Magic and length. */
const noSigner = 'fade0b0100000008';
const pageBytes = 4096;
const digestBytes = 32;
const specialSlots = 2;
/** A code directory that tells of the executable segment has this before its identifier. */
const headBytes = 88;

interface Blob {
  readonly slot: number;
  readonly bytes: Buffer;
}

/**
 * Looks whether a signature is what a Mac takes for an ad-hoc one: at its place, with the parts and fields that it has, and with the hashes
 * of the pages that the file has.
 *
 * @param start where LC_CODE_SIGNATURE says that it begins, and `length` how long
 * @param text where `__TEXT` lies in the file
 * @returns what is wrong, a sentence each
 */
export function checkSignature(
  file: Buffer,
  start: number,
  length: number,
  text: { readonly offset: number; readonly bytes: number },
): readonly string[] {
  if (start % 16 !== 0) return ['The signature does not begin at a multiple of 16'];
  if (start + length !== file.length) return ['The signature does not end the file'];
  const blobs = readBlobs(new ByteView(file.subarray(start), false, 'signature'));
  if (blobs === undefined) return ['The signature is no list of parts that lie in it'];
  const parts = blobs.map(({ slot }) => slot).join(', ');
  if (parts !== slots) return [`The signature has the parts ${parts}, and is not ad hoc`];
  const [directory, requirements, signer] = blobs.map(({ bytes }) => bytes);
  const wrong: string[] = [];
  if (requirements?.toString('hex') !== noRequirements) wrong.push('The signature has requirements');
  if (signer?.toString('hex') !== noSigner) wrong.push('The signature is by somebody, and not ad hoc');
  if (directory?.readUInt32BE(0) !== codeDirectory) return [...wrong, 'The signature has no code directory'];
  if (directory.length < headBytes) return [...wrong, 'The code directory is cut short'];
  return [
    ...wrong,
    ...checkFields(directory, start, text),
    ...checkIdentifier(directory),
    ...checkHashes(directory, file.subarray(0, start), requirements ?? Buffer.alloc(0)),
  ];
}

/** Undefined when they are not all within the signature, one after another. */
function readBlobs(view: ByteView): readonly Blob[] | undefined {
  if (!view.holds(0, 12) || view.u32(0) !== superBlob || !view.holds(0, view.u32(4))) return undefined;
  const [length, count] = [view.u32(4), view.u32(8)];
  let end = 12 + count * 8;
  const blobs: Blob[] = [];
  for (let index = 0; index < count; index++) {
    const [slot, offset] = [view.u32(12 + index * 8), view.u32(16 + index * 8)];
    if (offset < end || offset + 8 > length) return undefined;
    end = offset + Math.max(8, view.u32(offset + 4));
    if (end > length) return undefined;
    blobs.push({ slot, bytes: view.slice(offset, end - offset) });
  }
  return blobs;
}

function checkFields(
  directory: Buffer,
  start: number,
  text: { readonly offset: number; readonly bytes: number },
): readonly string[] {
  const wide = (at: number): number => Number(directory.readBigUInt64BE(at));
  const narrow = (at: number): number => directory.readUInt32BE(at);
  const fields: readonly (readonly [name: string, is: number, should: number])[] = [
    ['version', narrow(8), 0x2_0400],
    // CS_ADHOC and nothing else: CS_RUNTIME (0x10000) would keep V8 from running.
    ['flags', narrow(12), 0x2],
    ['identOffset', narrow(20), headBytes],
    ['nSpecialSlots', narrow(24), specialSlots],
    ['nCodeSlots', narrow(28), Math.ceil(start / pageBytes)],
    ['codeLimit', narrow(32), start],
    ['hashSize', directory.readUInt8(36), digestBytes],
    ['hashType', directory.readUInt8(37), 2],
    ['platform', directory.readUInt8(38), 0],
    ['pageSize', directory.readUInt8(39), 12],
    ['spare2', narrow(40), 0],
    ['scatterOffset', narrow(44), 0],
    ['teamOffset', narrow(48), 0],
    ['spare3', narrow(52), 0],
    ['codeLimit64', wide(56), 0],
    ['execSegBase', wide(64), text.offset],
    ['execSegLimit', wide(72), text.bytes],
    // CS_EXECSEG_MAIN_BINARY and nothing else.
    ['execSegFlags', wide(80), 1],
  ];
  return fields.flatMap(([name, is, should]) =>
    is === should ? [] : [`${name} of the code directory is ${is}, and not ${should}`],
  );
}

/** It lies between the fields and the hashes, and ends with a NUL. */
function checkIdentifier(directory: Buffer): readonly string[] {
  const end = directory.indexOf(0, headBytes);
  const isWhole = end + 1 === directory.readUInt32BE(16) - specialSlots * digestBytes;
  return isWhole && /^[!-~]+$/.test(directory.toString('latin1', headBytes, end))
    ? []
    : ['The signature has no identifier'];
}

function checkHashes(directory: Buffer, pages: Buffer, requirements: Buffer): readonly string[] {
  const hashes = directory.readUInt32BE(16);
  const count = Math.ceil(pages.length / pageBytes);
  if (hashes + count * digestBytes !== directory.length) {
    return ['The code directory has another number of hashes than the file has pages'];
  }
  const digestAt = (slot: number): Buffer =>
    directory.subarray(hashes + slot * digestBytes, hashes + (slot + 1) * digestBytes);
  const wrong: string[] = [];
  if (!digestAt(-2).equals(hash('sha256', requirements, 'buffer'))) wrong.push('The hash of the requirements is wrong');
  if (digestAt(-1).some((byte) => byte !== 0)) wrong.push('There is a hash of an Info.plist, and none is there');
  const changed = Array.from({ length: count }, (_, page) => page).filter((page) => {
    const bytes = pages.subarray(page * pageBytes, (page + 1) * pageBytes);
    return !digestAt(page).equals(hash('sha256', bytes, 'buffer'));
  });
  const [first] = changed;
  if (first !== undefined) {
    wrong.push(`${changed.length} of ${count} pages have another hash, the first at ${first * pageBytes}`);
  }
  return wrong;
}
