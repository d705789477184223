/** Bytes of one name. */
const width = 4;

/**
 * Makes a filter of names: it says of a name that it is surely not among them, or that it may be. It is as long as four bytes for each.
 */
export function encodeNames(names: Iterable<string>): Uint8Array {
  const marks = new Set<number>();
  for (const name of names) marks.add(markOf(name));
  const bytes = Buffer.alloc(marks.size * width);
  for (const [at, mark] of [...marks].sort((a, b) => a - b).entries()) bytes.writeUInt32LE(mark, at * width);
  return bytes;
}

/** Whether a name may be among those that a filter was made of; where it says no, it is not. */
export function mayHoldName(filter: Uint8Array, name: string): boolean {
  const view = new DataView(filter.buffer, filter.byteOffset, filter.byteLength);
  const wanted = markOf(name);
  let from = 0;
  let to = Math.floor(filter.byteLength / width);
  while (from < to) {
    const middle = (from + to) >>> 1;
    const mark = view.getUint32(middle * width, true);
    if (mark === wanted) return true;
    if (mark < wanted) from = middle + 1;
    else to = middle;
  }
  return false;
}

/** FNV-1a of 32 bits over UTF-16 code units. Who makes names meet costs a look, and changes no answer. */
function markOf(name: string): number {
  let mark = 0x81_1c_9d_c5;
  for (let at = 0; at < name.length; at += 1) mark = Math.imul(mark ^ name.charCodeAt(at), 0x01_00_01_93);
  return mark >>> 0;
}
