import { parseMacho } from '../../src/codec/executable/macho.ts';
import { checkSignature } from './check-signature.ts';
import type { Target } from './nodes.ts';

/** Numbers of `mach-o/loader.h` and `mach/machine.h`: CPU types, and the load commands that are looked at. */
const cpuTypes: Readonly<Partial<Record<Target, number>>> = { 'darwin-x64': 0x0100_0007, 'darwin-arm64': 0x0100_000c };
/** Segments take whole pages of memory. */
const memoryPages: Readonly<Partial<Record<Target, number>>> = { 'darwin-x64': 0x1000, 'darwin-arm64': 0x4000 };
const segment64 = 0x19;
const symbolTable = 0x2;
const codeSignature = 0x1d;
/** Commands that say where something lies in `__LINKEDIT`, apart from the signature: functions, data in code, exports, fixups. */
const linkEditData: ReadonlySet<number> = new Set([0x26, 0x29, 0x8000_0033, 0x8000_0034]);

/** The first number of what Node reads there (`kMagic` in Node's `src/node_sea.cc`). */
const seaMagic = 0x143d_a20;
/** Node looks for a program in itself only when the last character is 1. */
const fuse = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:';

interface Segment {
  readonly name: string;
  readonly address: number;
  readonly memory: number;
  readonly offset: number;
  readonly bytes: number;
  /** Where the first of its sections that has bytes lies in the file; 0 when none has. */
  readonly contents: number;
}

/**
 * Looks whether a single file for macOS has the form that its loader and `codesign` want: segments that follow each other, in the file and
 * in memory, with Node's program in one of its own; `__LINKEDIT` last, with all that is said to lie in it, up to the end of the file; and
 * at that end one signature, ad hoc, which holds. Its load command is the last one, as in what linkers write: it can be taken away
 * or replaced there without another being moved.
 *
 * It reads what is there, and shares nothing with what signs.
 *
 * @returns what is wrong, a sentence each
 * @throws CodecError for headers that contradict themselves
 */
export function checkMacho(bytes: Buffer, target: Target): readonly string[] {
  const { sections } = parseMacho(bytes);
  const wrong: string[] = [];
  if (bytes.readUInt32LE(4) !== cpuTypes[target]) wrong.push(`It is not for ${target}`);
  const blob = sections.find(({ name }) => name === 'NODE_SEA,__NODE_SEA_BLOB')?.bytes;
  if (blob === undefined || blob.length < 4 || blob.readUInt32LE(0) !== seaMagic) {
    wrong.push('No section has what Node would run');
  }
  const lit = bytes.indexOf(fuse);
  if (lit < 0 || bytes[lit + fuse.length] !== 0x31) wrong.push('Node would not look for the program');

  const commands = loadCommands(bytes);
  const end = (commands.at(-1)?.at ?? 32) + (commands.at(-1)?.length ?? 0);
  if (end !== 32 + bytes.readUInt32LE(20)) wrong.push('The header says otherwise how long the load commands are');
  const segments = commands.filter(({ kind }) => kind === segment64).map(({ at }) => readSegment(bytes, at));
  let [address, offset] = [0, 0];
  for (const each of segments) {
    if (each.address !== address) wrong.push(`${each.name} does not begin where the segment before it ends`);
    if (each.memory % (memoryPages[target] ?? 1) !== 0) wrong.push(`${each.name} takes no whole pages of memory`);
    if (each.bytes > each.memory) wrong.push(`${each.name} is larger in the file than in memory`);
    if (each.bytes > 0 && each.offset < offset) wrong.push(`${each.name} lies over the segment before it`);
    address = each.address + each.memory;
    offset = Math.max(offset, each.offset + each.bytes);
  }
  if (segments.some(({ contents }) => contents > 0 && contents < end)) {
    wrong.push('The load commands lie over what they tell of');
  }
  const last = segments.at(-1);
  if (last?.name !== '__LINKEDIT' || last.offset + last.bytes !== bytes.length) {
    wrong.push('__LINKEDIT does not end the file');
    return wrong;
  }
  const signatures = commands.filter(({ kind }) => kind === codeSignature);
  const [signature] = signatures;
  if (signature === undefined) return [...wrong, 'It has no signature'];
  if (signatures.length > 1) return [...wrong, 'It has more than one signature'];
  if (signature !== commands.at(-1) || signature.length !== 16) {
    return [...wrong, 'The last load command is not that of the signature'];
  }
  const start = bytes.readUInt32LE(signature.at + 8);
  for (const [from, size] of commands.flatMap((command) => placesIn(bytes, command))) {
    if (size > 0 && (from < last.offset || from + size > start)) {
      wrong.push(`What is said to lie in __LINKEDIT before the signature, ${size} bytes from ${from} on, does not`);
    }
  }
  const text = segments.find(({ name }) => name === '__TEXT');
  if (text === undefined) return [...wrong, 'It has no __TEXT'];
  return [...wrong, ...checkSignature(bytes, start, bytes.readUInt32LE(signature.at + 12), text)];
}

interface LoadCommand {
  readonly kind: number;
  readonly at: number;
  readonly length: number;
}

/** {@link parseMacho} has seen that they are within the file. */
function loadCommands(bytes: Buffer): readonly LoadCommand[] {
  let at = 32;
  return Array.from({ length: bytes.readUInt32LE(16) }, () => {
    const command = { kind: bytes.readUInt32LE(at), at, length: bytes.readUInt32LE(at + 4) };
    at += command.length;
    return command;
  });
}

function readSegment(bytes: Buffer, at: number): Segment {
  const word = (place: number): number => Number(bytes.readBigUInt64LE(at + place));
  const name = bytes.toString('latin1', at + 8, at + 24).replace(/\0+$/, '');
  const sections = Array.from({ length: bytes.readUInt32LE(at + 64) }, (_, index) =>
    bytes.readUInt32LE(at + 120 + index * 80),
  );
  const [contents = 0] = sections.filter((offset) => offset > 0).toSorted((left, right) => left - right);
  return { name, address: word(24), memory: word(32), offset: word(40), bytes: word(48), contents };
}

/** Pairs of offset and size. A symbol of the table takes 16 bytes; its names follow. */
function placesIn(bytes: Buffer, { kind, at }: LoadCommand): readonly (readonly [from: number, size: number])[] {
  const word = (place: number): number => bytes.readUInt32LE(at + place);
  if (linkEditData.has(kind)) return [[word(8), word(12)]];
  return kind === symbolTable
    ? [
        [word(8), word(12) * 16],
        [word(16), word(20)],
      ]
    : [];
}
