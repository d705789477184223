import type { TableFormat } from './promise.ts';

/** What a table says that an entry is, in the words of a tar's reader. */
export type TableKind = 'file' | 'directory' | 'symlink' | 'hardlink' | 'other';

/** A piece of a file, which runtimes verify on its own. */
export interface TableChunk {
  /** In bytes. */
  readonly size: number;
  /** As written; undefined where there is none. */
  readonly digest: string | undefined;
}

/** What a table says of one name. */
export interface TableEntry {
  /** Clean. */
  readonly path: string;
  readonly kind: TableKind;
  /** Of files, in bytes. */
  readonly size: number;
  /** Permission and set-id bits. */
  readonly mode: number;
  readonly linkName: string;
  /** Names of the extended attributes that it is given. */
  readonly attributes: readonly string[];
  /** Of the whole file, as written; undefined where there is none. */
  readonly digest: string | undefined;
  /** Of a file: its pieces, from its first byte to its last; undefined where those that are written leave gaps or lie over each other. */
  readonly chunks: readonly TableChunk[] | undefined;
}

/** A layer's table of contents. */
export interface LayerTable {
  readonly format: TableFormat;
  /** In the order of the table. */
  readonly entries: readonly TableEntry[];
}
