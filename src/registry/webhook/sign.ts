import { createHmac } from 'node:crypto';
import { WebhookError } from './error.ts';
import { webhookLimits } from './limits.ts';

/** The headers that receivers verify a delivery by. */
export interface SignatureHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

/**
 * Reads a signing secret (Standard Webhooks, "Signature scheme"): `whsec_` and the Base64 of 24 to 64 random bytes.
 *
 * @param name of the endpoint, for the error
 * @throws WebhookError WEBHOOK_SECRET_INVALID
 */
export function parseWebhookSecret(text: string, name: string): Buffer {
  const encoded = text.trim().replace(/^whsec_/, '');
  const bytes = /^[A-Za-z0-9+/]+={0,2}$/.test(encoded) ? Buffer.from(encoded, 'base64') : Buffer.alloc(0);
  const { secretLeast, secretMost } = webhookLimits;
  if (bytes.length >= secretLeast && bytes.length <= secretMost) return bytes;
  throw new WebhookError(
    'WEBHOOK_SECRET_INVALID',
    `The secret of the webhook ${name} is not whsec_ and the Base64 of ${secretLeast} to ${secretMost} bytes; ` +
      'make one by: echo "whsec_$(openssl rand -base64 32)"',
  );
}

/**
 * Signs one attempt (Standard Webhooks, "Signature scheme" and "Webhook headers"): HMAC-SHA256 over id, time and body, once
 * for each secret, so that receivers may change theirs while the old one still counts.
 *
 * @param id without a point, which parts it from the time
 * @param time of the attempt, in milliseconds since 1970
 */
export function signDelivery(id: string, time: number, body: string, secrets: readonly Uint8Array[]): SignatureHeaders {
  const seconds = String(Math.floor(time / 1000));
  const signatures = secrets.map((secret) => {
    const mac = createHmac('sha256', secret).update(`${id}.${seconds}.`).update(body).digest('base64');
    return `v1,${mac}`;
  });
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}
