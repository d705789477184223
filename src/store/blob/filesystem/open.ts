import type { FileHandle } from 'node:fs/promises';
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
import { BufferPool } from '../buffer-pool.ts';
import { appendToFile } from './append.ts';
import { abortFile, blobSize, commitFile, putFile, removeFile } from './commit.ts';
import { takeFile } from './take-file.ts';
import { isAbsent, storeFailure } from './failure.ts';
import { type FileSystem, nodeFileSystem } from './file-system.ts';
import { prepareFolder } from './folder.ts';
import { bufferSteps, maxFreeBuffers, smallestBuffer } from './limits.ts';
import { Paths } from './paths.ts';
import { readFileRange } from './read.ts';
import { findUpload, recordedFile } from './upload-file.ts';
import { listFiles, removeStaleFiles } from './walk.ts';

/** Where a blob folder is. */
export interface FilesystemBlobStoreOptions {
  /** The folder, for this store alone. It is made, for its owner only, when it is not there. */
  readonly folder: string;
  /** The machine's own by default. */
  readonly files?: FileSystem;
}

/**
 * Opens a content-addressed folder: `blobs/<algorithm>/<two digits>/<digits>`, `uploads/`, and a marker that says what it is.
 * Any number of processes may have it open.
 *
 * @throws StoreError STORE_SETTING_INVALID when the folder is something else, STORE_TOO_NEW, STORE_DAMAGED, STORE_UNAVAILABLE
 */
export async function openFilesystemBlobStore(options: FilesystemBlobStoreOptions): Promise<BlobStore> {
  const files = options.files ?? nodeFileSystem;
  const paths = new Paths(options.folder);
  await failing(paths, prepareFolder(files, paths));
  return new FilesystemBlobStore(files, paths);
}

class FilesystemBlobStore implements BlobStore {
  readonly #files: FileSystem;
  readonly #paths: Paths;
  readonly #pool = new BufferPool(bufferSteps, smallestBuffer, maxFreeBuffers);

  constructor(files: FileSystem, paths: Paths) {
    this.#files = files;
    this.#paths = paths;
  }

  append(upload: UploadState, bytes: AsyncIterable<Uint8Array>, options: AppendOptions): Promise<UploadState> {
    return failing(this.#paths, appendToFile(this.#files, this.#paths, this.#pool, upload, bytes, options));
  }

  readUpload(upload: UploadState, signal?: AbortSignal): AsyncIterable<Uint8Array> {
    return failingStream(this.#paths, this.#readUpload(upload, signal));
  }

  commit(upload: UploadState, digest: Digest, options: KeepOptions = {}): Promise<void> {
    return failing(this.#paths, commitFile(this.#files, this.#paths, upload, digest, options));
  }

  abort(upload: UploadState): Promise<void> {
    return failing(this.#paths, abortFile(this.#files, this.#paths, upload));
  }

  put(digest: Digest, bytes: Uint8Array, options: KeepOptions = {}): Promise<void> {
    return failing(this.#paths, putFile(this.#files, this.#paths, digest, bytes, options));
  }

  putFile(digest: Digest, path: string, size: number, options: KeepOptions = {}): Promise<void> {
    return failing(this.#paths, takeFile(this.#files, this.#paths, { digest, path, size }, options));
  }

  stat(digest: Digest): Promise<number | undefined> {
    return failing(this.#paths, blobSize(this.#files, this.#paths, digest));
  }

  open(digest: Digest): Promise<OpenBlob | undefined> {
    return failing(this.#paths, this.#open(digest));
  }

  remove(digest: Digest): Promise<boolean> {
    return failing(this.#paths, (async () => await removeFile(this.#files, this.#paths.blob(digest)))());
  }

  list(signal?: AbortSignal): AsyncIterable<StoredBlob> {
    return failingStream(this.#paths, listFiles(this.#files, this.#paths, signal));
  }

  removeStaleUploads(before: number, known: ReadonlySet<string>): Promise<number> {
    return failing(this.#paths, removeStaleFiles(this.#files, this.#paths, before, known));
  }

  /** Nothing is held open between calls. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async *#readUpload(
    upload: UploadState,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const recorded = recordedFile(upload);
    if (recorded === undefined || upload.offset === 0) return;
    const path = await findUpload(this.#files, this.#paths, upload, recorded);
    const file = await this.#files.open(path, 'r');
    try {
      yield* readFileRange(file, { start: 0, end: upload.offset - 1 }, this.#pool, signal);
    } finally {
      await file.close();
    }
  }

  async #open(digest: Digest): Promise<OpenBlob | undefined> {
    let file;
    try {
      file = await this.#files.open(this.#paths.blob(digest), 'r');
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
    const size = await this.#sizeOf(file, digest);
    const [opened, paths, pool, files] = [file, this.#paths, this.#pool, this.#files];
    return {
      size,
      read: (range: ByteRange = { start: 0, end: size - 1 }, signal?: AbortSignal) =>
        failingStream(paths, readFileRange(opened, range, pool, signal)),
      file: {
        // That was when it was stored; disks forget.
        isChecked: false,
        linkTo: (path) =>
          files.link(paths.blob(digest), path).then(
            () => true,
            () => false,
          ),
        // oxlint-disable-next-line require-await -- all of it is there
        async *arrivals() {
          yield size;
        },
      },
      [Symbol.asyncDispose]: () => opened.close(),
    };
  }

  /** Closes a file that cannot be one of a blob. */
  async #sizeOf(file: FileHandle, digest: Digest): Promise<number> {
    try {
      const facts = await file.stat();
      if (facts.isFile()) return facts.size;
      throw new StoreError('STORE_DAMAGED', `something that is no file lies in the place of ${digest}; remove it`);
    } catch (error) {
      await file.close();
      throw error;
    }
  }
}

async function failing<Result>(paths: Paths, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw storeFailure(error, paths.root);
  }
}

async function* failingStream<Item>(paths: Paths, items: AsyncIterable<Item>): AsyncGenerator<Item, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    throw storeFailure(error, paths.root);
  }
}
