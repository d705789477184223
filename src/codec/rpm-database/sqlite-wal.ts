/** The pages that a write-ahead log puts over those of its database file. */
interface WalPages {
  readonly pageSize: number;
  /** Page number → offset of the page's newest committed bytes in the log. */
  readonly offsets: ReadonlyMap<number, number>;
}

const headerSize = 32;
const frameHeaderSize = 24;
const formatVersion = 3_007_000;

/**
 * Finds the committed pages of a write-ahead log (sqlite.org/fileformat2.html §4).
 *
 * A frame counts when its salts are the header's, the running checksum up to it is right, and a commit frame follows
 * or is itself. What comes after the first frame that fails is left over from an earlier use of the file and means
 * nothing, so that is no error; neither is a log that holds no commit at all, for which the answer is undefined.
 */
export function readWal(wal: Buffer): WalPages | undefined {
  if (wal.length < headerSize) return undefined;
  const magic = wal.readUInt32BE(0);
  if (magic !== 0x377f0682 && magic !== 0x377f0683) return undefined;
  if (wal.readUInt32BE(4) !== formatVersion) return undefined;
  const pageSize = wal.readUInt32BE(8);
  if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) return undefined;

  const sum = new Uint32Array(2);
  const bigEndian = magic === 0x377f0683;
  addChecksum(sum, wal, 0, 24, bigEndian);
  if (!checksumIs(sum, wal, 24)) return undefined;

  const committed = new Map<number, number>();
  let pending = new Map<number, number>();
  const frameSize = frameHeaderSize + pageSize;
  for (let frame = headerSize; frame + frameSize <= wal.length; frame += frameSize) {
    if (wal.readUInt32BE(frame + 8) !== wal.readUInt32BE(16)) break;
    if (wal.readUInt32BE(frame + 12) !== wal.readUInt32BE(20)) break;
    const page = wal.readUInt32BE(frame);
    if (page === 0) break;
    addChecksum(sum, wal, frame, 8, bigEndian);
    addChecksum(sum, wal, frame + frameHeaderSize, pageSize, bigEndian);
    if (!checksumIs(sum, wal, frame + 16)) break;
    pending.set(page, frame + frameHeaderSize);
    // Only a commit frame states the size of the database.
    if (wal.readUInt32BE(frame + 4) === 0) continue;
    for (const [number, offset] of pending) committed.set(number, offset);
    pending = new Map();
  }
  return committed.size === 0 ? undefined : { pageSize, offsets: committed };
}

/** Adds bytes to a running checksum (§4.2): two sums that feed each other, over 32-bit words. */
function addChecksum(sum: Uint32Array, bytes: Buffer, start: number, length: number, bigEndian: boolean): void {
  let first = sum[0] as number;
  let second = sum[1] as number;
  for (let offset = start; offset < start + length; offset += 8) {
    const left = bigEndian ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset);
    const right = bigEndian ? bytes.readUInt32BE(offset + 4) : bytes.readUInt32LE(offset + 4);
    first = (first + left + second) >>> 0;
    second = (second + right + first) >>> 0;
  }
  sum[0] = first;
  sum[1] = second;
}

function checksumIs(sum: Uint32Array, bytes: Buffer, offset: number): boolean {
  return sum[0] === bytes.readUInt32BE(offset) && sum[1] === bytes.readUInt32BE(offset + 4);
}
