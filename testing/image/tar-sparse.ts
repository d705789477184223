import { octal, padding } from './tar-header.ts';

/** The ways GNU tar has written files with holes (GNU tar manual, "Storing Sparse Files"). */
export type SparseFormat = 'gnu-old' | 'pax-0.0' | 'pax-0.1' | 'pax-1.0';

/** What a sparse file changes about its entry. */
export interface SparseEntry {
  /** The stored data: the segments that are not holes, in 1.0 after their map. */
  readonly body: Buffer;
  readonly name: string;
  readonly type: string;
  readonly records: readonly [string, string][];
  /** For the old format: the map, from byte 386 of the header on. */
  readonly headerTail?: Buffer;
  /** For the old format: blocks with the rest of the map. */
  readonly extraHeaders?: readonly Buffer[];
}

interface Segment {
  readonly offset: number;
  readonly length: number;
}

/** Encodes `logical` with its zero blocks left out. */
export function encodeSparse(format: SparseFormat, name: string, logical: Buffer): SparseEntry {
  const segments = findSegments(logical);
  const data = Buffer.concat(segments.map(({ offset, length }) => logical.subarray(offset, offset + length)));
  const size = String(logical.length);
  if (format === 'gnu-old') return { ...oldMap(segments, logical.length), body: data, name, type: 'S', records: [] };
  if (format === 'pax-0.0') {
    const pairs = segments.flatMap(({ offset, length }): [string, string][] => [
      ['GNU.sparse.offset', String(offset)],
      ['GNU.sparse.numbytes', String(length)],
    ]);
    const head: [string, string][] = [
      ['GNU.sparse.size', size],
      ['GNU.sparse.numblocks', String(segments.length)],
    ];
    return { body: data, name, type: '0', records: [...head, ...pairs] };
  }
  const slash = name.lastIndexOf('/') + 1;
  const placeholder = `${name.slice(0, slash)}GNUSparseFile.0/${name.slice(slash)}`;
  if (format === 'pax-0.1') {
    const map = segments.map(({ offset, length }) => `${offset},${length}`).join(',');
    const records: [string, string][] = [
      ['GNU.sparse.size', size],
      ['GNU.sparse.numblocks', String(segments.length)],
      ['GNU.sparse.map', map],
      ['GNU.sparse.name', name],
    ];
    return { body: data, name: placeholder, type: '0', records };
  }
  const lines = [segments.length, ...segments.flatMap(({ offset, length }) => [offset, length])];
  const map = Buffer.from(`${lines.join('\n')}\n`);
  const records: [string, string][] = [
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.minor', '0'],
    ['GNU.sparse.name', name],
    ['GNU.sparse.realsize', size],
  ];
  return { body: Buffer.concat([map, padding(map.length), data]), name: placeholder, type: '0', records };
}

/** Runs of blocks that are not all zero; a hole at the end is told by an empty segment there, as GNU tar does. */
function findSegments(logical: Buffer): readonly Segment[] {
  const segments: Segment[] = [];
  let start = -1;
  for (let at = 0; at < logical.length; at += 512) {
    const empty = logical.subarray(at, at + 512).every((byte) => byte === 0);
    if (!empty && start < 0) start = at;
    if (empty && start >= 0) {
      segments.push({ offset: start, length: at - start });
      start = -1;
    }
  }
  if (start >= 0) segments.push({ offset: start, length: logical.length - start });
  else segments.push({ offset: logical.length, length: 0 });
  return segments;
}

function oldMap(
  segments: readonly Segment[],
  realSize: number,
): { readonly headerTail: Buffer; readonly extraHeaders: readonly Buffer[] } {
  const headerTail = Buffer.alloc(512 - 386);
  writeSegments(headerTail, segments.slice(0, 4));
  if (segments.length > 4) headerTail[482 - 386] = 1;
  headerTail.write(octal(realSize, 12), 483 - 386, 'latin1');
  const extraHeaders: Buffer[] = [];
  for (let at = 4; at < segments.length; at += 21) {
    const block = Buffer.alloc(512);
    writeSegments(block, segments.slice(at, at + 21));
    if (at + 21 < segments.length) block[504] = 1;
    extraHeaders.push(block);
  }
  return { headerTail, extraHeaders };
}

function writeSegments(block: Buffer, segments: readonly Segment[]): void {
  for (const [at, { offset, length }] of segments.entries()) {
    block.write(octal(offset, 12), at * 24, 'latin1');
    block.write(octal(length, 12), at * 24 + 12, 'latin1');
  }
}
