/** How much packed bytes may unfold to. */
export interface InflateLimits {
  /** Bytes that come out. */
  readonly maxBytes: number;
  /** Bytes out for each byte in, looked at once more than `ratioFloor` bytes came out. */
  readonly maxRatio: number;
  /** Bytes out below which no ratio is held against the input. */
  readonly ratioFloor: number;
}

/** Real layers unfold two- to fourfold; only bombs and files of zeros go far beyond. */
export const defaultInflateLimits: InflateLimits = { maxBytes: 64 * 2 ** 30, maxRatio: 400, ratioFloor: 2 ** 30 };
