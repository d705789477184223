import { compileGlob, type PathGlob } from '../../base/glob.ts';
import type { WebhookConfig } from '../config/webhook/model.ts';
import { readSecret } from '../config/value/secret.ts';
import { repositoryOf, type RegistryEvent } from './event.ts';
import { parseWebhookSecret } from './sign.ts';

/** Where events are posted. */
export interface WebhookEndpoint {
  readonly name: string;
  readonly url: string;
  /** The present secret first. */
  readonly secrets: readonly Uint8Array[];
  readonly allowPrivate: boolean;
}

/** The endpoints of a configuration, ready to be used. */
export interface Endpoints {
  /** Those that want to hear of an event. */
  wanting(event: RegistryEvent): readonly WebhookEndpoint[];
  /** One by its name; undefined when the configuration has it no more. */
  find(name: string): WebhookEndpoint | undefined;
}

interface Subscription {
  readonly endpoint: WebhookEndpoint;
  readonly events: ReadonlySet<string>;
  readonly repositories: readonly PathGlob[];
}

/**
 * Reads the secrets of all endpoints, once for a configuration.
 *
 * @throws WebhookError WEBHOOK_SECRET_INVALID, RegistryConfigError SECRET_UNREADABLE
 */
export async function openEndpoints(
  configs: readonly WebhookConfig[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Endpoints> {
  const subscriptions: readonly Subscription[] = await Promise.all(
    configs.map(async ({ name, url, events, repositories, secret, previousSecret, allowPrivate }) => {
      const named = previousSecret === undefined ? [secret] : [secret, previousSecret];
      const secrets = await Promise.all(
        named.map(async (reference) => parseWebhookSecret(await readSecret(reference, env), name)),
      );
      return {
        endpoint: { name, url, secrets, allowPrivate },
        events: new Set<string>(events),
        repositories: repositories.map(compileGlob),
      };
    }),
  );
  return {
    wanting: (event) => subscriptions.filter((each) => wants(each, event)).map(({ endpoint }) => endpoint),
    find: (name) => subscriptions.find(({ endpoint }) => endpoint.name === name)?.endpoint,
  };
}

function wants({ events, repositories }: Subscription, event: RegistryEvent): boolean {
  if (!events.has(event.name)) return false;
  const repository = repositoryOf(event);
  return repository === undefined || repositories.some((glob) => glob.matches(repository));
}
