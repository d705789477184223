import type { Logger } from '../../base/logger.ts';
import { printable } from '../../base/printable.ts';
import { AdmissionError, type AdmissionErrorCode } from '../error.ts';
import { admissionLimits } from '../limits.ts';
import type { AdmissionMetrics, ReviewRefusal } from '../metrics.ts';
import { answerReview, type AnswerOptions } from './answer-review.ts';
import { type Exchange, sendJson, type SendOptions } from './exchange.ts';
import { type AdmissionRoute, findRoute } from './route.ts';

/** What requests are answered with. */
export interface HandleOptions extends AnswerOptions {
  readonly metrics: AdmissionMetrics;
  readonly logger: Logger;
  /** Why it cannot judge now; empty where it can. */
  readonly notReady: () => readonly string[];
  /** Whether connections end with the request that is under way. */
  readonly isClosing: () => boolean;
  /** Which of its paths a listener has. */
  readonly serves: ReadonlySet<AdmissionRoute['kind']>;
}

/** What a request is told that is no review: its status, and why for the metrics. */
const refusals: Readonly<Partial<Record<AdmissionErrorCode, readonly [status: number, reason: ReviewRefusal]>>> = {
  REVIEW_MALFORMED: [400, 'malformed'],
  REVIEW_UNSUPPORTED: [400, 'unsupported'],
  REVIEW_TOO_LARGE: [413, 'too-large'],
  REVIEW_TOO_SLOW: [408, 'too-slow'],
  // Before its body is read, nothing is known that an answer could name.
  OVERLOADED: [503, 'overloaded'],
};

/**
 * Answers a request. What is no review, or cannot be read as one, has another status than 200, which API servers take for a call that
 * failed: the webhook's failure policy decides then, as it does when a review cannot be judged.
 */
export async function handleRequest(exchange: Exchange, options: HandleOptions): Promise<void> {
  const { target } = exchange;
  const [path = '', query = ''] = target.length > admissionLimits.urlLength ? [] : target.split('?', 2);
  const found = findRoute(path);
  const route = found !== undefined && options.serves.has(found.kind) ? found : undefined;
  if (route === undefined) return refuse(exchange, options, 404, 'no-such-path', 'There is no such path');
  if (route.kind !== 'review') return await answerState(exchange, route.kind, options);
  if (exchange.method !== 'POST') return refuse(exchange, options, 405, 'method', 'Reviews are sent by POST');
  if (!/^application\/json(?:\s*;|$)/i.test(exchange.contentType)) {
    return refuse(exchange, options, 415, 'media-type', 'Reviews are sent as application/json');
  }
  try {
    const body = await answerReview(exchange, route, query, options);
    exchange.send(200, body, { isLast: options.isClosing() });
  } catch (error) {
    failed(exchange, options, error);
  }
}

function failed(exchange: Exchange, options: HandleOptions, error: unknown): void {
  if (!(error instanceof AdmissionError)) {
    options.logger.error('A review could not be answered', { error });
    sendJson(exchange, 500, { code: 'INTERNAL', message: 'Look into the log of the webhook' }, lastOf(options));
    return;
  }
  const known = refusals[error.code];
  if (known === undefined) {
    // Nobody is there to be told.
    exchange.destroy();
    return;
  }
  const [status, reason] = known;
  options.metrics.refused(reason);
  options.logger.warn('A request was no review that can be judged', { code: error.code, message: error.message });
  // What is left of a body is not read, so nothing can follow it. No Retry-After: an API server that is told when to come again waits for
  // that until its own time is over, in place of going by the failure policy.
  sendJson(exchange, status, { code: error.code, message: error.message }, { isLast: true });
}

function refuse(
  exchange: Exchange,
  options: HandleOptions,
  status: number,
  reason: ReviewRefusal,
  message: string,
): void {
  options.metrics.refused(reason);
  options.logger.debug('A request was refused', { status, path: printable(exchange.target, 200) });
  sendJson(exchange, status, { message }, { isLast: true });
}

async function answerState(
  exchange: Exchange,
  kind: 'health' | 'ready' | 'metrics',
  options: HandleOptions,
): Promise<void> {
  const { method } = exchange;
  if (method !== 'GET' && method !== 'HEAD') return refuse(exchange, options, 405, 'method', 'Use GET');
  const sent = lastOf(options);
  if (kind === 'health') {
    sendJson(exchange, 200, { status: 'ok' }, sent);
    return;
  }
  if (kind === 'ready') {
    const reasons = options.notReady();
    const status = reasons.length === 0 ? 200 : 503;
    const answer = reasons.length === 0 ? { status: 'ok' } : { status: 'unavailable', reasons };
    sendJson(exchange, status, answer, sent);
    return;
  }
  const { contentType, body } = await options.metrics.render();
  exchange.send(200, Buffer.from(body), { ...sent, headers: { 'content-type': contentType } });
}

function lastOf({ isClosing }: HandleOptions): SendOptions {
  return { isLast: isClosing() };
}
