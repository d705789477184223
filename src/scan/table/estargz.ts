import { CodecError } from '../../codec/error.ts';
import { defaultTarLimits } from '../../codec/tar/limits.ts';
import { type BodySink, type TarEntry, TarReader } from '../../codec/tar/reader.ts';
import type { BlobTail } from './blob-tail.ts';
import { limits } from './limits.ts';
import { unpackAtOnce } from './unpack-at-once.ts';

/** The table as the one entry of a tar (stargz-snapshotter `TOCTarName`). */
const tableName = 'stargz.index.json';

/** Bytes of a tar around a table: its header, its padding, its end mark, extension records. */
const tarBytes = 1_048_576;

/**
 * The last gzip member is empty and has, in its extra field, the offset of the member with the table (stargz-snapshotter docs/estargz.md,
 * "Footer"): in a subfield called `SG`, and in the older form without one.
 */
const footers: readonly { readonly size: number; readonly head: Buffer }[] = [
  { size: 51, head: Buffer.from([26, 0, 0x53, 0x47, 22, 0]) },
  { size: 47, head: Buffer.from([22, 0]) },
];

/** Bytes of a gzip header before the length of its extra field (RFC 1952, 2.3). */
const gzipHeaderBytes = 10;

/**
 * Reads the table of a layer in eStargz, as JSON, from where the layer's footer says that it lies: this is how the stargz snapshotter and
 * containers/storage find it.
 *
 * @throws CodecError
 */
export async function findStargzTable(tail: BlobTail): Promise<Uint8Array<ArrayBuffer>> {
  const { offset, end } = readFooter(tail);
  if (offset >= end) throw new CodecError('MALFORMED', 'it would lie outside of the blob');
  if (end - offset > limits.packedBytes) {
    throw new CodecError('LIMIT_EXCEEDED', `it has ${end - offset} bytes, more than ${limits.packedBytes}`);
  }
  const member = tail.slice(offset, end);
  if (member === undefined) throw new CodecError('LIMIT_EXCEEDED', `it has more than ${limits.packedBytes} bytes`);
  let json: Uint8Array<ArrayBuffer> | undefined;
  let isFirst = true;
  const visit = ({ path, type, size }: TarEntry): BodySink | undefined => {
    if (!isFirst || type !== 'file' || path !== tableName) {
      isFirst = false;
      return undefined;
    }
    isFirst = false;
    if (size > limits.tableBytes) {
      throw new CodecError('LIMIT_EXCEEDED', `it has ${size} bytes, more than ${limits.tableBytes}`);
    }
    const bytes = new Uint8Array(size);
    json = bytes;
    let length = 0;
    return {
      data: (chunk) => {
        bytes.set(chunk, length);
        length += chunk.length;
        return true;
      },
      end: () => undefined,
    };
  };
  const reader = new TarReader(visit, defaultTarLimits);
  await unpackAtOnce(member, (chunk) => reader.write(chunk), limits.tableBytes + tarBytes);
  reader.end();
  if (json === undefined) throw new CodecError('MALFORMED', `no ${tableName} lies in its place`);
  return json;
}

/** Where the table begins and where the footer does, in bytes from the start of the blob. */
function readFooter(tail: BlobTail): { readonly offset: number; readonly end: number } {
  for (const { size, head } of footers) {
    const end = tail.size - size;
    const footer = tail.slice(Math.max(0, end), tail.size);
    const fieldAt = gzipHeaderBytes + head.length;
    if (footer?.length !== size || !footer.subarray(gzipHeaderBytes, fieldAt).equals(head)) continue;
    const match = /^([0-9a-f]{16})STARGZ$/.exec(footer.toString('latin1', fieldAt, fieldAt + 22));
    if (match !== null) return { offset: Number.parseInt(match[1] as string, 16), end };
  }
  throw new CodecError('MALFORMED', 'the layer has no footer that says where it lies');
}
