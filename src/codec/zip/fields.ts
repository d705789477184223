import { CodecError } from '../error.ts';

/** A 64-bit size; what no file can have is as good as beyond the end. */
export function readSize(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at + 4) * 0x1_0000_0000 + bytes.readUInt32LE(at);
}

/** Thrown for entries and directories that point outside the bytes. */
export function truncated(): CodecError {
  return new CodecError('TRUNCATED', 'The zip archive points past its end; it is cut short or damaged, fetch it again');
}
