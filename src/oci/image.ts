import type { ImageConfig } from './config.ts';
import type { Descriptor } from './descriptor.ts';
import type { DiffId, Digest } from './digest.ts';
import type { Platform } from './platform.ts';

/** Part of a local file. Worker threads of one process share file descriptors, so `fd` serves them all. */
export interface FileRange {
  readonly fd: number;
  /** In bytes from the start of the file. */
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
  /** How much of the range is there, where it is still being written: see `arrival.ts`. */
  readonly arrival?: SharedArrayBuffer;
  /** Whoever keeps the file has compared its bytes with their digest: the last of them are not there before that. */
  readonly isChecked?: boolean;
}

/** One layer of an image: a tar, stored plain, gzip or zstd; which one is told by its first bytes. */
export interface Layer {
  readonly diffId: DiffId;
  /** Digest, size and media type of the stored blob; absent in archives that do not tell them. */
  readonly descriptor?: Descriptor;
  /** Set when the bytes are not to be had: a foreign layer, or a blob that the archive leaves out. */
  readonly absent?: 'foreign' | 'missing';
  /**
   * Set when its media type says that its publisher keeps it elsewhere, unless the source surely has it. Many registries have it all the
   * same, and clients take it from them: a source that only knows when it is asked says then that it has none (BLOB_UNKNOWN).
   */
  readonly foreign?: true;
  /** Where the stored bytes lie in an open local file, when they do: a worker thread then reads them itself. */
  readonly range?: FileRange;
  /**
   * For sources that know only when a layer is about to be read where its bytes lie, such as those that fetch all layers at once then (a
   * daemon's `save`): tells where; undefined when they lie in no file.
   *
   * @throws OciError as `open` does
   */
  readonly locate?: (signal?: AbortSignal) => Promise<FileRange | undefined>;
  /**
   * Streams the stored bytes. Each call starts anew. The reader checks digest and size against `descriptor` and
   * `diffId`; a source only promises to send what it has.
   *
   * @throws OciError when the bytes cannot be had
   */
  open(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/**
 * One image for one platform, as any source offers it (registry, layout, archive, daemon). Whoever gets it closes it.
 */
export interface Image extends AsyncDisposable {
  /** What the user asked for, as they wrote it: a reference or a file's path. */
  readonly name: string;
  /** Digest of the stored config: the "image id" of Docker. */
  readonly imageId: Digest;
  /** Digest of the manifest, when the source has one. */
  readonly manifestDigest?: Digest;
  readonly platform: Platform;
  readonly config: ImageConfig;
  /** Of the manifest, when the source has one with some. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Lowest first. Only layers with content: empty history steps have none. */
  readonly layers: readonly Layer[];
  /** `repository:tag` names that the source knows for this image. */
  readonly repoTags: readonly string[];
  /** `repository@sha256:…` names that the source knows for this image. */
  readonly repoDigests: readonly string[];
  /** The config exactly as stored, for reports that print it whole. */
  readonly rawConfig: Uint8Array;
  /** True when the source does not give the stored config: `rawConfig` is put together from what it tells (daemons). */
  readonly rebuiltConfig?: boolean;
}
