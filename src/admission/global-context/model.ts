import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import type { Clock } from '../../net/clock.ts';
import type { Gathered } from '../../policy/evidence.ts';
import type { ImageNaming } from '../../policy/kyverno/image-name.ts';

/** What entries are kept with. */
export interface GlobalContextParts {
  readonly client: Pick<KubernetesClient, 'list' | 'watch' | 'discover' | 'read' | 'review' | 'namespace'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For functions that projections may call. */
  readonly naming: ImageNaming;
}

/** The data of one entry, kept up to date until its signal is aborted. */
export interface KeptData {
  /** Waits for the first time at most. @throws the signal's reason */
  ready(signal: AbortSignal): Promise<void>;
  /** Another one whenever the data is. */
  readonly state: Gathered<JsonValue>;
}
