import type { Network } from '../../../net/network.ts';
import type { AwsCredentials } from '../../../net/sigv4.ts';
import type { Digest } from '../../../oci/digest.ts';
import { StoreError } from '../../error.ts';
import type {
  AppendOptions,
  BlobStore,
  ByteRange,
  KeepOptions,
  OpenBlob,
  StoredBlob,
  UploadState,
} from '../blob-store.ts';
import { uploadConflict } from '../check-upload.ts';
import { verified } from '../verified.ts';
import { checkMarker, markerText, maxMarkerBytes } from '../marker.ts';
import { appendPieces } from './append.ts';
import { S3Client } from './client.ts';
import { abortPieces, commitPieces } from './commit.ts';
import { storeFailure } from './failure.ts';
import type { Keys } from './keys.ts';
import { maxPresignSeconds } from './limits.ts';
import { deleteObject, getWhole, listObjects, putObject, sizeOfObject } from './objects.ts';
import { allPieces, readPieces } from './pieces.ts';
import { sendFile } from './send-file.ts';
import { readObjectRange } from './read.ts';
import { newSending, type Sending } from './sending.ts';
import { readSettings } from './settings.ts';
import { listBlobs, removeStalePieces } from './walk.ts';

/** Where a bucket is, and how it is used. */
export interface S3BlobStoreOptions {
  /** Its `widthPerHost` bounds the blobs that are read at one time, so it wants to be some hundreds. */
  readonly network: Network;
  /** `https://s3.eu-west-1.amazonaws.com`, `http://127.0.0.1:9000`: scheme, host and port. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** What all keys start with: nothing, or words that each end with a slash. */
  readonly prefix?: string;
  /** The bucket in the path (by default), or before the host. */
  readonly addressing?: 'path' | 'virtual-host';
  /** The keys, or who is asked for them before each request. */
  readonly credentials: AwsCredentials | (() => Promise<AwsCredentials>);
  /** The endpoint in addresses that are handed to clients, where they reach it by another name. */
  readonly publicEndpoint?: string;
  /** Bytes of a part, from 5 MiB up. An object has 10,000 parts at most, so this bounds the size of a blob. */
  readonly partBytes?: number;
  /** Bytes that all uploads under way hold in memory together; one of them goes beyond by a part at most. */
  readonly memoryBytes?: number;
}

/**
 * Opens a bucket, or the part of it under a prefix, that a marker says is for blobs; an empty one gets the marker. Any number
 * of processes may have it open.
 *
 * @throws StoreError STORE_SETTING_INVALID, also when something else is there; STORE_TOO_NEW, STORE_DAMAGED, STORE_UNAVAILABLE
 */
export async function openS3BlobStore(options: S3BlobStoreOptions): Promise<BlobStore> {
  const { place, keys, partBytes, name } = readSettings(options);
  const client = new S3Client(place);
  try {
    await prepareBucket(client, keys, name);
  } catch (error) {
    throw storeFailure(error, name);
  }
  return new S3BlobStore(newSending(client, keys, options.memoryBytes), partBytes, name);
}

async function prepareBucket(client: S3Client, keys: Keys, name: string): Promise<void> {
  const marker = await getWhole(client, keys.marker, maxMarkerBytes);
  if (marker !== undefined) return checkMarker(marker.toString('utf8'), name);
  for await (const { key } of listObjects(client, keys.prefix)) {
    // Another process may have been here meanwhile.
    const again = key === keys.marker ? undefined : await getWhole(client, keys.marker, maxMarkerBytes);
    if (key === keys.marker || again !== undefined) continue;
    throw new StoreError(
      'STORE_SETTING_INVALID',
      `${name} holds other things; name an empty bucket, or a prefix under which nothing is`,
    );
  }
  await putObject(client, keys.marker, [Buffer.from(markerText)]);
}

