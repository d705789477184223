import type { AuditEntry } from '../audit/entry.ts';
import { formatIdentity } from '../auth/identity.ts';
import type { EventBody } from './events-of-change.ts';

/**
 * The event that a request is told as which changed nothing: a pull, or a denial. It is made of its audit entry, whose texts are cut and
 * printable. Undefined for entries that nothing is told of.
 */
export function eventOfEntry(entry: AuditEntry): EventBody | undefined {
  const { action, outcome, repository, reference, digest, reason = '' } = entry;
  const actor = entry.actor.kind === 'system' ? 'registry' : formatIdentity({ ...entry.actor, kind: entry.actor.kind });
  const about = repository === undefined ? {} : { repository };
  if (outcome === 'denied') return { name: 'request.denied', data: { ...about, action, reason, actor } };
  if (action !== 'pull' || repository === undefined || digest === undefined) return undefined;
  // A tag has no colon, which every digest has.
  const named = reference === undefined || reference.includes(':') ? {} : { tag: reference };
  return { name: 'image.pulled', data: { repository, digest, ...named, actor } };
}
