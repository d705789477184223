import { readdirSync, readFileSync } from 'node:fs';

/** Types of entries of the dynamic section, and of the segment that holds it (System V ABI, "Dynamic Section", "Program Header"). */
const needed = 1n;
const stringTable = 5n;
const dynamicSegment = 2;
const loadSegment = 1;

/**
 * The shared libraries that a 64-bit little-endian program names, and that are in no folder below `folder`. Node names those of glibc,
 * and of gcc `libstdc++.so.6` and `libgcc_s.so.1`.
 */
export function missingLibraries(program: string, folder: string): readonly string[] {
  const there = new Set(readdirSync(folder, { recursive: true, withFileTypes: true }).map(({ name }) => name));
  return neededLibraries(readFileSync(program)).filter((name) => !there.has(name));
}

/** @throws Error for what is no such program */
export function neededLibraries(bytes: Buffer): readonly string[] {
  if (bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) {
    throw new Error('Node’s program is not one of 64-bit Linux; name another with --node-amd64 or --node-arm64');
  }
  const [start, size, count] = [Number(bytes.readBigUInt64LE(32)), bytes.readUInt16LE(54), bytes.readUInt16LE(56)];
  const segments = Array.from({ length: count }, (_, at) => {
    const header = bytes.subarray(start + at * size);
    const [offset, address, length] = [8, 16, 32].map((place) => Number(header.readBigUInt64LE(place)));
    return {
      type: header.readUInt32LE(0),
      offset: offset as number,
      address: address as number,
      length: length as number,
    };
  });
  const dynamic = segments.find(({ type }) => type === dynamicSegment);
  if (dynamic === undefined) return [];
  const names: number[] = [];
  let strings = 0;
  for (let at = dynamic.offset; at < dynamic.offset + dynamic.length; at += 16) {
    const [tag, value] = [bytes.readBigUInt64LE(at), Number(bytes.readBigUInt64LE(at + 8))];
    if (tag === needed) names.push(value);
    if (tag === stringTable) strings = value;
  }
  const home = segments.find(
    ({ type, address, length }) => type === loadSegment && strings >= address && strings < address + length,
  );
  const table = strings - (home?.address ?? 0) + (home?.offset ?? 0);
  return names.map((name) => bytes.toString('latin1', table + name, bytes.indexOf(0, table + name)));
}
