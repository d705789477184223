import { errorMessage } from '../../base/error.ts';
import { decompress } from '../../codec/compression/decompress.ts';
import { defaultInflateLimits } from '../../codec/compression/limits.ts';
import { CodecError } from '../../codec/error.ts';
import { defaultTarLimits } from '../../codec/tar/limits.ts';
import { type BodySink, type TarEntry, TarReader } from '../../codec/tar/reader.ts';
import { cleanPath } from '../../rootfs/path.ts';
import { limits } from './limits.ts';
import type { TableFormat, TablePosition, TablePromise } from './promise.ts';
import { hasDigest, refusePosition, unpackTable } from './unpack-table.ts';

/** What came of looking for a table: the JSON that the annotations promise, or why there is none. */
export type FoundTable =
  | { readonly format: TableFormat; readonly json: Uint8Array<ArrayBuffer> }
  | { readonly format: TableFormat; readonly why: string };

/** The memory of tables, to be handed over between threads. */
export function tableBytes(tables: readonly FoundTable[]): ArrayBuffer[] {
  return tables.flatMap((table) => ('json' in table ? [table.json.buffer] : []));
}

/** The table of eStargz as an entry of the tar (stargz-snapshotter `TOCTarName`). */
const tableName = 'stargz.index.json';

/**
 * Looks through the stored bytes of a layer for the tables that its annotations promise. Which bytes runtimes would take for them does not
 * matter, since they too take only those with the promised digest.
 *
 * @param blobBytes of the whole layer, as stored
 * @throws whatever `source` throws; CodecError for a layer that is no tar
 */
export async function findTables(
  source: AsyncIterable<Uint8Array>,
  promises: readonly TablePromise[],
  blobBytes: number,
): Promise<FoundTable[]> {
  const positions = new Set(promises.flatMap((promise) => promise.positions));
  const captures = [...positions]
    .filter((position) => refusePosition(position, blobBytes) === undefined)
    .map((position) => new Capture(position));
  const watched = watch(source, captures);
  const wanted = promises.filter(({ format }) => format === 'estargz');
  const inTar = new Map<TablePromise, Uint8Array<ArrayBuffer>>();
  if (wanted.length > 0) {
    const reader = new TarReader((entry) => bodyOf(entry, wanted, inTar), defaultTarLimits);
    await decompress(watched, (chunk) => reader.write(chunk), defaultInflateLimits);
    reader.end();
  } else for await (const _ of watched);
  const packed = new Map(captures.map((capture) => [capture.position, capture.bytes]));
  const found: FoundTable[] = [];
  for (const promise of promises) {
    const json = inTar.get(promise);
    found.push(
      json === undefined ? await unpackPromised(promise, packed, blobBytes) : { format: promise.format, json },
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

async function* watch(source: AsyncIterable<Uint8Array>, captures: readonly Capture[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const chunk of source) {
    for (const capture of captures) capture.take(chunk, at);
    at += chunk.length;
    yield chunk;
  }
}

function bodyOf(
  { path, type, size }: TarEntry,
  wanted: readonly TablePromise[],
  found: Map<TablePromise, Uint8Array<ArrayBuffer>>,
): BodySink | undefined {
  if (type !== 'file' || cleanPath(path) !== tableName || size > limits.tableBytes) return undefined;
  const json = new Uint8Array(size);
  let length = 0;
  return {
    data: (chunk) => {
      json.set(chunk, length);
      length += chunk.length;
      return true;
    },
    end: () => {
      for (const promise of wanted) if (hasDigest(json, promise.digest)) found.set(promise, json);
    },
  };
}

async function unpackPromised(
  { format, digest, positions }: TablePromise,
  packed: ReadonlyMap<TablePosition, Uint8Array>,
  blobBytes: number,
): Promise<FoundTable> {
  let why = 'nothing in the layer has its digest';
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
    try {
      const json = await unpackTable(bytes, position.unpacked);
      if (format === 'zstd-chunked' || hasDigest(json, digest)) return { format, json };
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      why = errorMessage(error);
    }
  }
  return { format, why };
}
