import { printable } from '../../base/printable.ts';
import type { Digest } from '../../oci/digest.ts';
import { auditLimits } from './limits.ts';

/** Who did something. */
export interface AuditActor {
  readonly kind: 'user' | 'robot' | 'workload' | 'certificate' | 'anonymous' | 'system';
  /** As it signed in, or tried to, for a login that was refused; for the system, the part of it that acted, such as `retention`. */
  readonly name: string;
}

/** All actions, in no order. */
export const auditActions = [
  'login',
  'pull',
  'push',
  'mount',
  'delete',
  'list',
  'configure',
  'import',
  'restore',
  'retention',
  'garbage-collection',
  'scrub',
  'audit-expiry',
  'gate',
  'upstream',
  'start',
  'stop',
] as const;

/** What was done, or tried. */
export type AuditAction = (typeof auditActions)[number];

/** All ways in which an action may end. */
export const auditOutcomes = ['done', 'denied', 'failed'] as const;

/** How it ended: `denied` by a right, a rule or a gate; `failed` for any other cause. */
export type AuditOutcome = (typeof auditOutcomes)[number];

/**
 * What is remembered of one request or one act of the system. It has no place for headers, tokens or bodies, so that no
 * secret can get into it.
 */
export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly actor: AuditActor;
  readonly action: AuditAction;
  readonly outcome: AuditOutcome;
  readonly repository?: string;
  /** The tag or digest that was asked for. */
  readonly reference?: string;
  /** What that was. */
  readonly digest?: Digest;
  /** Why it was denied or failed: one sentence, which names the rule where one decided. */
  readonly reason?: string;
  /** Where the request came from: an IP address. */
  readonly address?: string;
  readonly userAgent?: string;
  readonly requestId?: string;
  /** The trace that the request belongs to (W3C Trace Context), as 32 hex digits. */
  readonly traceId?: string;
  /** Of `audit-expiry`: entries that are older than this were let go; milliseconds since 1970. */
  readonly before?: number;
}

/** What an entry is made of; texts may come from a client as they are. */
export type AuditFacts = {
  readonly [Name in keyof AuditEntry]: AuditEntry[Name] | (undefined extends AuditEntry[Name] ? undefined : never);
};

/** Makes an entry: texts are cut to their limits and made safe to print, and what is not known is left out. */
export function auditEntry(facts: AuditFacts): AuditEntry {
  const { time, actor, action, outcome, digest, before } = facts;
  const entry: AuditEntry = {
    time: Math.round(time),
    actor: { kind: actor.kind, name: printable(actor.name, auditLimits.name) },
    action,
    outcome,
    ...text('repository', facts.repository, auditLimits.repository),
    ...text('reference', facts.reference, auditLimits.reference),
    ...(digest === undefined ? {} : { digest }),
    ...text('reason', facts.reason, auditLimits.reason),
    ...text('address', facts.address, auditLimits.address),
    ...text('userAgent', facts.userAgent, auditLimits.userAgent),
    ...text('requestId', facts.requestId, auditLimits.requestId),
    ...text('traceId', facts.traceId, auditLimits.traceId),
    ...(before === undefined ? {} : { before }),
  };
  return entry;
}

function text(name: string, value: string | undefined, most: number): Readonly<Record<string, string>> {
  return value === undefined ? {} : { [name]: printable(value, most) };
}
