import { isSeaworthyError } from '../../base/error.ts';
import { type DenialCode, denialOf, type ReviewAnswer } from '../review/answer.ts';
import type { FailurePolicy } from './model.ts';

/**
 * What is answered where a review could not be judged. Under `fail` that is a denial, and no "forbidden": it may well be allowed when it
 * is asked for again. Under `ignore` it is let through, which whoever asked and whoever reads the audit log is told.
 *
 * @param error of this program's own ones the sentence and code are told; others may say what is nobody's business
 */
export function failureAnswer(error: unknown, failurePolicy: FailurePolicy, uid: string): ReviewAnswer {
  const code = failureCode(error);
  const why = isSeaworthyError(error)
    ? error.message
    : `it failed in a way that was not foreseen; look for review ${uid} in the log of the webhook`;
  if (failurePolicy === 'fail') {
    return denialOf(`Seaworthy could not judge this object (${code}): ${why}`, { code: statusOf(code) });
  }
  return {
    allowed: true,
    warnings: [`Seaworthy let this object through without judging it (${code}): ${why}`],
    auditAnnotations: { 'not-judged': code },
  };
}

/** The code that a failure is told by. */
export function failureCode(error: unknown): string {
  return isSeaworthyError(error) ? error.code : 'JUDGE_FAILED';
}

function statusOf(code: string): DenialCode {
  if (code === 'OVERLOADED') return 429;
  return code === 'JUDGE_FAILED' || code === 'ANSWER_INVALID' ? 500 : 503;
}
