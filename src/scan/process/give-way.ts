import type { Clock } from '../../net/clock.ts';
import type { ContentPace } from './channel/content-pace.ts';
import { UnscannableError } from './error.ts';
import { processLimits } from './limits.ts';
import type { ScanPool } from './pool/scan-pool.ts';

/** A scan that has a process, which others may wait for. */
export interface HeldWorker {
  readonly pool: Pick<ScanPool, 'isWanted'>;
  readonly pace: Pick<ContentPace, 'bytes' | 'isAwaited'>;
  readonly clock: Clock;
}

/**
 * Ends a scan that does little but wait for its content while others wait for its process, so that a registry that stalls keeps nobody
 * waiting but those who want what it has.
 *
 * @param over is aborted with UnscannableError CONTENT_SLOW; this ends when it is aborted
 */
export async function giveWay({ pool, pace, clock }: HeldWorker, over: AbortController): Promise<void> {
  const { paceTime, paceBytes } = processLimits;
  while (!over.signal.aborted) {
    const before = pace.bytes;
    await clock.sleep(paceTime, over.signal).catch(() => undefined);
    if (!pool.isWanted || !pace.isAwaited || pace.bytes - before >= paceBytes) continue;
    over.abort(new UnscannableError('CONTENT_SLOW', 'The content of the image comes slowly, and others go before it'));
  }
}
