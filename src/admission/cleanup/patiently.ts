import { isKubernetesError } from '../../kubernetes/error.ts';
import type { Clock } from '../../net/clock.ts';
import { cleanupLimits as limits } from './limits.ts';

/**
 * Does something again while API servers fail at it, which they do as long as one of them asks a webhook that does not answer. To be
 * used for what may be done twice.
 *
 * @throws KubernetesError, or the signal's reason
 */
export async function patiently<Value>(act: () => Promise<Value>, clock: Clock, signal: AbortSignal): Promise<Value> {
  const until = clock.monotonic() + limits.patience;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (!isKubernetesError(error, 'SERVER_FAILED', 'UNREACHABLE') || clock.monotonic() >= until) throw error;
    }
    await clock.sleep(limits.pause, signal);
  }
}
