import { processLimits } from '../limits.ts';

/** What the reader of an answer tells its sender. */
export interface AnswerControl {
  /** So many bytes more may be sent. */
  readonly grant: (bytes: number) => void;
  /** Nothing more is read. @param isWhole whether all came */
  readonly over: (isWhole: boolean) => void;
}

/** The answer to one question, while it comes. It holds no more than the window. */
export class AnswerStream {
  readonly #control: AnswerControl;
  readonly #chunks: Buffer[] = [];
  #end: { readonly error?: Error } | undefined;
  #wake: (() => void) | undefined;

  constructor(control: AnswerControl) {
    this.#control = control;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#wake?.();
  }

  end(): void {
    this.#end ??= {};
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  /** Gives the chunks as they come. @throws what the other side met, or the signal's reason */
  async *read(signal?: AbortSignal): AsyncGenerator<Buffer> {
    const wake = (): void => this.#wake?.();
    signal?.addEventListener('abort', wake, { once: true });
    let taken = 0;
    try {
      for (;;) {
        signal?.throwIfAborted();
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          yield chunk;
          taken += chunk.length;
          if (taken < processLimits.window / 4) continue;
          this.#control.grant(taken);
          taken = 0;
          continue;
        }
        if (this.#end?.error !== undefined) throw this.#end.error;
        if (this.#end !== undefined) return;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      signal?.removeEventListener('abort', wake);
      this.#control.over(this.#end !== undefined);
    }
  }
}
