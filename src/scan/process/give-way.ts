import type { Clock } from '../../net/clock.ts';
import type { ContentPace } from './channel/content-pace.ts';
import { UnscannableError } from './error.ts';

/** A scan that has a process, for which there may be something better to do. */
export interface HeldWorker {
  readonly pace: Pick<ContentPace, 'bytes' | 'isAwaited'>;
  readonly clock: Clock;
  /** It waits too much when it waits for its content, of which fewer bytes came in so many milliseconds. */
  readonly limits: { readonly paceTime: number; readonly paceBytes: number };
  /** Whether there is; asked only while the scan waits too much. Must not throw. */
  readonly isWanted: () => boolean | Promise<boolean>;
}

/**
 * Ends a scan that does little but wait for its content while its process could do something better, so that a registry that stalls keeps nobody
 * waiting but those who want what it has.
 *
 * @param over is aborted with UnscannableError CONTENT_SLOW; this ends when it is aborted
 */
export async function giveWay({ pace, clock, limits, isWanted }: HeldWorker, over: AbortController): Promise<void> {
  while (!over.signal.aborted) {
    const before = pace.bytes;
    await clock.sleep(limits.paceTime, over.signal).catch(() => undefined);
    if (over.signal.aborted || !pace.isAwaited || pace.bytes - before >= limits.paceBytes) continue;
    if (!(await isWanted())) continue;
    over.abort(new UnscannableError('CONTENT_SLOW', 'The content of the image comes slowly, and others go before it'));
  }
}
