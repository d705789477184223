import { errorMessage } from '../../base/error.ts';
import { CodecError } from '../../codec/error.ts';
import { BlobTail } from './blob-tail.ts';
import { findStargzTable } from './estargz.ts';
import type { TableFormat, TablePosition, TablePromise } from './promise.ts';
import { hasDigest, refusePosition, unpackTable } from './zstd-chunked.ts';

/** A table of contents that the annotations promise, as JSON. */
export interface ReadableTable {
  readonly format: TableFormat;
  readonly json: Uint8Array<ArrayBuffer>;
}

/** What came of looking for a table: the one that is promised, or why there is none. */
export type FoundTable = ReadableTable | { readonly format: TableFormat; readonly why: string };

/** The memory of tables, to be handed over between threads. */
export function tableBytes(tables: readonly FoundTable[]): ArrayBuffer[] {
  return tables.flatMap((table) => ('json' in table ? [table.json.buffer] : []));
}

/**
 * Looks through the stored bytes of a layer for the tables that its annotations promise. Where they lie does not matter in the end, since
 * runtimes too take only those with the promised digest.
 *
 * @param blobBytes of the whole layer, as stored
 * @throws whatever `source` throws
 */
export async function findTables(
  source: AsyncIterable<Uint8Array>,
  promises: readonly TablePromise[],
  blobBytes: number,
): Promise<FoundTable[]> {
  const captures = promises
    .flatMap(({ positions }) => positions)
    .filter((position) => refusePosition(position, blobBytes) === undefined)
    .map((position) => new Capture(position));
  const tail = promises.some(({ format }) => format === 'estargz') ? new BlobTail() : undefined;
  let at = 0;
  for await (const chunk of source) {
    for (const capture of captures) capture.take(chunk, at);
    tail?.take(chunk);
    at += chunk.length;
  }
  const packed = new Map(captures.map(({ position, bytes }) => [position, bytes]));
  const found: FoundTable[] = [];
  for (const promise of promises) {
    const table = await findPacked(promise, packed, blobBytes);
    found.push(
      'json' in table || tail === undefined || promise.format !== 'estargz' ? table : await findAtEnd(promise, tail),
    );
  }
  return found;
}

/** Bytes at a position, as the blob goes by. */
class Capture {
  readonly position: TablePosition;
  readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(position: TablePosition) {
    this.position = position;
    this.bytes = new Uint8Array(position.length);
  }

  /** @param at where in the blob the chunk starts */
  take(chunk: Uint8Array, at: number): void {
    const { offset, length } = this.position;
    const from = Math.max(offset, at);
    const to = Math.min(offset + length, at + chunk.length);
    if (from < to) this.bytes.set(chunk.subarray(from - at, to - at), from - offset);
  }
}

async function findPacked(
  { format, digest, positions }: TablePromise,
  packed: ReadonlyMap<TablePosition, Uint8Array>,
  blobBytes: number,
): Promise<FoundTable> {
  let why = 'nothing says where it lies';
  for (const position of positions) {
    const bytes = packed.get(position);
    if (bytes === undefined) {
      why = refusePosition(position, blobBytes) ?? why;
      continue;
    }
    // containers/storage knows it as it lies there, the stargz snapshotter unpacked.
    if (format === 'zstd-chunked' && !hasDigest(bytes, digest)) {
      why = 'what lies in its place has another digest';
      continue;
    }
    const json = await attempt(() => unpackTable(bytes, position.unpacked));
    if (typeof json === 'string') why = json;
    else if (format === 'zstd-chunked' || hasDigest(json, digest)) return { format, json };
  }
  return { format, why };
}

async function findAtEnd({ format, digest }: TablePromise, tail: BlobTail): Promise<FoundTable> {
  const json = await attempt(() => findStargzTable(tail));
  if (typeof json === 'string') return { format, why: json };
  return hasDigest(json, digest) ? { format, json } : { format, why: 'what lies in its place has another digest' };
}

/** @returns why not, where bytes are no table */
async function attempt<Result>(work: () => Promise<Result>): Promise<Result | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CodecError) return errorMessage(error);
    throw error;
  }
}
