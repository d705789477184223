import type { ProgramKind } from './executable-builder.ts';

const marker = Buffer.from('\u00ff Go buildinf:', 'latin1');
const start = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex');
const end = Buffer.from('f932433186182072008242104116d8f2', 'hex');

/** Build info as Go writes it since 1.18: strings behind the header. */
export function inlineInfo(goVersion: string, modules: string, sentinels = true): Buffer {
  const header = Buffer.alloc(32);
  marker.copy(header);
  header[14] = 8;
  header[15] = 2;
  const list = sentinels ? Buffer.concat([start, Buffer.from(modules), end]) : Buffer.from(modules);
  return Buffer.concat([header, varint(goVersion.length), Buffer.from(goVersion), varint(list.length), list]);
}

/** Build info as Go wrote it until 1.17: pointers to string headers, which point to the strings in a data segment. */
export function pointedInfo(
  kind: ProgramKind,
  goVersion: string,
  modules: string | undefined,
): { readonly info: Buffer; readonly data: Buffer; readonly address: number } {
  const address = 0x8000;
  const size = kind.bits / 8;
  const list = modules === undefined ? Buffer.alloc(0) : Buffer.concat([start, Buffer.from(modules), end]);
  const version = Buffer.from(goVersion);
  const text = address + 4 * size;
  const headers = [word(kind, text), word(kind, version.length)];
  headers.push(word(kind, text + version.length), word(kind, list.length));
  const info = Buffer.alloc(32);
  marker.copy(info);
  info[14] = size;
  info[15] = kind.littleEndian ? 0 : 1;
  word(kind, address).copy(info, 16);
  word(kind, modules === undefined ? 0 : address + 2 * size).copy(info, 16 + size);
  return { info, data: Buffer.concat([...headers, version, list]), address };
}

function word({ bits, littleEndian }: ProgramKind, value: number): Buffer {
  const bytes = Buffer.alloc(bits / 8);
  if (bits === 64 && littleEndian) bytes.writeBigUInt64LE(BigInt(value));
  else if (bits === 64) bytes.writeBigUInt64BE(BigInt(value));
  else if (littleEndian) bytes.writeUInt32LE(value);
  else bytes.writeUInt32BE(value);
  return bytes;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.from([...bytes, rest]);
}
