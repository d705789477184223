import type { Clock } from '../../net/clock.ts';
import { isNetError } from '../../net/error.ts';
import type { Network } from '../../net/network.ts';
import { parseRetryAfter } from '../../net/retry.ts';
import type { WebhookEndpoint } from './endpoint.ts';
import { encodeEvent, eventMediaType, type RegistryEvent } from './event.ts';
import { webhookLimits } from './limits.ts';
import { signDelivery } from './sign.ts';

/** What came of one attempt. */
export type DeliveryOutcome =
  | { readonly kind: 'done'; readonly status: number }
  /** It may come through later. */
  | {
      readonly kind: 'retry';
      /** For logs; holds nothing of what was answered but its status. */
      readonly reason: string;
      /** Milliseconds that the receiver asked to be left alone for. */
      readonly afterMs?: number;
    }
  /** The receiver wants no events any more. */
  | { readonly kind: 'gone'; readonly reason: string };

/** Statuses after which an event is never sent again; all others but 2xx are failures that may pass. */
const goneStatus = 410;

/**
 * Posts one event to one endpoint, once (Standard Webhooks, "Deliverability and reliability"). Redirects are not followed, what
 * is answered is not read, and addresses of private networks are refused when they are connected to, unless the endpoint
 * allows them.
 *
 * @throws the signal's reason when it was aborted
 */
export async function deliver(
  event: RegistryEvent,
  endpoint: WebhookEndpoint,
  network: Network,
  clock: Pick<Clock, 'now'>,
  signal?: AbortSignal,
): Promise<DeliveryOutcome> {
  const body = encodeEvent(event);
  const { url, secrets, allowPrivate } = endpoint;
  try {
    const answer = await network.request({
      method: 'POST',
      url,
      headers: { 'content-type': eventMediaType, ...signDelivery(event.id, clock.now(), body, secrets) },
      body: Buffer.from(body),
      // The queue tries again, at greater distances; a second attempt needs a new signature anyway.
      idempotent: false,
      publicOnly: !allowPrivate,
      limits: { connectMs: webhookLimits.connectMs, headersMs: webhookLimits.answerMs },
      signal,
    });
    answer.discard();
    return judge(answer.status, answer.headers.get('retry-after'), clock.now());
  } catch (error) {
    if (!isNetError(error)) throw error;
    return { kind: 'retry', reason: error.message };
  }
}

function judge(status: number, retryAfter: string | undefined, now: number): DeliveryOutcome {
  if (status >= 200 && status < 300) return { kind: 'done', status };
  if (status === goneStatus) return { kind: 'gone', reason: 'it answered 410: it wants no events any more' };
  const advice = status >= 300 && status < 400 ? '; redirects are not followed, so its address should be changed' : '';
  const reason = `it answered ${status}${advice}`;
  const wait = parseRetryAfter(retryAfter, now);
  if (wait === undefined) return { kind: 'retry', reason };
  return { kind: 'retry', reason, afterMs: Math.min(wait, webhookLimits.retryAfterMs) };
}
