import type { EvidenceKind, Gathered } from '../evidence.ts';
import type { UnknownFact } from '../verdict.ts';

/** Whose evidence is missing, where there is one for each signer. */
export interface Whose {
  readonly signer?: string;
  readonly predicateType?: string;
}

/** Says what is not known, and why; undefined where it is known that something is there, or that nothing is. */
export function unknownOf(
  gathered: Gathered<unknown> | undefined,
  what: EvidenceKind,
  whose: Whose = {},
): UnknownFact | undefined {
  if (gathered === undefined) return { kind: 'unknown', what, state: 'notGathered', ...whose };
  if (gathered.state === 'pending') return { kind: 'unknown', what, state: 'pending', ...whose };
  if (gathered.state !== 'unavailable') return undefined;
  return { kind: 'unknown', what, state: 'unavailable', reason: gathered.reason, ...whose };
}

/** A member of a record that came from outside: what the record inherits is none. */
export function memberOf<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}
