import { printable } from '../../../base/printable.ts';
import { AdmissionError, type AdmissionErrorCode } from '../../error.ts';
import { admissionLimits } from '../../limits.ts';
import type { Exchange } from '../../server/exchange.ts';
import { encodeProviderResponse } from '../answer.ts';
import { gatekeeperLimits } from '../limits.ts';
import { providerVersions } from '../parse-request.ts';
import { answerRequest, type AnswerOptions } from './answer-request.ts';
import type { ProviderRefusal } from './metrics.ts';
import { findProviderRoute } from './route.ts';

/** What requests are handled with. */
export interface HandleOptions extends AnswerOptions {
  /** Whether whoever sends a request may ask. */
  readonly mayAsk: (exchange: Exchange) => boolean;
  /** Whether connections end with the request that is under way. */
  readonly isClosing: () => boolean;
}

type Refusal = readonly [status: number, reason: ProviderRefusal, sentence: string];

/** What a request is told that cannot be read. */
const refusals: Readonly<Partial<Record<AdmissionErrorCode, Refusal>>> = {
  REVIEW_MALFORMED: [400, 'malformed', 'the request is none of Gatekeeper to an external data provider'],
  REVIEW_UNSUPPORTED: [400, 'unsupported', `the request is of another version than ${providerVersions.join(' and ')}`],
  REVIEW_TOO_LARGE: [
    413,
    'too-large',
    `the request has more than ${gatekeeperLimits.requestBytes} bytes or ${gatekeeperLimits.keys} keys; ask about fewer images at a time`,
  ],
  REVIEW_TOO_SLOW: [408, 'too-slow', 'the request did not come in time'],
  OVERLOADED: [503, 'overloaded', 'too many requests are held; try again, or run more replicas'],
};

/**
 * Answers a request on the listener for Gatekeeper. Whatever its status, the body is a ProviderResponse: Gatekeeper reads any body as one,
 * and takes one without a `systemError` for an answer that has nothing to say, which templates may let pass.
 */
export async function handleProviderRequest(exchange: Exchange, options: HandleOptions): Promise<void> {
  const { target } = exchange;
  const [path = ''] = target.length > admissionLimits.urlLength ? [] : target.split('?', 1);
  const refuse = (...refusal: Refusal): void => send(exchange, options, refusal);
  if (!options.mayAsk(exchange)) return refuse(403, 'client', 'the certificate of the client does not count any more');
  const question = findProviderRoute(path);
  if (question === undefined) return refuse(404, 'no-such-path', 'there is no such path');
  if (exchange.method !== 'POST') return refuse(405, 'method', 'requests are sent by POST');
  if (!/^application\/json(?:\s*;|$)/i.test(exchange.contentType)) {
    return refuse(415, 'media-type', 'requests are sent as application/json');
  }
  try {
    const body = await answerRequest(exchange, question, options);
    exchange.send(200, body, { isLast: options.isClosing() });
  } catch (error) {
    const refusal = error instanceof AdmissionError ? refusals[error.code] : undefined;
    if (refusal !== undefined) return refuse(...refusal);
    // Nobody is there to be told, or nobody knows what.
    if (!(error instanceof AdmissionError)) options.logger.error('A request could not be answered', { error });
    exchange.destroy();
  }
}

function send(exchange: Exchange, { metrics, logger }: HandleOptions, [status, reason, systemError]: Refusal): void {
  metrics.refused(reason);
  logger.debug('A request of Gatekeeper was refused', { status, reason, path: printable(exchange.target, 200) });
  const [apiVersion] = providerVersions;
  // What is left of a body is not read, so nothing can follow it.
  exchange.send(status, encodeProviderResponse({ apiVersion, items: [], systemError }), { isLast: true });
}
