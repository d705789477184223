import { randomUUID } from 'node:crypto';
import { AuditTrail } from '../../registry/audit/audit-trail.ts';
import { type AuditAction, auditEntry, type AuditEntry, type AuditOutcome } from '../../registry/audit/entry.ts';
import type { Journal } from '../../registry/content/content.ts';
import type { SqlDatabase, SqlQueries } from '../../store/sql/database.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { loggerOf } from '../logger.ts';
import { machineUser } from './machine-user.ts';

/** What a command did to one thing. */
export interface CommandDeed {
  readonly outcome?: AuditOutcome;
  readonly repository?: string | undefined;
  /** A tag. */
  readonly reference?: string | undefined;
  readonly digest?: AuditEntry['digest'];
  /** What was done, where the action alone does not tell. */
  readonly what?: string;
}

/** What a command that works on a registry's stores directly writes into its audit trail. Closing it gives the entries their places. */
export interface CommandTrail extends AsyncDisposable {
  /** Writes an entry in the transaction of what it is about. */
  record(queries: SqlQueries, deed: CommandDeed): Promise<void>;
  /** Writes an entry about what has no transaction of its own. */
  seal(deed: CommandDeed): Promise<void>;
  /** Writes down what is pushed. */
  readonly journal: Journal;
}

/**
 * Opens the trail of one command. Its actor is the system, with the command's name, since whoever works on the stores themselves logged in
 * to the machine and not to the registry; who that was is told as the reason.
 */
export function openCommandTrail(
  database: SqlDatabase,
  command: { readonly name: string; readonly action: AuditAction },
  settings: Pick<Settings, 'debug'>,
  host: Host,
): CommandTrail {
  const now = (): number => host.now().getTime();
  const trail = new AuditTrail({ database, logger: loggerOf(settings, host), chain: `c-${randomUUID()}`, now });
  const by = `run by ${machineUser()} on the machine itself`;
  const entryOf = ({ outcome = 'done', what, ...about }: CommandDeed): AuditEntry =>
    auditEntry({
      time: now(),
      actor: { kind: 'system', name: command.name },
      action: command.action,
      outcome,
      ...about,
      reason: what === undefined ? by : `${what}; ${by}`,
    });
  const record: CommandTrail['record'] = (queries, deed) => trail.record(queries, entryOf(deed));
  return {
    record,
    seal: (deed) => trail.seal(entryOf(deed)),
    journal: (queries, { repository, tag, digest }) => record(queries, { repository, reference: tag, digest }),
    [Symbol.asyncDispose]: () => trail[Symbol.asyncDispose](),
  };
}
