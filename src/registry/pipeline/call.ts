import type { IncomingMessage } from 'node:http';
import type { Action } from '../auth/access.ts';
import type { Identity } from '../auth/identity.ts';
import type { Content, Journal } from '../content/content.ts';
import type { Route, RouteOf } from '../route/route.ts';
import type { Origin } from './origin.ts';
import type { Subject } from './subject.ts';

/** A request that may be handled: it was understood, its sender is known, and is allowed to do this. */
export interface Call<Kind extends Route['kind'] = Route['kind']> {
  readonly method: string;
  readonly route: RouteOf<Kind>;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly identity: Identity;
  /** Aborted when the client goes away or takes too long. */
  readonly signal: AbortSignal;
  readonly content: Content;
  /** Where content that is asked for comes from. */
  readonly origin: Origin;
  /** Writes down what this call does, with who does it. */
  readonly journal: Journal;
  /** Whether its sender may do something to another repository. */
  readonly may: (action: Action, repository: string) => boolean;
  /** Why the gate does not let something pass that this call takes from elsewhere; undefined when it does. */
  readonly refusal: (subject: Subject) => Promise<Error | undefined>;
  /** Whether its sender sees a repository in the catalog. */
  readonly sees: (repository: string) => boolean;
}
