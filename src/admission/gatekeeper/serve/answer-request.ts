import type { Logger } from '../../../base/logger.ts';
import { AdmissionError } from '../../error.ts';
import type { Exchange } from '../../server/exchange.ts';
import type { HeldBytes } from '../../server/held-bytes.ts';
import type { StartTimer } from '../../server/model.ts';
import { readBody } from '../../server/read-body.ts';
import type { ReviewQueue } from '../../server/review-queue.ts';
import { answerProvider, encodeProviderResponse, type JudgeProviderKey, type ProviderQuestion } from '../answer.ts';
import { gatekeeperLimits } from '../limits.ts';
import { parseProviderRequest, type ProviderRequest } from '../parse-request.ts';
import type { ProviderMetrics } from './metrics.ts';

/** What requests are answered with. */
export interface AnswerOptions {
  readonly judge: JudgeProviderKey;
  /** Milliseconds that whoever asks waits. */
  readonly waits: Readonly<Record<ProviderQuestion, number>>;
  readonly queue: ReviewQueue;
  readonly held: HeldBytes;
  /** Milliseconds until a body must be whole. */
  readonly bodyTime: number;
  readonly startTimer: StartTimer;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
  readonly metrics: ProviderMetrics;
  readonly logger: Logger;
}

/**
 * Reads a request and answers it before Gatekeeper's time is over, whatever becomes of its images: those that are not told of by then
 * are a `systemError`, and looking at them goes on, so that whoever tries again hears of them.
 *
 * @throws AdmissionError where there is no request that could be answered
 */
export async function answerRequest(
  exchange: Exchange,
  question: ProviderQuestion,
  options: AnswerOptions,
): Promise<Buffer> {
  const { held, startTimer, monotonic, waits } = options;
  const began = monotonic();
  const wait = waits[question];
  let taken = 0;
  const caller = new AbortController();
  const gone = (): void => caller.abort(new AdmissionError('CALLER_GONE', 'Gatekeeper does not wait any more'));
  const stopListening = exchange.onClose(gone);
  try {
    const most = gatekeeperLimits.requestBytes;
    const body = await readBody(exchange, { most, held, time: Math.min(wait, options.bodyTime), startTimer });
    taken = body.length;
    const asked = parseProviderRequest(body);
    const times = { began, known: began + before(wait, 'knownMargin'), last: began + before(wait, 'answerMargin') };
    return await answerInTime(asked, question, times, caller.signal, options);
  } finally {
    stopListening();
    held.release(taken);
  }
}

/** Of very little time, half is better than nothing. */
function before(wait: number, margin: 'knownMargin' | 'answerMargin'): number {
  return Math.max(wait - gatekeeperLimits[margin], wait / 2);
}

/** By a steady clock: when the request began, when an answer is made of what is known, and when there is one in any case. */
interface RequestTimes {
  readonly began: number;
  readonly known: number;
  readonly last: number;
}

async function answerInTime(
  asked: ProviderRequest,
  question: ProviderQuestion,
  { began, known, last }: RequestTimes,
  caller: AbortSignal,
  { judge, queue, startTimer, monotonic, metrics, logger }: AnswerOptions,
): Promise<Buffer> {
  const over = new AbortController();
  const end = new AbortController();
  let isJudging = false;
  const stops = [
    startTimer(Math.max(0, known - monotonic()), () => over.abort(tooLate(isJudging))),
    startTimer(Math.max(0, last - monotonic()), () => end.abort(tooLate(isJudging))),
  ];
  const gone = (): void => {
    over.abort(caller.reason);
    end.abort(caller.reason);
  };
  if (caller.aborted) gone();
  else caller.addEventListener('abort', gone, { once: true });
  const seconds = (): number => (monotonic() - began) / 1000;
  try {
    const answer = await Promise.race([
      queue.run(over.signal, () => {
        isJudging = true;
        return answerProvider(question, asked, judge, over.signal);
      }),
      rejected(end.signal),
    ]);
    metrics.told(question, answer.outcomes);
    metrics.done(question, over.signal.aborted ? 'late' : 'answered', seconds());
    return answer.body;
  } catch (error) {
    const isLate = error instanceof AdmissionError && (over.signal.aborted || end.signal.aborted);
    if (caller.aborted) metrics.done(question, 'abandoned', seconds());
    else metrics.done(question, isLate ? 'late' : 'failed', seconds());
    if (caller.aborted) throw caller.reason;
    metrics.told(
      question,
      [...new Set(asked.keys)].map(() => 'unknown'),
    );
    if (!isLate) logger.error('A request of Gatekeeper could not be answered', { error });
    const systemError = isLate
      ? error.message
      : 'it failed in a way that was not foreseen; look into the log of the webhook';
    return encodeProviderResponse({ apiVersion: asked.apiVersion, items: [], systemError });
  } finally {
    for (const stop of stops) stop();
    caller.removeEventListener('abort', gone);
  }
}

function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}

function tooLate(isJudging: boolean): AdmissionError {
  if (isJudging) {
    const sentence = 'there was no time to look at all images; it goes on, so try again in a moment';
    return new AdmissionError('DEADLINE_EXCEEDED', sentence);
  }
  return new AdmissionError('OVERLOADED', 'too many images are being judged; try again, or run more replicas');
}
