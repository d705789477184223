import type { AuditRow } from '../../store/metadata/audit.ts';
import type { AuditEntry } from './entry.ts';

/** An entry as it is kept. */
export function auditRow(entry: AuditEntry): AuditRow {
  const { actor, time, action, outcome, repository = null } = entry;
  return { time, action, outcome, repository, actor: `${actor.kind}:${actor.name}`, entry: JSON.stringify(entry) };
}
