import type { Clock } from '../../net/clock.ts';

/** How long silence may last. */
export interface SilenceOptions {
  readonly silenceMs: number;
  readonly clock: Clock;
}

/**
 * Hands a stream on until nothing has come for too long, and ends then as if the stream had ended. Whoever reads it is to give up what is silent:
 * it is not waited for here.
 */
export async function* untilSilent<T>(
  stream: AsyncIterable<T>,
  options: SilenceOptions,
): AsyncGenerator<T, void, undefined> {
  const { silenceMs, clock } = options;
  const iterator = stream[Symbol.asyncIterator]();
  let isSilent = false;
  try {
    for (;;) {
      const heard = new AbortController();
      const waited = clock.sleep(silenceMs, heard.signal).then(
        () => 'silence' as const,
        () => 'heard' as const,
      );
      const next = iterator.next();
      try {
        const first = await Promise.race([next, waited]);
        if (first === 'silence') {
          isSilent = true;
          // It ends in an error, since it is given up; that is nobody's news.
          next.catch(() => undefined);
          return;
        }
        const { done, value } = first === 'heard' ? await next : first;
        if (done === true) return;
        yield value;
      } finally {
        heard.abort();
      }
    }
  } finally {
    if (!isSilent) await iterator.return?.();
  }
}
