import type { RetentionRule } from '../../rule/retention/rules/model.ts';

/** What is deleted by itself, and when that is looked at. */
export interface RetentionConfig {
  /** Five fields of cron, in UTC. */
  readonly schedule: string;
  readonly rules: readonly RetentionRule[];
}

/**
 * How much repositories may hold: what goes beyond is not taken. Each repository that matches has all of it for itself. A rule
 * of retention of the kind `quota` removes instead.
 */
export interface QuotaConfig {
  readonly repositories: readonly string[];
  readonly maxBytes?: number;
  readonly maxTags?: number;
}

/** How bytes that nothing names are removed. */
export interface GcConfig {
  readonly enabled: boolean;
  readonly schedule: string;
  /** Milliseconds for which bytes stay that nothing names. */
  readonly graceMs: number;
}

/** When bytes and records are compared, and how fast. */
export interface ScrubConfig {
  readonly enabled: boolean;
  readonly schedule: string;
  /** Bytes that are read each second. */
  readonly bytesPerSecond: number;
}

/** What is remembered of who did what. */
export interface AuditConfig {
  /** Whether pulls are written down too. */
  readonly pulls: boolean;
  /** Milliseconds after which entries are let go; absent for never. */
  readonly keepForMs?: number;
}
