import type { IncomingMessage } from 'node:http';
import type { AuditTrail } from '../audit/audit-trail.ts';
import type { AuditEntry } from '../audit/entry.ts';
import { entryOfLogin, entryOfMore } from '../audit/entry-of.ts';
import { auditLimits } from '../audit/limits.ts';
import { RefusalTrail } from '../audit/refusal-trail.ts';
import { addressGroup } from '../auth/address-group.ts';
import type { RefusedLogin } from '../auth/refused-login.ts';
import type { Tracing } from '../tracing/request-traces.ts';
import { eventOfEntry } from '../webhook/event-of-entry.ts';
import type { EventOutbox } from '../webhook/outbox.ts';

/** Who is told of what is refused. */
export interface RefusalObservers {
  readonly trail: AuditTrail;
  readonly outbox: EventOutbox;
  readonly tracing: Tracing;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Is told of each refusal, until it is closed. */
export interface RefusalObserver extends Disposable {
  /** Of a login that was not taken. */
  readonly login: (request: IncomingMessage, login: RefusedLogin) => void;
  /** Of what somebody may not do. */
  readonly denied: (entry: AuditEntry) => void;
}

/**
 * Makes what tells the trail, and webhooks, of refusals. What those cause who are logged in is told of one by one, since they answer for
 * it. What anybody can cause is bounded, passwords, tokens and strangers each for themselves: clients show tokens that ended as a matter of
 * course, and these must not hide who guesses passwords.
 */
export function observeRefusals({ trail, outbox, tracing, now }: RefusalObservers): RefusalObserver {
  const note = (entry: AuditEntry): void => {
    trail.note(entry);
    const event = outbox.wants('request.denied') ? eventOfEntry(entry) : undefined;
    if (event !== undefined) outbox.note(event);
  };
  const trailOf = (what: keyof typeof auditLimits.refusals): RefusalTrail =>
    new RefusalTrail({ note, room: auditLimits.refusals[what], sumOf: (count) => entryOfMore(what, count, now()) });
  const logins = trailOf('logins');
  const tokens = trailOf('tokens');
  const strangers = trailOf('strangers');
  return {
    login(request, login) {
      const entry = entryOfLogin(login, request, now(), tracing.idOf(request));
      const key = JSON.stringify([entry.actor, addressGroup(entry.address), login.why]);
      (login.why === 'token' ? tokens : logins).add(key, entry);
    },
    denied(entry) {
      const { actor, action, repository, reference, address } = entry;
      if (actor.kind !== 'anonymous') note(entry);
      else strangers.add(JSON.stringify([addressGroup(address), action, repository, reference]), entry);
    },
    [Symbol.dispose]() {
      for (const each of [logins, tokens, strangers]) each[Symbol.dispose]();
    },
  };
}
