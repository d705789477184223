import type { Logger } from '../../base/logger.ts';
import { AdmissionError } from '../error.ts';
import type { AdmissionMetrics, ReviewDecision } from '../metrics.ts';
import { encodeAnswer } from '../review/answer.ts';
import { parseReview } from '../review/parse-review.ts';
import { type DeadlinePolicy, timeOfReview } from './deadline.ts';
import { decide, type DecideOptions, type Decision } from './decide.ts';
import type { Exchange } from './exchange.ts';
import { failureCode } from './failure-answer.ts';
import type { HeldBytes } from './held-bytes.ts';
import { readBody } from './read-body.ts';
import type { AdmissionRoute } from './route.ts';

/** What reviews are answered with. */
export interface AnswerOptions extends DecideOptions {
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
  readonly held: HeldBytes;
  readonly deadline: DeadlinePolicy;
  readonly reviewBytes: number;
  readonly reviewDepth: number;
  /** Milliseconds until a body must be whole. */
  readonly bodyTime: number;
}

/**
 * Reads a review, has it judged and words the answer.
 *
 * @throws AdmissionError where there is no review that could be answered
 */
export async function answerReview(
  exchange: Exchange,
  route: AdmissionRoute & { readonly kind: 'review' },
  query: string,
  options: AnswerOptions,
): Promise<Buffer> {
  const { metrics, held, monotonic, startTimer } = options;
  const began = monotonic();
  const time = timeOfReview(query, options.deadline);
  metrics.began();
  let taken = 0;
  const caller = new AbortController();
  const gone = (): void => caller.abort(new AdmissionError('CALLER_GONE', 'The API server does not wait any more'));
  const stopListening = exchange.onClose(gone);
  try {
    const most = options.reviewBytes;
    const body = await readBody(exchange, { most, held, time: Math.min(time, options.bodyTime), startTimer });
    taken = body.length;
    const review = parseReview(body, { bytes: most, depth: options.reviewDepth });
    const { phase, failurePolicy, policy } = route;
    const open = { request: review, phase, failurePolicy, deadline: began + time, caller: caller.signal };
    const decision = await decide(policy === undefined ? open : { ...open, policy }, options);
    tell(review.uid, decision, options);
    metrics.reviewed(review.operation, nameOf(decision), (monotonic() - began) / 1000);
    return encodeAnswer(review.uid, decision.answer);
  } finally {
    stopListening();
    held.release(taken);
    metrics.ended();
  }
}

function tell(uid: string, { failure }: Decision, { metrics, logger }: AnswerOptions): void {
  if (failure === undefined) return;
  const code = failureCode(failure);
  if (code === 'DEADLINE_EXCEEDED' || code === 'OVERLOADED') metrics.late();
  if (code === 'CALLER_GONE') logger.debug('Nobody waits for a review any more', { uid });
  else logger.warn('A review could not be judged', { uid, code, error: failure });
}

function nameOf({ answer: { allowed }, failure }: Decision): ReviewDecision {
  if (failure === undefined) return allowed ? 'allow' : 'deny';
  if (failureCode(failure) === 'CALLER_GONE') return 'abandoned';
  return allowed ? 'error-allow' : 'error-deny';
}
