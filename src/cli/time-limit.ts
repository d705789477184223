import { ScanError } from '../scan/error.ts';
import { formatDuration } from '../base/duration.ts';

/** Node takes a longer one for none at all, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** The user's interruption, and the time limit. @param timeout in milliseconds; 0 is none */
export function timeLimited(signal: AbortSignal, timeout: number): AbortSignal {
  if (timeout === 0) return signal;
  const timer = new AbortController();
  const message = `The command took longer than ${formatDuration(timeout)}; allow more with --timeout`;
  const stop = (): void => timer.abort(new ScanError('TIMEOUT', message));
  setTimeout(stop, Math.min(timeout, longestTimer)).unref();
  return AbortSignal.any([signal, timer.signal]);
}
