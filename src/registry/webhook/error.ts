import { SeaworthyError } from '../../base/error.ts';

/** What can go wrong with events. */
export type WebhookErrorCode =
  /** A secret is none that receivers can verify with. */
  | 'WEBHOOK_SECRET_INVALID'
  /** An event is too long, which is a flaw of whoever made it. */
  | 'EVENT_TOO_LARGE'
  /** A delivery did not come through, and is tried again. */
  | 'DELIVERY_FAILED';

/** An event cannot be made or delivered. The message holds no secret. */
export class WebhookError extends SeaworthyError<WebhookErrorCode> {
  override readonly name = 'WebhookError';
}
