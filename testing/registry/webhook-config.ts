import type { WebhookConfig } from '../../src/registry/config/webhook/model.ts';
import { eventNames } from '../../src/registry/webhook/event-name.ts';

/** A webhook that wants to hear of all events, but for what is said otherwise. */
export function webhookConfig(name: string, rest: Partial<WebhookConfig>): WebhookConfig {
  return {
    name,
    url: 'https://example.org/',
    events: [...eventNames],
    repositories: ['**'],
    secret: { kind: 'env', name: 'S' },
    allowPrivate: false,
    ...rest,
  };
}
