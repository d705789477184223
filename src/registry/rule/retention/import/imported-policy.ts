import type { RetentionPolicy } from '../policy.ts';

/** A policy of another registry, ready to be used here. */
export interface ImportedPolicy {
  readonly policy: RetentionPolicy;
  /** Sentences that the owner should read: what is taken otherwise than one might think. */
  readonly notes: readonly string[];
  /** When the other registry ran it: its cron expression, as written. */
  readonly schedule?: string;
}
