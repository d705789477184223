import { MessageChannel, type MessagePort } from 'node:worker_threads';

/** Chunks under way at once: enough to keep both sides busy, little enough to bound memory. */
const window = 16;
/** Small chunks are gathered up to this size, in bytes, since each message has a price. */
const gatherSize = 128 * 1024;

type ToReceiver =
  | { readonly kind: 'chunk'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'end' }
  | { readonly kind: 'failed' };

/**
 * Sends a stream of bytes to another thread, as fast as that thread takes them.
 *
 * @returns the receiver's end, to be transferred, and a promise that settles when all was sent or the receiver gave up
 */
export function sendChunks(source: AsyncIterable<Uint8Array>): {
  readonly port: MessagePort;
  readonly done: Promise<void>;
} {
  const { port1, port2 } = new MessageChannel();
  return { port: port2, done: pump(source, port1) };
}

async function pump(source: AsyncIterable<Uint8Array>, port: MessagePort): Promise<void> {
  let credit = window;
  let closed = false;
  let wake: (() => void) | undefined;
  port.on('message', () => {
    credit += 1;
    wake?.();
  });
  port.on('close', () => {
    closed = true;
    wake?.();
  });
  try {
    for await (const bytes of gathered(source)) {
      while (credit === 0 && !closed) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (closed) return;
      credit -= 1;
      post(port, { kind: 'chunk', bytes }, [bytes.buffer]);
    }
    post(port, { kind: 'end' });
  } catch (error) {
    // The failure itself stays here, for the caller; the receiver only needs to stop.
    post(port, { kind: 'failed' });
    throw error;
  } finally {
    if (closed) port.close();
  }
}

function post(port: MessagePort, message: ToReceiver, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

async function* gathered(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    parts.push(chunk);
    size += chunk.length;
    if (size < gatherSize) continue;
    yield joined(parts, size);
    parts = [];
    size = 0;
  }
  if (size > 0) yield joined(parts, size);
}

/** A copy, since what is transferred is lost to the sender, and sources may share one buffer between chunks. */
function joined(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(size).buffer);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Thrown on the receiving side when the sender's source failed; the sender knows why. */
export class SenderFailed extends Error {
  override readonly name = 'SenderFailed';
}

/** The receiving side of {@link sendChunks}. Leaving the loop early tells the sender to stop. */
export async function* receiveChunks(port: MessagePort): AsyncGenerator<Uint8Array> {
  const queue: ToReceiver[] = [];
  let wake: (() => void) | undefined;
  port.on('message', (message: ToReceiver) => {
    queue.push(message);
    wake?.();
  });
  port.on('close', () => {
    queue.push({ kind: 'failed' });
    wake?.();
  });
  try {
    for (;;) {
      const message = queue.shift();
      if (message === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      if (message.kind === 'end') return;
      if (message.kind === 'failed') throw new SenderFailed('The sender could not read on');
      yield message.bytes;
      port.postMessage(1);
    }
  } finally {
    port.close();
  }
}
