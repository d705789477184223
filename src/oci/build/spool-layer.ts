import { createHash } from 'node:crypto';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { gzip } from '../../codec/deflate/gzip.ts';
import type { StoredBlob } from '../content-sink.ts';
import { spoolToFile } from '../daemon/spool.ts';
import type { Descriptor } from '../descriptor.ts';
import type { DiffId, Digest } from '../digest.ts';
import { streamRange } from '../file-range.ts';
import type { BuiltCompression } from './model.ts';

/** A blob in a file without a name, which goes when it is closed. */
export interface SpooledBlob extends AsyncDisposable {
  readonly blob: StoredBlob;
}

/** A layer in a file without a name. */
export interface SpooledLayer extends SpooledBlob {
  readonly diffId: DiffId;
  readonly descriptor: Descriptor;
}

const mediaTypes: Readonly<Record<BuiltCompression, string>> = {
  gzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  zstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  none: 'application/vnd.oci.image.layer.v1.tar',
};

/**
 * Packs a layer's tar into a file without a name, and hashes both of them as they pass.
 *
 * @param folder where the file is made
 * @throws OciError LAYER_UNREADABLE where there is no room, and what the tar throws
 */
export async function spoolLayer(
  tar: AsyncIterable<Uint8Array>,
  compression: BuiltCompression,
  folder: string,
): Promise<SpooledLayer> {
  const hash = createHash('sha256');
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of tar) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const spooled = await spoolBlob(pack(hashed(), compression), folder);
  const { digest, size } = spooled.blob;
  return {
    ...spooled,
    diffId: `sha256:${hash.digest('hex')}` as DiffId,
    descriptor: { mediaType: mediaTypes[compression], digest, size },
  };
}

/** Keeps a stream in a file without a name. @throws as {@link spoolLayer} does */
export async function spoolBlob(chunks: AsyncIterable<Uint8Array>, folder: string): Promise<SpooledBlob> {
  const hash = createHash('sha256');
  let size = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  const file = await spoolToFile(folder, counted());
  const digest = `sha256:${hash.digest('hex')}` as Digest;
  return {
    blob: { digest, size, open: () => streamRange({ fd: file.fd, offset: 0, length: size }) },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

function pack(tar: AsyncIterable<Uint8Array>, compression: BuiltCompression): AsyncIterable<Uint8Array> {
  if (compression === 'none') return tar;
  return compression === 'gzip' ? gzip(tar) : zstd(tar);
}

async function* zstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = createZstdCompress();
  const fed = pipeline(source, stream);
  // Its failure is that of the stream as well, which is heard below.
  fed.catch(() => undefined);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
    await fed;
  } finally {
    stream.destroy();
  }
}
