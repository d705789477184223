import { createHash } from 'node:crypto';
import { detectCompression } from '../../codec/compression/format.ts';
import { CodecError } from '../../codec/error.ts';
import { type Digest, digestAlgorithm, digestHex } from '../../oci/digest.ts';
import { limits } from './limits.ts';
import type { TablePosition } from './promise.ts';
import { unpackAtOnce } from './unpack-at-once.ts';

/** Whether bytes have this digest. */
export function hasDigest(bytes: Uint8Array, digest: Digest): boolean {
  return createHash(digestAlgorithm(digest)).update(bytes).digest('hex') === digestHex(digest);
}

/** Why a table is not even looked for at a position of a blob of this size; undefined when it is. */
export function refusePosition({ offset, length, unpacked }: TablePosition, blobBytes: number): string | undefined {
  if (length === 0 || offset + length > blobBytes) return 'it would lie outside of the blob';
  if (length > limits.packedBytes) return `it has ${length} bytes, more than ${limits.packedBytes}`;
  if (unpacked > limits.tableBytes) return `it unpacks to ${unpacked} bytes, more than ${limits.tableBytes}`;
  return undefined;
}

/**
 * Unpacks a table as it lies in a blob: zstd, in one frame or more.
 *
 * @throws CodecError
 */
export async function unpackTable(packed: Uint8Array, unpacked: number): Promise<Uint8Array<ArrayBuffer>> {
  if (detectCompression(packed) !== 'zstd') throw new CodecError('MALFORMED', 'it is not packed with zstd');
  const json = new Uint8Array(unpacked);
  let length = 0;
  const take = (chunk: Buffer): void => {
    if (length + chunk.length > unpacked) throw otherSize(unpacked);
    json.set(chunk, length);
    length += chunk.length;
  };
  await unpackAtOnce(packed, take, limits.tableBytes);
  if (length !== unpacked) throw otherSize(unpacked);
  return json;
}

function otherSize(unpacked: number): CodecError {
  return new CodecError('MALFORMED', `it does not unpack to the ${unpacked} bytes that are promised`);
}
