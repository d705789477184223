import { expireAudit } from '../../audit/expire-audit.ts';
import type { JobParts } from '../job-parts.ts';

/** Lets entries of the audit trail go that are older than the configuration keeps them. */
export async function runAuditExpiry(
  { content, config, trail, logger, metrics }: JobParts,
  signal: AbortSignal,
): Promise<void> {
  const { keepForMs } = config().audit;
  if (keepForMs === undefined) return;
  const { database, now } = content;
  const before = now() - keepForMs;
  const entries = await expireAudit({ database, trail, before, now, signal });
  metrics.add('auditExpired', {}, entries);
  logger.info('Old audit entries were let go', { entries, before: new Date(before).toISOString() });
}
