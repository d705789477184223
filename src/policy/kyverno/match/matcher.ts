import type { Gathered } from '../../evidence.ts';
import type { ResourceSubject } from '../../resource/model.ts';

/** Whether a rule is about an object. `unknown` is where that could not be looked up: such a rule must not be passed over. */
export type RuleMatch =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'unknown'; readonly reason: string };

/** It is about the object. */
export const yes: RuleMatch = { kind: 'yes' };
/** It is not. */
export const no: RuleMatch = { kind: 'no' };

/** Tells of objects whether a rule is about them. */
export type Matcher = (subject: ResourceSubject) => RuleMatch;

/** Whether something holds that had to be looked up. @param what for people */
export function gathered<Value>(
  evidence: Gathered<Value> | undefined,
  what: string,
  holds: (value: Value) => boolean,
): RuleMatch {
  switch (evidence?.state) {
    case 'known':
      return truth(holds(evidence.value));
    case 'absent':
      // What is asked for is there before what is judged: a look that finds nothing came too early, or somewhere else.
      return { kind: 'unknown', reason: `${what} are not there` };
    case 'unavailable':
      return { kind: 'unknown', reason: `${what} could not be looked up: ${evidence.reason}` };
    default:
      return { kind: 'unknown', reason: `${what} are not known` };
  }
}

/** Whether something holds that is known. */
export function truth(holds: boolean): RuleMatch {
  return holds ? yes : no;
}

/** All of them: one that is not decides, and else one that is not known. */
export function both(all: readonly Matcher[]): Matcher {
  return (subject) => {
    let unknown: RuleMatch | undefined;
    for (const each of all) {
      const match = each(subject);
      if (match.kind === 'no') return no;
      if (match.kind === 'unknown') unknown ??= match;
    }
    return unknown ?? yes;
  };
}

/** One of them: one that is decides, and else one that is not known. */
export function either(all: readonly Matcher[]): Matcher {
  return (subject) => {
    let unknown: RuleMatch | undefined;
    for (const each of all) {
      const match = each(subject);
      if (match.kind === 'yes') return yes;
      if (match.kind === 'unknown') unknown ??= match;
    }
    return unknown ?? no;
  };
}
