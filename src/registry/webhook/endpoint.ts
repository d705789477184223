import { compileGlob, type PathGlob } from '../../base/glob.ts';
import type { WebhookConfig } from '../config/webhook/model.ts';
import { readSecret } from '../config/value/secret.ts';
import { repositoryOf, type RegistryEvent } from './event.ts';
import type { EventName } from './event-name.ts';
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
  /** Whether any of them wants events of a name, so that those that nobody wants cost nothing. */
  want(name: EventName): boolean;
  /** The names of those that want to hear of an event. */
  wanting(event: RegistryEvent): readonly string[];
  /**
   * One by its name, with its secrets as they are now; undefined when the configuration has it no more.
   *
   * @throws WebhookError WEBHOOK_SECRET_INVALID, RegistryConfigError SECRET_UNREADABLE
   */
  open(name: string): Promise<WebhookEndpoint | undefined>;
}

/** None at all. */
export const noEndpoints: Endpoints = {
  want: () => false,
  wanting: () => [],
  open: () => Promise.resolve(undefined),
};

interface Subscription {
  readonly config: WebhookConfig;
  readonly events: ReadonlySet<EventName>;
  readonly repositories: readonly PathGlob[];
}

/**
 * Makes the endpoints of a configuration. Their secrets are read once, to find out early that one is missing, and again for each
 * delivery, so that a file counts as soon as it is replaced.
 *
 * @throws WebhookError WEBHOOK_SECRET_INVALID, RegistryConfigError SECRET_UNREADABLE
 */
export async function openEndpoints(
  configs: readonly WebhookConfig[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<Endpoints> {
  if (configs.length === 0) return noEndpoints;
  await Promise.all(configs.map((config) => openEndpoint(config, env)));
  const subscriptions: readonly Subscription[] = configs.map((config) => ({
    config,
    events: new Set(config.events),
    repositories: config.repositories.map(compileGlob),
  }));
  const all = new Set(configs.flatMap(({ events }) => events));
  return {
    want: (name) => all.has(name),
    wanting: (event) => subscriptions.filter((each) => wants(each, event)).map(({ config }) => config.name),
    async open(name) {
      const found = configs.find((config) => config.name === name);
      return found === undefined ? undefined : await openEndpoint(found, env);
    },
  };
}

async function openEndpoint(
  { name, url, secret, previousSecret, allowPrivate }: WebhookConfig,
  env: Readonly<Record<string, string | undefined>>,
): Promise<WebhookEndpoint> {
  const named = previousSecret === undefined ? [secret] : [secret, previousSecret];
  const secrets = await Promise.all(
    named.map(async (reference) => parseWebhookSecret(await readSecret(reference, env), name)),
  );
  return { name, url, secrets, allowPrivate };
}

function wants({ events, repositories }: Subscription, event: RegistryEvent): boolean {
  if (!events.has(event.name)) return false;
  const repository = repositoryOf(event);
  return repository === undefined || repositories.some((glob) => glob.matches(repository));
}
