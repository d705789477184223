import type { Digest } from '../../oci/digest.ts';

/** A part of a blob: first and last byte, both included, as in HTTP (RFC 9110, 14.1.2). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The bytes of a blob as a local file, for readers that are other processes. */
export interface BlobFile {
  /**
   * All of it is told to have come only when this process has compared it with its digest as it came. What was stored before, or what another
   * process writes, is compared by whoever reads it.
   */
  readonly isChecked: boolean;
  /**
   * Gives the file a further name, by which nobody may write to it; false where that cannot be, for whatever reason (no links between the
   * two places, the file is gone): its bytes are read otherwise then.
   */
  linkTo(path: string): Promise<boolean>;
  /**
   * How many bytes from its start may be read: told anew as more come, until it is all of them.
   *
   * @throws what keeps the rest from coming; the signal's reason
   */
  arrivals(signal: AbortSignal): AsyncIterable<number>;
}

/** A blob that is being read. */
export interface OpenBlob extends AsyncDisposable {
  /** Of the whole blob. */
  readonly size: number;
  /**
   * The bytes of a range, or all of them. A chunk is valid until the next one is asked for: its memory is used again.
   * Ends with StoreError STORE_DAMAGED when the bytes stop before the range does, and without a range with CONTENT_MISMATCH,
   * before the last chunk, where a driver finds that they are others than the digest says.
   */
  read(range?: ByteRange, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /** Where its bytes lie, or come, in a file of this machine; absent where they do not. */
  readonly file?: BlobFile;
}

/**
 * Where the bytes of an upload are, as plain data: it is kept with the upload's record, so that any process can go on with
 * it. `parts` is the driver's own.
 */
export interface UploadState {
  /** A random name, in what every driver takes for a file name: `[a-z0-9-]{8,64}`. */
  readonly id: string;
  /** Bytes that are kept so far. */
  readonly offset: number;
  readonly parts?: unknown;
}

/** What was found in a store when it was walked through. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly size: number;
  /** When it was written last, in milliseconds since 1970. */
  readonly modified: number;
}

/** Limits of one append. */
export interface AppendOptions {
  /** Most bytes of the whole upload; LIMIT_EXCEEDED beyond, and what came so far is kept as it was before. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/** How bytes take their place. */
export interface KeepOptions {
  /**
   * Whether they take the place of a blob of the same digest that is there, at once and whole: it was found to be damaged. Else
   * one of the right size is left as it is, and the new bytes are thrown away.
   */
  readonly replace?: boolean;
}

/**
 * Keeps bytes by their digest. It knows nothing of repositories, and nothing in it changes: a blob is there whole, or not.
 * All methods throw StoreError STORE_UNAVAILABLE, STORE_FULL or STORE_DAMAGED besides what they name.
 */
export interface BlobStore extends AsyncDisposable {
  /**
   * Adds bytes to the end of an upload, beginning it when its offset is 0, and gives its new state. When the bytes stop early
   * (the client went, the signal was aborted) what came is thrown away or kept; the old state stays usable in both cases,
   * and the error is thrown unchanged. A chunk may use its memory again when the next is asked for. When two go on from one
   * state, each gets its own bytes or UPLOAD_CONFLICT, here or in commit(); they never mix.
   *
   * @throws StoreError UPLOAD_CONFLICT when what is kept is shorter than the state says, or LIMIT_EXCEEDED
   */
  append(upload: UploadState, bytes: AsyncIterable<Uint8Array>, options: AppendOptions): Promise<UploadState>;
  /** The bytes of an upload so far, for hashing them when another process began it. */
  readUpload(upload: UploadState, signal?: AbortSignal): AsyncIterable<Uint8Array>;
  /**
   * Makes an upload the blob of that digest, durably: when this returns, the blob survives a power cut. The caller has
   * hashed the bytes. Nothing is wrong when the blob is there already. The upload is over; the same again does no harm while
   * the blob is there, unless it is to be replaced.
   *
   * @throws StoreError UPLOAD_CONFLICT when the upload's bytes are not there any more, nor the blob
   */
  commit(upload: UploadState, digest: Digest, options?: KeepOptions): Promise<void>;
  /** Throws an upload away; nothing is wrong when it is not there. */
  abort(upload: UploadState): Promise<void>;
  /** Keeps a small blob at once, durably. The caller has hashed the bytes. */
  put(digest: Digest, bytes: Uint8Array, options?: KeepOptions): Promise<void>;
  /**
   * Keeps the bytes of a local file, durably. The caller has hashed them and writes to the file no more; it stays the caller's,
   * who removes it afterwards. On a file system that has links, nothing is copied.
   *
   * @throws StoreError STORE_DAMAGED when the file has another size
   */
  putFile(digest: Digest, path: string, size: number, options?: KeepOptions): Promise<void>;
  /** The size of a blob, or undefined when it is not there. */
  stat(digest: Digest): Promise<number | undefined>;
  /** Opens a blob, or gives undefined when it is not there. */
  open(digest: Digest): Promise<OpenBlob | undefined>;
  /** Where a client may fetch the blob itself, for some seconds; undefined where the store cannot offer that. */
  redirectUrl?(digest: Digest, seconds: number): Promise<string>;
  /** Removes a blob; false when it was not there. */
  remove(digest: Digest): Promise<boolean>;
  /** All blobs, in no order, for scrubbing and repair. Entries that are no blobs are passed over. */
  list(signal?: AbortSignal): AsyncIterable<StoredBlob>;
  /** Removes what uploads left behind that were not touched since a time and are not among `known`. Returns their number. */
  removeStaleUploads(before: number, known: ReadonlySet<string>): Promise<number>;
}
