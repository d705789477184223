import type { Problem } from '../base/problem.ts';
import type { FileReading } from '../catalog/file-reading.ts';
import type { Digest, DiffId } from '../oci/digest.ts';
import type { FileRange } from '../oci/image.ts';
import type { FoundTable, ReadableTable } from './table/find-tables.ts';
import type { TablePromise } from './table/promise.ts';

/**
 * All that is kept of a layer once it was read: its names, and what the catalogers made of its files. It depends on
 * nothing but the layer's bytes and the catalogers, so it is cached by both.
 */
export interface LayerAnalysis {
  /** A packed `LayerIndex`. */
  readonly index: Uint8Array<ArrayBuffer>;
  readonly readings: readonly FileReading[];
  readonly problems: readonly Problem[];
}

/** What a layer's bytes must turn out to be. */
export interface LayerExpectation {
  readonly diffId: DiffId;
  /** Digest and size of the stored blob, when the source tells them. */
  readonly digest?: Digest;
  readonly size?: number;
}

/** A path to read a file as, and the entry of the layer that holds its bytes. */
export interface WantedEntry {
  readonly entry: number;
  /** The path as which catalogers are to see it. */
  readonly path: string;
}

/** The work of one layer, as it travels to a worker thread. */
export interface LayerTask {
  readonly expectation: LayerExpectation;
  /** Read these bytes of an open file; absent when chunks are sent instead. */
  readonly range?: FileRange;
  /** Read only these entries, for what only the whole image's links show; absent for a whole analysis. */
  readonly only?: readonly WantedEntry[];
  /** Look for these tables of contents, and nothing else. */
  readonly find?: readonly TablePromise[];
  /** Hold the tar against these tables, and nothing else. Their bytes are lost to the sender. */
  readonly compare?: readonly ReadableTable[];
}

/** What comes of a task: of a whole analysis, of reading entries, of looking for tables, of comparing them. */
export type LayerResult = LayerAnalysis | readonly FileReading[] | readonly FoundTable[] | readonly Problem[];
