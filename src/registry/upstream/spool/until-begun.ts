import { upstreamLimits } from '../limits.ts';
import type { UpstreamParts } from '../surroundings.ts';
import type { GrowingBlob } from './growing.ts';

/**
 * Waits until some of a blob can be read, or at last a time, for what another machine fetches.
 *
 * @throws what it failed with, the signal's reason
 */
export async function untilBegun(
  growing: GrowingBlob,
  signal: AbortSignal,
  clock: UpstreamParts['clock'],
): Promise<void> {
  const over = new AbortController();
  const either = AbortSignal.any([over.signal, signal]);
  let late = false;
  clock.sleep(upstreamLimits.silentWait, either).then(
    () => {
      late = true;
      over.abort();
    },
    () => undefined,
  );
  try {
    while (growing.state === 'growing' && growing.written === 0 && !late) {
      await growing.change(either).catch((error: unknown) => {
        if (!late || signal.aborted) throw error;
      });
    }
  } finally {
    over.abort();
  }
  if (growing.state === 'failed') throw growing.failure;
}
