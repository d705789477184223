import type { IncomingMessage } from 'node:http';
import type { AuditTrail } from '../audit/audit-trail.ts';
import { entryOfLogin } from '../audit/entry-of.ts';
import { LoginTrail } from '../audit/login-trail.ts';
import { addressGroup } from '../auth/address-group.ts';
import type { RefusedLogin } from '../auth/refused-login.ts';
import type { Tracing } from '../tracing/request-traces.ts';
import { eventOfEntry } from '../webhook/event-of-entry.ts';
import type { EventOutbox } from '../webhook/outbox.ts';

/** Who is told of logins that are refused. */
export interface LoginObservers {
  readonly trail: AuditTrail;
  readonly outbox: EventOutbox;
  readonly tracing: Tracing;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Is told of each of them, until it is closed. */
export interface LoginObserver extends Disposable {
  readonly onRefused: (request: IncomingMessage, login: RefusedLogin) => void;
}

/** Makes what tells the trail of refused logins, and webhooks of those that are written there. */
export function observeLogins({ trail, outbox, tracing, now }: LoginObservers): LoginObserver {
  const logins = new LoginTrail({
    now,
    note(entry) {
      trail.note(entry);
      const event = outbox.wants('request.denied') ? eventOfEntry(entry) : undefined;
      if (event !== undefined) outbox.note(event);
    },
  });
  return {
    onRefused(request, login) {
      const entry = entryOfLogin(login, request, now(), tracing.idOf(request));
      logins.add(JSON.stringify([entry.actor, addressGroup(entry.address), login.why]), entry);
    },
    [Symbol.dispose]: () => logins[Symbol.dispose](),
  };
}
