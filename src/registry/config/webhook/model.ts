import type { EventName } from '../../webhook/event-name.ts';
import type { SecretReference } from '../value/secret.ts';

/** Where events go. */
export interface WebhookConfig {
  /** Unique; deliveries, metrics and audit entries name it. */
  readonly name: string;
  readonly url: string;
  readonly events: readonly EventName[];
  /** Patterns; events that are about no repository go to every endpoint that wants them. */
  readonly repositories: readonly string[];
  /** What deliveries are signed with; several while a secret is changed. */
  readonly secret: SecretReference;
  readonly previousSecret?: SecretReference;
  /** Whether it may be an address of this machine or of a private network. */
  readonly allowPrivate: boolean;
}
