import { AdmissionError } from '../error.ts';
import type { ReviewAnswer } from '../review/answer.ts';
import type { ReviewRequest } from '../review/model.ts';
import { failureAnswer } from './failure-answer.ts';
import type { FailurePolicy, JudgeReview, ReviewPhase, StartTimer } from './model.ts';
import type { ReviewQueue } from './review-queue.ts';

/** What a review is decided with. */
export interface DecideOptions {
  readonly judge: JudgeReview;
  readonly queue: ReviewQueue;
  readonly startTimer: StartTimer;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

/** A review that is to be decided. */
export interface OpenReview {
  readonly request: ReviewRequest;
  readonly phase: ReviewPhase;
  readonly failurePolicy: FailurePolicy;
  readonly policy?: string;
  /** By {@link DecideOptions.monotonic}: when an answer goes out in any case. */
  readonly deadline: number;
  /** Aborted when nobody waits for the answer any more. */
  readonly caller: AbortSignal;
}

/** What came of a review, and what kept it from being judged. */
export interface Decision {
  readonly answer: ReviewAnswer;
  /** Absent where it was judged. */
  readonly failure?: unknown;
}

/** Has a review judged in its turn, and gives an answer before its deadline whatever becomes of that. */
export async function decide(review: OpenReview, options: DecideOptions): Promise<Decision> {
  const { request, phase, failurePolicy, policy, deadline, caller } = review;
  const { judge, queue, startTimer, monotonic } = options;
  const over = new AbortController();
  const { signal } = over;
  let isJudging = false;
  const stop = startTimer(Math.max(0, deadline - monotonic()), () => over.abort(tooLate(isJudging)));
  const gone = (): void => over.abort(caller.reason);
  if (caller.aborted) gone();
  else caller.addEventListener('abort', gone, { once: true });
  try {
    const judged = queue.run(signal, () => {
      isJudging = true;
      const context = { phase, failurePolicy, signal, timeLeft: deadline - monotonic() };
      return judge(request, policy === undefined ? context : { ...context, policy });
    });
    const answer = await Promise.race([judged, aborted(signal)]);
    checkAnswer(answer, phase);
    return { answer };
  } catch (failure) {
    return { answer: failureAnswer(failure, failurePolicy, request.uid), failure };
  } finally {
    stop();
    caller.removeEventListener('abort', gone);
  }
}

/** What cannot be answered with must not come out as if it had not been said: an image that was to be pinned would not be. */
function checkAnswer({ allowed, patch = [] }: ReviewAnswer, phase: ReviewPhase): void {
  if (patch.length === 0) return;
  const where = allowed ? 'a validating webhook' : 'a denial';
  if (allowed && phase === 'mutate') return;
  throw new AdmissionError('ANSWER_INVALID', `It was to be changed by ${where}, which cannot be; report this`);
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

function tooLate(isJudging: boolean): AdmissionError {
  if (isJudging) {
    const sentence =
      'there was no time to look at all that it needs; try again, or raise timeoutSeconds of the webhook';
    return new AdmissionError('DEADLINE_EXCEEDED', sentence);
  }
  return new AdmissionError('OVERLOADED', 'too many objects are being judged; try again, or run more replicas');
}
