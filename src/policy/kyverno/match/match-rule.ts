import type { JsonValue } from '../../../lang/jmespath/value.ts';
import { isObject, memberOf } from '../../../lang/jmespath/value.ts';
import type { Gathered } from '../../evidence.ts';
import type { ResourceSubject, ResourceUser } from '../../resource/model.ts';
import type { MatchBlock, ResourceDescription, ResourceFilter } from '../document/match/model.ts';
import { matchesWildcard } from '../wildcard.ts';
import { parseKindSelector, selectsKind } from './kind-selector.ts';
import { hasAll, selectsLabels } from './label-selector.ts';
import { both, either, gathered, type Matcher, no, type RuleMatch, truth, yes } from './matcher.ts';

/**
 * Compiles whether a rule is about an object: what `match` includes and `exclude` does not (Kyverno, "Selecting Resources"). All members
 * of a filter must hold, and of each list one; a filter that says nothing is about nothing.
 *
 * Where nobody is known to ask, as in tests that do not say it, the rule is about the objects whoever asks, and excludes nobody (Kyverno,
 * `matchesResourceDescriptionMatchHelper`).
 *
 * @param policyNamespace of a `Policy`, which is about its own namespace alone; undefined for a `ClusterPolicy`
 */
export function compileMatch(
  { match, exclude }: { readonly match: MatchBlock; readonly exclude?: MatchBlock },
  policyNamespace?: string,
): Matcher {
  const includes = compileBlock(match, true);
  const excludes = exclude === undefined ? undefined : compileBlock(exclude);
  return (subject) => {
    if (policyNamespace !== undefined && subject.namespace !== policyNamespace) return no;
    const included = includes(subject);
    if (included.kind === 'no' || excludes === undefined) return included;
    const excluded = excludes(subject);
    if (excluded.kind === 'yes') return no;
    return included.kind === 'unknown' ? included : excluded.kind === 'unknown' ? excluded : yes;
  };
}

/**
 * Compiles whether a block alone is about an object, as those of exceptions are.
 *
 * @param countsForAnybody whether it is about the object where nobody is known to ask, whomever it names
 */
export function compileBlock({ any, all, ...own }: MatchBlock, countsForAnybody: boolean = false): Matcher {
  const compile = (each: ResourceFilter): Matcher => compileFilter(each, countsForAnybody);
  if (any !== undefined) return either(any.map(compile));
  if (all !== undefined) return all.length === 0 ? () => no : both(all.map(compile));
  return compile(own);
}

const nobodyKnown: RuleMatch = { kind: 'unknown', reason: 'who asks is not known' };

function compileFilter(
  { resources, roles, clusterRoles, subjects }: ResourceFilter,
  countsForAnybody: boolean,
): Matcher {
  const saysWhat = resources !== undefined && Object.values(resources).some(saysSomething);
  const what = saysWhat ? compileDescription(resources) : [];
  const who: Matcher[] = [];
  if (roles !== undefined) who.push(({ user }) => bound(roles, user?.roles));
  if (clusterRoles !== undefined) who.push(({ user }) => bound(clusterRoles, user?.clusterRoles));
  if (subjects !== undefined) {
    who.push(({ user }) => truth(user !== undefined && subjects.some((each) => isUser(each, user))));
  }
  const isAbout = both(what);
  if (who.length === 0) return saysWhat ? isAbout : () => no;
  const isAll = both([...what, ...who]);
  const isWhoever: Matcher = saysWhat ? isAbout : () => nobodyKnown;
  return (subject) => {
    if (subject.user !== undefined) return isAll(subject);
    return countsForAnybody ? isWhoever(subject) : no;
  };
}

/** An empty list or text asks for nothing; were it all that is there, an exclusion of nothing would be one of everything. */
function saysSomething(member: ResourceDescription[keyof ResourceDescription]): boolean {
  return typeof member === 'string' || Array.isArray(member) ? member.length > 0 : member !== undefined;
}

/** Kinds come first: most rules are about another one than most objects are. */
function compileDescription(wanted: ResourceDescription): readonly Matcher[] {
  const { kinds, name, names, namespaces, annotations, selector, namespaceSelector, operations } = wanted;
  const all: Matcher[] = [];
  if (asks(kinds)) {
    const selectors = kinds.flatMap((each) => parseKindSelector(each) ?? []);
    all.push((subject) => truth(selectors.some((each) => selectsKind(each, subject))));
  }
  if (name !== undefined && name !== '') all.push((subject) => truth(matchesWildcard(name, subject.name)));
  if (asks(names)) all.push((subject) => truth(names.some((each) => matchesWildcard(each, subject.name))));
  if (asks(namespaces)) {
    all.push((subject) => truth(namespaces.some((each) => matchesWildcard(each, namespaceOf(subject)))));
  }
  if (annotations !== undefined)
    all.push((subject) => truth(hasAll(annotations, metadataTexts(subject, 'annotations'))));
  if (selector !== undefined) all.push((subject) => truth(selectsLabels(selector, metadataTexts(subject, 'labels'))));
  if (asks(operations)) all.push((subject) => truth(isDone(operations, subject)));
  if (namespaceSelector !== undefined) all.push((subject) => selectsNamespace(namespaceSelector, subject));
  return all;
}

/** A list that names nothing asks for nothing, as one that is not there (Kyverno, `doesResourceMatchConditionBlock`). */
function asks<Name>(names: readonly Name[] | undefined): names is readonly Name[] {
  return names !== undefined && names.length > 0;
}

function selectsNamespace(
  selector: NonNullable<ResourceDescription['namespaceSelector']>,
  subject: ResourceSubject,
): RuleMatch {
  // What is in no namespace is in none that is selected.
  if (subject.namespace === '' && subject.kind !== 'Namespace') return no;
  const labels = subject.kind === 'Namespace' ? known(metadataTexts(subject, 'labels')) : subject.namespaceLabels;
  return gathered(labels, `the labels of namespace ${subject.namespace}`, (each) => selectsLabels(selector, each));
}

/** A namespace is in itself. */
function namespaceOf({ kind, name, namespace }: ResourceSubject): string {
  return kind === 'Namespace' ? name : namespace;
}

/** What is there already was created once. */
function isDone(operations: NonNullable<ResourceDescription['operations']>, { operation }: ResourceSubject): boolean {
  return operations.includes(operation === 'audit' ? 'CREATE' : operation);
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

function known<Value>(value: Value): Gathered<Value> {
  return { state: 'known', value, at: 0 };
}

function metadataTexts({ object }: ResourceSubject, name: string): Readonly<Record<string, string>> {
  const value: JsonValue = memberOf(memberOf(object, 'metadata'), name);
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}
