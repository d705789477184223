import type { IncomingMessage } from 'node:http';
import type { Clock } from './clock.ts';
import { NetError } from './error.ts';
import { netErrorOf } from './failure.ts';
import { maxDiscardBytes, type RequestLimits } from './limits.ts';

/** What a body needs besides the message it comes in. */
export interface BodyContext {
  readonly host: string;
  readonly method: string;
  readonly limits: RequestLimits;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Called once, when the last byte has come or no more will. */
  readonly onEnd: () => void;
}

/**
 * The bytes of one response, read ahead up to a bound and watched: silence, a trickle, a body that is too long and a
 * connection that breaks each end in a {@link NetError}; an abort in the signal's reason.
 *
 * Chunks are handed over as they came from the socket, uncopied. One reader only, once.
 */
export class ResponseBody implements AsyncIterable<Uint8Array> {
  readonly #message: IncomingMessage;
  readonly #context: BodyContext;
  readonly #queue: Buffer[] = [];
  #queuedBytes = 0;
  #received = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  #onAbort: (() => void) | undefined;
  #discarding: NodeJS.Timeout | undefined;
  #discardEnd = 0;
  #released = false;
  #waitedMs = 0;
  #taken = 0;

  constructor(message: IncomingMessage, context: BodyContext) {
    this.#message = message;
    this.#context = context;
    const { signal, host, limits } = context;
    message.on('data', (chunk: Buffer) => this.#accept(chunk));
    message.on('end', () => {
      this.#ended = true;
      this.#release();
    });
    message.on('error', (error) => this.#fail(netErrorOf(error, host)));
    message.on('close', () => {
      if (!this.#ended)
        this.#fail(new NetError('RESET', host, `${host} closed the connection in the middle of a body`));
    });
    if (signal !== undefined) {
      // Not assigned as it is written: V8 would keep it, and the body with it, among the old at once.
      const onAbort = (): void => this.#fail(signal.reason);
      this.#onAbort = onAbort;
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
    }
    const announced = Number(message.headers['content-length'] ?? 0);
    if (announced > limits.maxBodyBytes && context.method !== 'HEAD') this.#fail(this.#tooLarge());
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#queue.shift();
        if (chunk !== undefined) {
          this.#queuedBytes -= chunk.length;
          this.#taken += chunk.length;
          if (this.#queuedBytes * 2 < this.#context.limits.readAheadBytes) this.#message.resume();
          yield chunk;
          continue;
        }
        if (this.#failure !== undefined) throw this.#failure.error;
        if (this.#ended || this.#discarding !== undefined) return;
        await this.#more();
      }
    } finally {
      this.discard();
    }
  }

  /** Gives up what has not been read. A short rest is drained so that the connection lives on. */
  discard(): void {
    if (this.#ended || this.#failure !== undefined || this.#discarding !== undefined) return;
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#discardEnd = this.#received + maxDiscardBytes;
    if (Number(this.#message.headers['content-length'] ?? 0) > this.#discardEnd) return this.#fail(this.#tooLarge());
    this.#discarding = setTimeout(() => this.#fail(this.#tooLarge()), this.#context.limits.idleMs);
    this.#discarding.unref();
    this.#wake?.();
    this.#message.resume();
  }

  #accept(chunk: Buffer): void {
    this.#received += chunk.length;
    if (this.#failure !== undefined) return;
    if (this.#discarding !== undefined) {
      if (this.#received > this.#discardEnd) this.#fail(this.#tooLarge());
      return;
    }
    if (this.#received > this.#context.limits.maxBodyBytes) return this.#fail(this.#tooLarge());
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes >= this.#context.limits.readAheadBytes) this.#message.pause();
    this.#wake?.();
  }

  /** Waits for bytes or the end; judges the speed by waiting time alone, so that a slow reader accuses nobody. */
  async #more(): Promise<void> {
    const { host, limits, clock } = this.#context;
    const start = clock.monotonic();
    const silence = setTimeout(() => {
      this.#fail(new NetError('TIMEOUT', host, `${host} stopped sending in the middle of a body`));
    }, limits.idleMs);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    clearTimeout(silence);
    this.#wake = undefined;
    this.#waitedMs += clock.monotonic() - start;
    if (this.#waitedMs < limits.speedWindowMs) return;
    const seconds = this.#waitedMs / 1000;
    const arrived = this.#taken + this.#queuedBytes;
    if (arrived < limits.minBytesPerSecond * seconds && !this.#ended) {
      const speed = `${Math.round(arrived / seconds)} bytes a second`;
      this.#fail(new NetError('TOO_SLOW', host, `${host} sent only ${speed}; it was given up`));
    }
    this.#waitedMs = 0;
    this.#taken = -this.#queuedBytes;
  }

  #tooLarge(): NetError {
    const { host, limits } = this.#context;
    return new NetError('TOO_LARGE', host, `${host} sent a body of more than the ${limits.maxBodyBytes} bytes allowed`);
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined || this.#ended) return;
    this.#failure = { error };
    this.#queue.length = 0;
    this.#queuedBytes = 0;
    this.#release();
    this.#message.destroy();
  }

  #release(): void {
    this.#wake?.();
    if (this.#released) return;
    this.#released = true;
    clearTimeout(this.#discarding);
    if (this.#onAbort !== undefined) this.#context.signal?.removeEventListener('abort', this.#onAbort);
    this.#context.onEnd();
  }
}
