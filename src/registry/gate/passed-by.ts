import type { GateEvent } from './model.ts';
import type { Decided } from './refuse.ts';

/** Why it is worth a note that something passed. */
export type PassedKind = Extract<GateEvent['kind'], 'opened' | 'excepted' | 'warned' | 'audited'>;

/** All of them. */
export const passedKinds: readonly PassedKind[] = ['opened', 'excepted', 'warned', 'audited'];

/** The rules, or for `excepted` the exceptions, for which a note is due of a manifest that was let pass; of most there are none. */
export function passedBy({ opened, exceptions, rules }: Decided, kind: PassedKind): readonly string[] {
  switch (kind) {
    case 'opened':
      return opened;
    case 'excepted':
      return exceptions.map(({ name }) => name);
    default:
      return broken(rules, kind === 'warned' ? 'warn' : 'audit');
  }
}

/** An index tells of each rule once, however many of its images break it. */
function broken(rules: Decided['rules'], wanted: 'warn' | 'audit'): readonly string[] {
  const names = rules
    .filter(({ action, outcome }) => action === wanted && (outcome === 'violated' || outcome === 'undecided'))
    .map(({ rule }) => rule);
  return [...new Set(names)];
}
