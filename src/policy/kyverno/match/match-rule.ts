import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { isObject, memberOf } from '../../../lang/jmespath/value.ts';
import type { Gathered } from '../../evidence.ts';
import type { ResourceSubject, ResourceUser } from '../../resource/model.ts';
import type { MatchBlock, Operation, ResourceDescription, ResourceFilter } from '../document/match/model.ts';
import { matchesWildcard } from '../wildcard.ts';
import { parseKindSelector, selectsKind } from './kind-selector.ts';
import { hasAll, selectsLabels } from './label-selector.ts';

/** Whether a rule is about an object. `unknown` is where that could not be looked up: such a rule must not be passed over. */
export type RuleMatch =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'unknown'; readonly reason: string };

const yes: RuleMatch = { kind: 'yes' };
const no: RuleMatch = { kind: 'no' };

/**
 * Whether a rule is about an object: what `match` includes and `exclude` does not (Kyverno, "Selecting Resources"). All members of a
 * filter must hold, and of each list one; a filter that says nothing is about nothing.
 *
 * Where nobody is known to ask, as in tests that do not say it, the rule is about the objects whoever asks, and excludes nobody (Kyverno,
 * `matchesResourceDescriptionMatchHelper`).
 *
 * @param policyNamespace of a `Policy`, which is about its own namespace alone; undefined for a `ClusterPolicy`
 */
export function matchRule(
  { match, exclude }: { readonly match: MatchBlock; readonly exclude?: MatchBlock },
  subject: ResourceSubject,
  policyNamespace?: string,
): RuleMatch {
  if (policyNamespace !== undefined && subject.namespace !== policyNamespace) return no;
  const included = block(match, subject, subject.user === undefined);
  if (included.kind === 'no' || exclude === undefined) return included;
  const excluded = block(exclude, subject);
  if (excluded.kind === 'yes') return no;
  return included.kind === 'unknown' ? included : excluded.kind === 'unknown' ? excluded : yes;
}

/** Whether a block alone is about an object, as those of exceptions are. */
export function matchBlock(match: MatchBlock, subject: ResourceSubject): RuleMatch {
  return block(match, subject);
}

/** @param isAnybody whether it counts for whoever asks */
function block({ any, all, ...own }: MatchBlock, subject: ResourceSubject, isAnybody = false): RuleMatch {
  if (any !== undefined) return either(any.map((each) => filter(each, subject, isAnybody)));
  if (all !== undefined) return all.length === 0 ? no : both(all.map((each) => filter(each, subject, isAnybody)));
  return filter(own, subject, isAnybody);
}

const nobodyKnown: RuleMatch = { kind: 'unknown', reason: 'who asks is not known' };

function filter(
  { resources, roles, clusterRoles, subjects }: ResourceFilter,
  subject: ResourceSubject,
  isAnybody: boolean,
): RuleMatch {
  const found: RuleMatch[] = [];
  if (resources !== undefined && Object.values(resources).some(saysSomething))
    found.push(describes(resources, subject));
  const { user } = subject;
  const asksWho = (roles ?? clusterRoles ?? subjects) !== undefined;
  if (isAnybody && asksWho) return found.length === 0 ? nobodyKnown : both(found);
  if (user === undefined && asksWho) return no;
  if (roles !== undefined) found.push(bound(roles, user?.roles));
  if (clusterRoles !== undefined) found.push(bound(clusterRoles, user?.clusterRoles));
  if (subjects !== undefined) found.push(truth(user !== undefined && subjects.some((each) => isUser(each, user))));
  return found.length === 0 ? no : both(found);
}

function describes(wanted: ResourceDescription, subject: ResourceSubject): RuleMatch {
  const { kinds, name, names, namespaces, annotations, selector, namespaceSelector, operations } = wanted;
  const metadata = memberOf(subject.object, 'metadata');
  const found: RuleMatch[] = [
    truth(isNamed(kinds, (each) => isKind(each, subject))),
    truth(name === undefined || name === '' || matchesWildcard(name, subject.name)),
    truth(isNamed(names, (each) => matchesWildcard(each, subject.name))),
    truth(isNamed(namespaces, (each) => matchesWildcard(each, namespaceOf(subject)))),
    truth(annotations === undefined || hasAll(annotations, textsOf(memberOf(metadata, 'annotations')))),
    truth(selector === undefined || selectsLabels(selector, textsOf(memberOf(metadata, 'labels')))),
    truth(isNamed(operations, (each) => isDone(each, subject))),
  ];
  if (namespaceSelector !== undefined) {
    // What is in no namespace is in none that is selected.
    if (subject.namespace === '' && subject.kind !== 'Namespace') return no;
    const labels =
      subject.kind === 'Namespace' ? known(textsOf(memberOf(metadata, 'labels'))) : subject.namespaceLabels;
    found.push(
      gathered(labels, `the labels of namespace ${subject.namespace}`, (each) =>
        selectsLabels(namespaceSelector, each),
      ),
    );
  }
  return both(found);
}

/** An empty list or text asks for nothing; were it all that is there, an exclusion of nothing would be one of everything. */
function saysSomething(member: ResourceDescription[keyof ResourceDescription]): boolean {
  return typeof member === 'string' || Array.isArray(member) ? member.length > 0 : member !== undefined;
}

function isKind(text: string, subject: ResourceSubject): boolean {
  const selector = parseKindSelector(text);
  return selector !== undefined && selectsKind(selector, subject);
}

/** A namespace is in itself. */
function namespaceOf({ kind, name, namespace }: ResourceSubject): string {
  return kind === 'Namespace' ? name : namespace;
}

/** What is there already was created once. */
function isDone(wanted: Operation, { operation }: ResourceSubject): boolean {
  return wanted === (operation === 'audit' ? 'CREATE' : operation);
}

/** A list that names nothing asks for nothing, as one that is not there (Kyverno, `doesResourceMatchConditionBlock`). */
function isNamed<Name>(names: readonly Name[] | undefined, holds: (name: Name) => boolean): boolean {
  return names === undefined || names.length === 0 || names.some(holds);
}

function isUser(
  { kind, name, namespace }: NonNullable<ResourceFilter['subjects']>[number],
  { username, groups }: ResourceUser,
): boolean {
  switch (kind) {
    case 'User':
      return matchesWildcard(name, username);
    case 'Group':
      return groups.some((each) => matchesWildcard(name, each));
    case 'ServiceAccount':
      return matchesWildcard(`system:serviceaccount:${namespace ?? 'default'}:${name}`, username);
    default:
      return false;
  }
}

function bound(wanted: readonly string[], roles: Gathered<readonly string[]> | undefined): RuleMatch {
  return gathered(roles, 'the roles of who asks', (each) => each.some((role) => wanted.includes(role)));
}

function gathered<Value>(
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

function known<Value>(value: Value): Gathered<Value> {
  return { state: 'known', value, at: 0 };
}

function textsOf(value: JsonValue): Readonly<Record<string, string>> {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

function truth(holds: boolean): RuleMatch {
  return holds ? yes : no;
}

function both(matches: readonly RuleMatch[]): RuleMatch {
  if (matches.some(({ kind }) => kind === 'no')) return no;
  return matches.find(({ kind }) => kind === 'unknown') ?? yes;
}

function either(matches: readonly RuleMatch[]): RuleMatch {
  if (matches.some(({ kind }) => kind === 'yes')) return yes;
  return matches.find(({ kind }) => kind === 'unknown') ?? no;
}
