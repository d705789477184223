import { z } from 'zod';
import { eventNames } from '../../webhook/event-name.ts';
import { configLimits } from '../limits.ts';
import {
  flag,
  httpUrl,
  listOf,
  type Paths,
  repositoryPattern,
  secret,
  secretFields,
  text,
  word,
} from '../value/schema.ts';
import type { WebhookConfig } from './model.ts';

/** {@link WebhookConfig}s. */
export function webhooksSchema(paths: Paths): z.ZodType<readonly WebhookConfig[]> {
  const webhook: z.ZodType<WebhookConfig> = z
    .strictObject({
      name: text('name', /^[\w.-]{1,64}$/, '1 to 64 letters, digits, and _ . -').describe(
        'name that metrics and audit entries tell',
      ),
      url: httpUrl.describe('where events are posted'),
      events: listOf(word(eventNames), 1).describe(`which: ${eventNames.map((name) => `\`${name}\``).join(', ')}`),
      repositories: listOf(repositoryPattern, 1)
        .prefault(['**'])
        .describe('patterns of repositories it wants to hear of'),
      ...secretFields('secret', paths, 'what deliveries are signed with'),
      ...secretFields('previousSecret', paths, 'the secret before, while receivers change theirs'),
      allowPrivate: flag.prefault('false').describe('whether it may be in a private network or on this machine'),
    })
    .transform((given, context): WebhookConfig => {
      const { name, url, events, repositories, allowPrivate } = given;
      const current = secret(given, 'secret', context);
      if (current === undefined) context.addIssue('has no secret to sign with; add secret: env:NAME, or secretFile');
      const previous = secret(given, 'previousSecret', context);
      return {
        name,
        url,
        events,
        repositories,
        secret: current ?? { kind: 'env', name: '' },
        ...(previous === undefined ? {} : { previousSecret: previous }),
        allowPrivate,
      };
    });
  return listOf(webhook, 0, configLimits.webhooks).prefault([]);
}
