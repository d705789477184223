import type { OnReadOpts, Socket } from 'node:net';

/** Bytes of one read. A socket left to itself takes 64 KiB, so that a body comes in four times as many pieces. */
const readBytes = 262_144;

/**
 * Lets all connections of a pool read into one buffer, in place of one for each read: what Node's parser takes out of it is copied there and
 * then, and nobody else sees it. Buffers of which each is garbage at once make V8 look through the whole heap every dozen megabytes, which
 * took a third of the processor time of a registry that fetched a blob.
 */
export function sharedRead(): OnReadOpts {
  let buffer: Buffer | undefined;
  return {
    buffer: () => (buffer ??= Buffer.allocUnsafeSlow(readBytes)),
    callback(this: Socket, length: number, bytes: Uint8Array): boolean {
      // On a connection that waits for its next request, an answer is for nobody; it must not become that of the next one.
      if (!this.emit('data', Buffer.from(bytes.buffer, bytes.byteOffset, length))) this.destroy();
      return true;
    },
  };
}
