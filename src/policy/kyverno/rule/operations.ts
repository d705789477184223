import type { MatchBlock, Operation, ResourceFilter } from '../document/match/model.ts';
import type { KyvernoRule } from '../document/policy/model.ts';

const all: readonly Operation[] = ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'];

/**
 * What a rule may be about, for whoever registers it, as `ResourceRule.operations` has it. A rule that verifies images and names nothing
 * is about what is created and changed; one that validates is about what is deleted and connected to as well (Kyverno, webhook controller,
 * `defaultOperations`). What the rule's body never looks at is left out. Empty where the rule can never be about anything.
 */
export function operationsOf(rule: KyvernoRule): readonly Operation[] {
  const possible = possibleOf(rule);
  const named = namedBy(rule.match);
  const excluded = new Set(rule.exclude === undefined ? [] : wholeOf(rule.exclude));
  return possible.filter((each) => named.has(each) && !excluded.has(each));
}

/** Nothing runs because of what is deleted or connected to, and a pattern is for an object that is to be there. */
function possibleOf({ verifyImages, validate }: KyvernoRule): readonly Operation[] {
  if (verifyImages !== undefined) return ['CREATE', 'UPDATE'];
  const isPattern = validate?.pattern !== undefined || validate?.anyPattern !== undefined;
  return isPattern ? all.filter((each) => each !== 'DELETE') : all;
}

function namedBy({ any, all: every, ...own }: MatchBlock): ReadonlySet<Operation> {
  if (any !== undefined) return new Set(any.flatMap(operationsOfFilter));
  if (every === undefined) return new Set(operationsOfFilter(own));
  return new Set(all.filter((each) => every.every((filter) => operationsOfFilter(filter).includes(each))));
}

function operationsOfFilter({ resources }: ResourceFilter): readonly Operation[] {
  const { operations = [] } = resources ?? {};
  return operations.length === 0 ? all : operations;
}

/** Operations that are excluded whatever the object is, and whoever asks. */
function wholeOf({ any = [], all: every, ...own }: MatchBlock): readonly Operation[] {
  const filters = [...any, ...(every?.length === 1 ? every : []), own];
  return filters.flatMap(({ resources, ...who }) => {
    const { operations = [], ...which } = resources ?? {};
    return isEmpty(who) && isEmpty(which) ? operations : [];
  });
}

function isEmpty(members: object): boolean {
  return Object.values(members).every((each) => each === undefined);
}
