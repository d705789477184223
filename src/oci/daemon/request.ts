/** One request to a daemon over its local socket. */
export interface DaemonRequest {
  /** The host in it means nothing: the socket decides. */
  readonly url: string;
  readonly socketPath: string;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: {
    /** Milliseconds until the answer starts. */
    readonly headersMs?: number;
    /** Milliseconds of silence while it comes. */
    readonly idleMs?: number;
    readonly maxBodyBytes?: number;
  };
}

/** What the daemon answered. The body is to be read to the end or discarded. */
export interface DaemonResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: AsyncIterable<Uint8Array>;
  discard(): void;
}

/** Sends a GET over a local socket. Only `net/` may open sockets, so whoever opens an image hands this in. */
export type RequestUnixSocket = (request: DaemonRequest) => Promise<DaemonResponse>;
