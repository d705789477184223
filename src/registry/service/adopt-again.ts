import type { Logger } from '../../base/logger.ts';
import type { AuditTrail } from '../audit/audit-trail.ts';

/** Seals from time to time what processes left that were killed while this one lives. Gives what ends it. */
export function adoptAgain(trail: AuditTrail, logger: Logger): () => void {
  const adopt = (): void => {
    trail.adopt().catch((error: unknown) => logger.warn('Entries of the audit trail wait for their seals', { error }));
  };
  const timer = setInterval(adopt, 60_000);
  timer.unref();
  return () => clearInterval(timer);
}
