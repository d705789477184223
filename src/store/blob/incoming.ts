import { StoreError } from '../error.ts';
import type { AppendOptions } from './blob-store.ts';

/** What the source of an upload threw, kept apart from what the store itself meets while it writes. */
class SourceFailure extends Error {
  override readonly name = 'SourceFailure';
}

/** The error that a caller gets: what its own source threw is handed back unchanged. */
export function unwrapSource(error: unknown): unknown {
  return error instanceof SourceFailure ? error.cause : error;
}

/**
 * The chunks that go to an upload, until the source ends, the signal is aborted (even while a chunk is awaited) or more come
 * than are allowed.
 *
 * @throws StoreError LIMIT_EXCEEDED, or a {@link SourceFailure} around what the source threw or the signal's reason
 */
export async function* incoming(
  bytes: AsyncIterable<Uint8Array>,
  offset: number,
  { maxBytes, signal }: AppendOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = bytes[Symbol.asyncIterator]();
  let total = offset;
  let ended = false;
  try {
    for (;;) {
      const result = await nextOf(iterator, signal);
      if (result.done === true) {
        ended = true;
        return;
      }
      total += result.value.length;
      if (total > maxBytes) {
        throw new StoreError(
          'LIMIT_EXCEEDED',
          `an upload may have ${maxBytes} bytes at most; raise the limit or send less`,
        );
      }
      if (result.value.length > 0) yield result.value;
    }
  } finally {
    // Not awaited: a source that is stuck would keep the upload.
    if (!ended) void iterator.return?.()?.then(undefined, () => undefined);
  }
}

function nextOf(
  iterator: AsyncIterator<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<IteratorResult<Uint8Array, unknown>> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => reject(new SourceFailure('the source of an upload failed', { cause }));
    const onAbort = (): void => fail(signal?.reason);
    if (signal?.aborted === true) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    iterator
      .next()
      .then(resolve, fail)
      .finally(() => signal?.removeEventListener('abort', onAbort));
  });
}