class S3BlobStore implements BlobStore {
  readonly #client: S3Client;
  readonly #keys: Keys;
  readonly #sending: Sending;
  readonly #partBytes: number;
  readonly #name: string;

  constructor(sending: Sending, partBytes: number, name: string) {
    this.#client = sending.client;
    this.#keys = sending.keys;
    this.#sending = sending;
    this.#partBytes = partBytes;
    this.#name = name;
  }

  append(upload: UploadState, bytes: AsyncIterable<Uint8Array>, options: AppendOptions): Promise<UploadState> {
    return this.#failing(appendPieces(this.#sending, this.#partBytes, upload, bytes, options));
  }

  readUpload(upload: UploadState, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return this.#failingStream(this.#readUpload(upload, signal));
  }

  commit(upload: UploadState, digest: Digest, options: KeepOptions = {}): Promise<void> {
    return this.#failing(commitPieces(this.#sending, this.#partBytes, upload, digest, options));
  }

  abort(upload: UploadState): Promise<void> {
    return this.#failing(abortPieces(this.#client, this.#keys, upload));
  }

  /** Takes the place of what is there in any case. */
  put(digest: Digest, bytes: Uint8Array): Promise<void> {
    return this.#failing((async () => await putObject(this.#client, this.#keys.blob(digest), [bytes]))());
  }

  putFile(digest: Digest, path: string, size: number): Promise<void> {
    return this.#failing(sendFile(this.#sending, this.#partBytes, this.#keys.blob(digest), { path, size }));
  }

  stat(digest: Digest): Promise<number | undefined> {
    return this.#failing((async () => await sizeOfObject(this.#client, this.#keys.blob(digest)))());
  }

  async open(digest: Digest): Promise<OpenBlob | undefined> {
    const key = this.#keys.blob(digest);
    const size = await this.#failing(sizeOfObject(this.#client, key));
    if (size === undefined) return undefined;
    return {
      size,
      read: (range?: ByteRange, signal?: AbortSignal) => {
        const bytes = readObjectRange(this.#client, key, range ?? { start: 0, end: size - 1 }, signal);
        // They come from another machine; hashing takes less time than their way does.
        return this.#failingStream(range === undefined ? verified(bytes, digest) : bytes);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  async redirectUrl(digest: Digest, seconds: number): Promise<string> {
    const lasting = Math.max(1, Math.min(maxPresignSeconds, Math.floor(seconds)));
    return await this.#failing(this.#client.presign(this.#keys.blob(digest), lasting));
  }

  /** The store says nothing of whether an object was there, so it is asked before. */
  async remove(digest: Digest): Promise<boolean> {
    const key = this.#keys.blob(digest);
    return await this.#failing(
      (async () => {
        if ((await sizeOfObject(this.#client, key)) === undefined) return false;
        await deleteObject(this.#client, key);
        return true;
      })(),
    );
  }

  list(signal?: AbortSignal): AsyncIterable<StoredBlob> {
    return this.#failingStream(listBlobs(this.#client, this.#keys, signal));
  }

  removeStaleUploads(before: number, known: ReadonlySet<string>): Promise<number> {
    return this.#failing(removeStalePieces(this.#client, this.#keys, before, known));
  }

  /** The network belongs to who opened it. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async *#readUpload(
    upload: UploadState,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for (const [token, size] of allPieces(readPieces(upload, this.#partBytes))) {
      const key = this.#keys.piece(upload.id, token);
      try {
        yield* readObjectRange(this.#client, key, { start: 0, end: size - 1 }, signal);
      } catch (error) {
        throw error instanceof StoreError && error.code === 'STORE_DAMAGED' ? uploadConflict(upload.id) : error;
      }
    }
  }

  async #failing<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      throw storeFailure(error, this.#name);
    }
  }

  async *#failingStream<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item, void, undefined> {
    try {
      yield* items;
    } catch (error) {
      throw storeFailure(error, this.#name);
    }
  }
}
