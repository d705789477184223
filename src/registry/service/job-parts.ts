import type { Logger } from '../../base/logger.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { RegistryConfig } from '../config/model.ts';
import type { Content } from '../content/content.ts';
import type { RegistryMetrics } from '../metrics/registry-metrics.ts';
import type { UpstreamJobs } from '../upstream/open-upstreams.ts';
import type { EventOutbox } from '../webhook/outbox.ts';

/** What the background work of a registry needs. */
export interface JobParts {
  readonly content: Content;
  readonly trail: AuditTrail;
  readonly outbox: EventOutbox;
  /** Of the pull-through cache, where there is one. */
  readonly upstreams?: UpstreamJobs;
  readonly metrics: RegistryMetrics;
  readonly logger: Logger;
  /** As it is now: rules may change while the registry runs. */
  readonly config: () => RegistryConfig;
}
