import { errorMessage } from '../base/error.ts';
import type { Gathered } from '../policy/evidence.ts';

/**
 * What came of looking. A look that failed is `unavailable`, never `absent`, and one for which there was no more time is `pending`; what the
 * client itself broke off is thrown.
 *
 * @param look gives undefined for what is not there
 */
export async function gathered<Value>(
  now: () => number,
  signal: AbortSignal,
  look: () => Promise<Value | undefined>,
): Promise<Gathered<Value>> {
  try {
    const value = await look();
    return value === undefined ? { state: 'absent', at: now() } : { state: 'known', value, at: now() };
  } catch (error) {
    if (signal.aborted) {
      if (isTimeout(signal.reason)) return { state: 'pending' };
      throw error;
    }
    return { state: 'unavailable', reason: errorMessage(error).replace(/\.$/, '') };
  }
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'TimeoutError';
}
