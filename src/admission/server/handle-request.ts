import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../base/logger.ts';
import { printable } from '../../base/printable.ts';
import { AdmissionError, type AdmissionErrorCode } from '../error.ts';
import { admissionLimits } from '../limits.ts';
import type { AdmissionMetrics, ReviewRefusal } from '../metrics.ts';
import { answerReview, type AnswerOptions } from './answer-review.ts';
import { type AdmissionRoute, findRoute } from './route.ts';
import { type SendOptions, sendBody, sendJson } from './send.ts';

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
export async function handleRequest(
  request: IncomingMessage,
  response: ServerResponse,
  options: HandleOptions,
): Promise<void> {
  const url = request.url ?? '';
  const [path = '', query = ''] = url.length > admissionLimits.urlLength ? [] : url.split('?', 2);
  const found = findRoute(path);
  const route = found !== undefined && options.serves.has(found.kind) ? found : undefined;
  if (route === undefined) return refuse(request, response, options, 404, 'no-such-path', 'There is no such path');
  if (route.kind !== 'review') return await answerState(request, response, route.kind, options);
  if (request.method !== 'POST') return refuse(request, response, options, 405, 'method', 'Reviews are sent by POST');
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json(?:\s*;|$)/i.test(type)) {
    return refuse(request, response, options, 415, 'media-type', 'Reviews are sent as application/json');
  }
  try {
    const body = await answerReview(request, response, route, query, options);
    sendBody(request, response, 200, body, { isLast: options.isClosing() });
  } catch (error) {
    failed(request, response, options, error);
  }
}

function failed(request: IncomingMessage, response: ServerResponse, options: HandleOptions, error: unknown): void {
  if (!(error instanceof AdmissionError)) {
    options.logger.error('A review could not be answered', { error });
    sendJson(
      request,
      response,
      500,
      { code: 'INTERNAL', message: 'Look into the log of the webhook' },
      lastOf(options),
    );
    return;
  }
  const known = refusals[error.code];
  if (known === undefined) {
    // Nobody is there to be told.
    response.destroy();
    return;
  }
  const [status, reason] = known;
  options.metrics.refused(reason);
  options.logger.warn('A request was no review that can be judged', { code: error.code, message: error.message });
  // What is left of a body is not read, so nothing can follow it. No Retry-After: an API server that is told when to come again waits for
  // that until its own time is over, in place of going by the failure policy.
  sendJson(request, response, status, { code: error.code, message: error.message }, { isLast: true });
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  options: HandleOptions,
  status: number,
  reason: ReviewRefusal,
  message: string,
): void {
  options.metrics.refused(reason);
  options.logger.debug('A request was refused', { status, path: printable(request.url ?? '', 200) });
  sendJson(request, response, status, { message }, { isLast: true });
}

async function answerState(
  request: IncomingMessage,
  response: ServerResponse,
  kind: 'health' | 'ready' | 'metrics',
  options: HandleOptions,
): Promise<void> {
  const { method } = request;
  if (method !== 'GET' && method !== 'HEAD') return refuse(request, response, options, 405, 'method', 'Use GET');
  const sent = lastOf(options);
  if (kind === 'health') {
    sendJson(request, response, 200, { status: 'ok' }, sent);
    return;
  }
  if (kind === 'ready') {
    const reasons = options.notReady();
    const status = reasons.length === 0 ? 200 : 503;
    const answer = reasons.length === 0 ? { status: 'ok' } : { status: 'unavailable', reasons };
    sendJson(request, response, status, answer, sent);
    return;
  }
  const { contentType, body } = await options.metrics.render();
  sendBody(request, response, 200, Buffer.from(body), { ...sent, headers: { 'content-type': contentType } });
}

function lastOf({ isClosing }: HandleOptions): SendOptions {
  return { isLast: isClosing() };
}
