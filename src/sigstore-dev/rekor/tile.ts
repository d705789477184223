import { RefusedError } from '../error.ts';
import type { MerkleTree } from './merkle-tree.ts';

const width = 256;

/** Which tile a path names (C2SP tlog-tiles). */
export interface TileName {
  /** The level of hashes, or the entries themselves. */
  readonly level: number | 'entries';
  readonly index: number;
  /** Of a partial tile; 256 of a full one. */
  readonly width: number;
}

/** Reads `<L>/<N>[.p/<W>]`, where N is in groups of three digits, all but the last with an `x` before it. @throws RefusedError */
export function parseTileName(path: string): TileName {
  const match = /^(entries|\d{1,2})\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path);
  const [, level = '', groups = '', partial] = match ?? [];
  const size = partial === undefined ? width : Number(partial);
  const named = level === 'entries' ? level : Number(level);
  if (match === null || groups.startsWith('x000/') || (named !== 'entries' && named > 63) || size > width)
    throw unknown();
  if (partial !== undefined && size === width) throw unknown();
  return { level: named, index: Number(groups.replaceAll(/[x/]/g, '')), width: size };
}

/** The hashes of a tile, one after the other. @throws RefusedError when the log is not so large */
export function hashTile(tree: MerkleTree, { level, index, width: size }: TileName): Buffer {
  const hashes = level === 'entries' ? [] : tree.level(level * 8);
  const start = index * width;
  if (start + size > hashes.length) throw unknown();
  return Buffer.concat(hashes.slice(start, start + size));
}

/** The entries of a tile, each after its length in two bytes. @throws RefusedError when the log is not so large */
export function entryTile(entries: readonly Buffer[], { index, width: size }: TileName): Buffer {
  const start = index * width;
  if (start + size > entries.length) throw unknown();
  return Buffer.concat(
    entries.slice(start, start + size).flatMap((entry) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );
}

function unknown(): RefusedError {
  return new RefusedError('NOT_FOUND', 'The log has no such tile');
}
