import type { Call } from './call.ts';
import type { Subject } from './subject.ts';

/** Sentences about what passed all the same, for whoever asked for it. */
export type Warnings = readonly string[];

/**
 * What stands between a request that is allowed and what it would do. Each throws RegistryError DENIED, whose message says which rule
 * decided and what to do, or TOOMANYREQUESTS with Retry-After while it cannot be told yet.
 */
export interface Gate {
  /** Before anything is looked up. */
  enter(call: Call): void;
  /**
   * Before the first byte of content leaves, and before any of it is kept. Without a promise where that is known at once.
   *
   * @returns what whoever asked is told besides; undefined for nothing
   */
  judge(subject: Subject, call: Call): Promise<Warnings | undefined> | Warnings | undefined;
}

/** Lets everything pass, where no policy is set. */
export const openGate: Gate = { enter: () => undefined, judge: () => undefined };
