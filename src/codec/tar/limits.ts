/** What a tar may hold before it is refused. */
export interface TarLimits {
  /** Entries, extension records not counted. */
  readonly maxEntries: number;
  /** Bytes of one extension record (PAX header, GNU long name). */
  readonly maxExtensionBytes: number;
  /** Bytes of one path or link target. */
  readonly maxPathBytes: number;
  /** Pieces of one sparse file. */
  readonly maxSparsePieces: number;
  /** Zeros given for the holes of all sparse files together, in bytes: they cost nothing to write. */
  readonly maxHoleBytes: number;
}

/** Far above what real layers hold: the largest public images have about three million entries. */
export const defaultTarLimits: TarLimits = {
  maxEntries: 10_000_000,
  maxExtensionBytes: 1 << 20,
  maxPathBytes: 16_384,
  maxSparsePieces: 100_000,
  maxHoleBytes: 8 * 2 ** 30,
};
