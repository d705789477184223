/** The caps on one request, all in milliseconds or bytes. */
export interface RequestLimits {
  /** From the start of a connection to its end, handshake and proxy included. */
  readonly connectMs: number;
  /** From the last byte of the request to the end of the response's headers. */
  readonly headersMs: number;
  /** The longest silence while bytes are awaited, in either direction. */
  readonly idleMs: number;
  /** Waiting time over which the mean speed of a body is judged; time that the reader takes does not count. */
  readonly speedWindowMs: number;
  /** Slower bodies are given up; 0 allows any speed. */
  readonly minBytesPerSecond: number;
  readonly maxHeaderBytes: number;
  /** Longer bodies are refused, at once when announced. */
  readonly maxBodyBytes: number;
  /** Body bytes read ahead of the reader. */
  readonly readAheadBytes: number;
}

/** What holds where a caller says nothing else. */
export const defaultLimits: RequestLimits = {
  connectMs: 15_000,
  headersMs: 60_000,
  idleMs: 30_000,
  speedWindowMs: 30_000,
  minBytesPerSecond: 512,
  maxHeaderBytes: 32 * 1024,
  maxBodyBytes: 256 * 1024 * 1024,
  readAheadBytes: 1024 * 1024,
};

/** Redirects followed for one request. */
export const maxRedirects: number = 8;

/** A body nobody wants is read to its end up to this length, so that its connection can serve again. */
export const maxDiscardBytes: number = 64 * 1024;

/** Requests under way to one host at a time. */
export const defaultWidthPerHost: number = 8;

/** Connections that nobody uses and that are kept for the next request, to all hosts together, and how long (in milliseconds). */
export const idleConnections: { readonly most: number; readonly ms: number } = { most: 256, ms: 60_000 };
