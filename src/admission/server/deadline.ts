import { parseGoDuration } from '../../lang/go/duration.ts';
import { admissionLimits } from '../limits.ts';

/** How long reviews may take. */
export interface DeadlinePolicy {
  /** Milliseconds that the API server waits, where its request does not say so (`timeout=10s`). */
  readonly defaultTimeout?: number;
  /** Milliseconds before the end of that time at which an answer goes out. */
  readonly margin?: number;
}

/**
 * Milliseconds within which a review is answered: what the API server waits, less what an answer takes on its way. It tells that as a
 * duration of Go (apiserver, admission/plugin/webhook/request: `timeout`); what is none, or longer than a webhook may wait, is of somebody
 * else, and gets the usual time.
 *
 * @param query what stands behind the question mark of the path
 */
export function timeOfReview(query: string, policy: DeadlinePolicy = {}): number {
  const { defaultTimeout = admissionLimits.defaultTimeout, margin = admissionLimits.answerMargin } = policy;
  const asked = waitingTime(new URLSearchParams(query).get('timeout'));
  const timeout = asked ?? defaultTimeout;
  // Of very little time, half is better than nothing.
  return Math.max(timeout - margin, timeout / 2);
}

function waitingTime(text: string | null): number | undefined {
  const nanoseconds = text === null ? undefined : parseGoDuration(text);
  if (nanoseconds === undefined || nanoseconds <= 0n) return undefined;
  const milliseconds = Number(nanoseconds / 1000n) / 1000;
  return Math.min(milliseconds, admissionLimits.longestTimeout);
}
