import type { Grant } from '../auth/grant.ts';
import type { ImmutableRule } from '../rule/immutable/model.ts';
import type { AuthConfig } from './auth/model.ts';
import type { GateConfig } from './gate/model.ts';
import type { AuditConfig, GcConfig, QuotaConfig, RetentionConfig, ScrubConfig } from './rules/model.ts';
import type { ScanningConfig } from './scanning/model.ts';
import type {
  DeleteConfig,
  MetricsConfig,
  ProxiesConfig,
  Risk,
  ServerLimits,
  TlsConfig,
  TracingConfig,
  UploadsConfig,
} from './serve/model.ts';
import type { DatabaseConfig, StorageConfig } from './storage/model.ts';
import type { UpstreamsConfig } from './upstreams/model.ts';
import type { ListenAddress } from '../../net/listen-address.ts';
import type { WebhookConfig } from './webhook/model.ts';

/**
 * How a registry is run: everything decided, paths absolute, times in milliseconds, sizes in bytes. Secrets are named and
 * not held.
 */
export interface RegistryConfig {
  readonly listen: ListenAddress;
  /** How clients reach it, without a slash at its end, where that is not the address it listens at. */
  readonly url?: string;
  readonly proxies: ProxiesConfig;
  readonly tls?: TlsConfig;
  readonly data: string;
  readonly storage: StorageConfig;
  readonly database: DatabaseConfig;
  readonly workers: number;
  readonly auth: AuthConfig;
  readonly permissions: readonly Grant[];
  readonly tags: { readonly immutable: readonly ImmutableRule[] };
  readonly retention: RetentionConfig;
  readonly quotas: readonly QuotaConfig[];
  readonly gc: GcConfig;
  readonly scrub: ScrubConfig;
  readonly scanning: ScanningConfig;
  readonly uploads: UploadsConfig;
  readonly limits: ServerLimits;
  readonly delete: DeleteConfig;
  readonly gate: GateConfig;
  readonly audit: AuditConfig;
  readonly upstreams: UpstreamsConfig;
  readonly webhooks: readonly WebhookConfig[];
  readonly metrics?: MetricsConfig;
  readonly tracing?: TracingConfig;
  readonly accept: readonly Risk[];
}
