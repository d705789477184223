import { isPause, runSteps, type Steps } from '../base/steps.ts';
import { RootfsError } from './error.ts';

/** What an entry of a layer is. Numbers, because millions of them lie in one byte array. */
export const entryKind = {
  file: 0,
  directory: 1,
  symlink: 2,
  hardlink: 3,
  /** A device, a FIFO or a socket. */
  other: 4,
  /** Removes the name from lower layers (OCI image-spec, layer.md, "Whiteouts"). */
  whiteout: 5,
  /** Hides all that lower layers have in the folder (layer.md, "Opaque Whiteout"). */
  opaque: 6,
  /** A folder that the layer's paths imply without an entry of its own. */
  impliedDirectory: 7,
  /** A PAX header for all entries to come. Most runtimes remove what has its name, and some do not look at it. */
  globalHeader: 8,
} as const;

/** One of {@link entryKind}. */
export type EntryKind = (typeof entryKind)[keyof typeof entryKind];

/** The parent of entries that lie in the root. */
export const rootParent = -1;

/**
 * The names, kinds and links of all entries of one layer, in the order of the tar, as columns: about 25 bytes and the
 * name's own bytes per entry. A parent always precedes its children.
 */
export interface LayerIndex {
  readonly count: number;
  /** Index of the folder's entry, or {@link rootParent}. */
  readonly parents: Int32Array;
  /** Where each name starts in `names`; one more element marks the end. */
  readonly nameStarts: Uint32Array;
  /** UTF-8. A whiteout's name is the name that it removes. */
  readonly names: Buffer;
  readonly kinds: Uint8Array;
  readonly modes: Uint16Array;
  readonly sizes: Float64Array;
  /** Targets of symlinks (as stored) and hard links (paths), by entry. */
  readonly links: ReadonlyMap<number, string>;
}

const magic = 0x34495753; // "SWI4"

/** Packs an index into bytes, for the cache and for sending it between threads without a copy. */
export function encodeLayerIndex(index: LayerIndex): Uint8Array<ArrayBuffer> {
  const { count, names } = index;
  const links = encodeLinks(index.links);
  const header = 16;
  const columns = count * (8 + 4 + 4 + 2 + 1) + 4;
  const bytes = Buffer.from(new ArrayBuffer(header + columns + names.length + links.length));
  bytes.writeUInt32LE(magic, 0);
  bytes.writeUInt32LE(count, 4);
  bytes.writeUInt32LE(names.length, 8);
  bytes.writeUInt32LE(links.length, 12);
  let at = header;
  for (const column of [index.sizes, index.parents, index.nameStarts, index.modes, index.kinds]) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at);
    at += column.byteLength;
  }
  bytes.set(names, at);
  bytes.set(links, at + names.length);
  return new Uint8Array(bytes.buffer);
}

/** How many entries a packed index says it has. */
export function layerIndexSize(packed: Uint8Array): number {
  return packed.byteLength < 8 ? 0 : new DataView(packed.buffer, packed.byteOffset).getUint32(4, true);
}

/**
 * Unpacks what {@link encodeLayerIndex} packed.
 *
 * @throws RootfsError INDEX_CORRUPT when the bytes are not such an index
 */
export function decodeLayerIndex(packed: Uint8Array): LayerIndex {
  return runSteps(decodeLayerIndexInSteps(packed));
}

/** As {@link decodeLayerIndex}: an index may hold millions of links. */
export function* decodeLayerIndexInSteps(packed: Uint8Array): Steps<LayerIndex> {
  // Typed arrays need aligned offsets; a copy is cheap beside what the index saves.
  const aligned = packed.byteOffset % 8 === 0 ? packed : new Uint8Array(packed);
  const bytes = Buffer.from(aligned.buffer, aligned.byteOffset, aligned.byteLength);
  if (bytes.length < 20 || bytes.readUInt32LE(0) !== magic) throw corrupt();
  const count = bytes.readUInt32LE(4);
  const namesLength = bytes.readUInt32LE(8);
  const linksLength = bytes.readUInt32LE(12);
  if (bytes.length !== 16 + count * 19 + 4 + namesLength + linksLength) throw corrupt();
  let at = bytes.byteOffset + 16;
  const take = (size: number): number => {
    const start = at;
    at += size;
    return start;
  };
  const buffer = bytes.buffer;
  const sizes = new Float64Array(buffer, take(count * 8), count);
  const parents = new Int32Array(buffer, take(count * 4), count);
  const nameStarts = new Uint32Array(buffer, take(count * 4 + 4), count + 1);
  const modes = new Uint16Array(buffer, take(count * 2), count);
  const kinds = new Uint8Array(buffer, take(count), count);
  const names = Buffer.from(buffer, take(namesLength), namesLength);
  const links = yield* decodeLinks(Buffer.from(buffer, take(linksLength), linksLength), count);
  for (let entry = 0; entry < count; entry += 1) {
    if (isPause(entry)) yield;
    const parent = parents[entry] as number;
    if (parent < rootParent || parent >= entry || (nameStarts[entry] as number) > (nameStarts[entry + 1] as number)) {
      throw corrupt();
    }
  }
  if ((nameStarts[count] as number) > namesLength) throw corrupt();
  return { count, parents, nameStarts, names, kinds, modes, sizes, links };
}

/** For each link: its entry, the bytes of its target, both as 32-bit numbers, and the target in UTF-8. */
function encodeLinks(links: ReadonlyMap<number, string>): Buffer {
  let size = 0;
  for (const target of links.values()) size += 8 + Buffer.byteLength(target);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const [entry, target] of links) {
    const length = bytes.write(target, at + 8, 'utf8');
    bytes.writeUInt32LE(entry, at);
    bytes.writeUInt32LE(length, at + 4);
    at += 8 + length;
  }
  return bytes;
}

function* decodeLinks(bytes: Buffer, count: number): Steps<ReadonlyMap<number, string>> {
  const links = new Map<number, string>();
  let at = 0;
  while (at < bytes.length) {
    if (isPause(links.size)) yield;
    if (at + 8 > bytes.length) throw corrupt();
    const entry = bytes.readUInt32LE(at);
    const end = at + 8 + bytes.readUInt32LE(at + 4);
    if (entry >= count || end > bytes.length) throw corrupt();
    links.set(entry, bytes.toString('utf8', at + 8, end));
    at = end;
  }
  return links;
}

function corrupt(): RootfsError {
  return new RootfsError('INDEX_CORRUPT', 'A cached layer index is damaged; it will be made again');
}
