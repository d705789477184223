import type { ReviewAnswer } from '../review/answer.ts';
import type { ReviewRequest } from '../review/model.ts';

/** Whether an object may still be changed: mutating webhooks are asked first. */
export type ReviewPhase = 'mutate' | 'validate';

/** What becomes of an object that could not be judged (`failurePolicy` of a webhook). */
export type FailurePolicy = 'fail' | 'ignore';

/** How a review came. */
export interface ReviewContext {
  readonly phase: ReviewPhase;
  readonly failurePolicy: FailurePolicy;
  /** `name` or `namespace/name` of the only policy that is asked for; absent where all are. */
  readonly policy?: string;
  /** Aborted when the answer is of no use any more; its reason says why. */
  readonly signal: AbortSignal;
  /** Milliseconds that were left when judging began. */
  readonly timeLeft: number;
}

/**
 * Judges a review. What it throws is answered as the failure policy says: an error of this program is told with its sentence and
 * code, and anything else is not told.
 */
export type JudgeReview = (request: ReviewRequest, context: ReviewContext) => ReviewAnswer | Promise<ReviewAnswer>;

/** A certificate and its key. */
export interface TlsMaterial {
  /** PEM; the certificate first, then what its chain needs. */
  readonly certificate: string;
  /** PEM, not encrypted. */
  readonly key: string;
  /** When the certificate is over, in milliseconds since 1970. */
  readonly expires: number;
}

/** Where a server has its certificate from, now and later. */
export interface TlsSource {
  readonly current: () => TlsMaterial;
  /** Calls whoever serves, each time that there is another one. @returns what ends that */
  readonly onChange: (serve: (material: TlsMaterial) => void) => () => void;
}

/** Calls after some milliseconds, unless what it returns is called before that. */
export type StartTimer = (milliseconds: number, call: () => void) => () => void;

/** The machine's own timers. */
export const systemTimer: StartTimer = (milliseconds, call) => {
  const timer = setTimeout(call, milliseconds);
  return () => clearTimeout(timer);
};
