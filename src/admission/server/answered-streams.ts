import { constants, type ServerHttp2Stream } from 'node:http2';

/**
 * Streams whose answers are on their way. Node has a time for connections that are silent alone, and a client may make noise and take no
 * answer. A timer for each stream would cost more than a generation of all.
 */
export class AnsweredStreams {
  #young = new Set<ServerHttp2Stream>();
  #old = new Set<ServerHttp2Stream>();

  /** Looks after a stream from now on, until it is closed. */
  add(stream: ServerHttp2Stream): void {
    this.#young.add(stream);
  }

  /** The stream is closed. */
  delete(stream: ServerHttp2Stream): void {
    if (!this.#young.delete(stream)) this.#old.delete(stream);
  }

  /** Takes back what was there at the last call and is there still, so that calls are half a time apart that a client has. */
  sweep(): void {
    for (const stream of this.#old) stream.close(constants.NGHTTP2_CANCEL);
    this.#old = this.#young;
    this.#young = new Set();
  }
}
