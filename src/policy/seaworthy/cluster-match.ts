import { compilePatterns, matchesAny } from '../../base/name-pattern.ts';
import { memberOf } from '../../lang/jmespath/value.ts';
import type { ResourceSubject } from '../resource/model.ts';
import {
  both,
  compileObjectFilter,
  type MatchesObject,
  otherwise,
  selectsNamespace,
} from '../resource/object-filter/match.ts';
import { isOnlyLetGo, isOnlyNoted } from '../resource/unchanged.ts';
import type { ClusterMatch } from './model.ts';
import { compileKinds } from './object-images.ts';

/** Compiles which objects a policy is about. @throws PatternError */
export function compileClusterMatch(match: ClusterMatch): MatchesObject {
  const { namespaceSelector, operations = ['CREATE', 'UPDATE'] } = match;
  const included = match.namespaces === undefined ? undefined : compilePatterns(match.namespaces);
  const excluded = compilePatterns(match.exceptNamespaces ?? []);
  const excepted = (match.except ?? []).map(compileObjectFilter);
  const isOfKind = compileKinds(match);
  const wanted: readonly string[] = operations;
  return (input) => {
    const { subject } = input;
    const { namespace, operation } = subject;
    // What is there already was created once.
    const isDone = operation === 'audit' || wanted.includes(operation);
    if (!isDone || !isOfKind(subject) || isLeaving(subject, match)) return { kind: 'no' };
    if (included !== undefined && !matchesAny(included, namespace)) return { kind: 'no' };
    if (matchesAny(excluded, namespace)) return { kind: 'no' };
    return both([
      ...excepted.map((isExcepted) => otherwise(isExcepted(input))),
      ...(namespaceSelector === undefined ? [] : [selectsNamespace(namespaceSelector, input)]),
    ]);
  };
}

/**
 * Whether an object that is being deleted is only let go: then its finalizers must be removable, whatever runs in it. One that is changed
 * in any other way is judged like any (CVE-2023-34091), and so is one with images that a match says may be in its metadata.
 */
function isLeaving(subject: ResourceSubject, { resources = [] }: ClusterMatch): boolean {
  if (resources.length > 0) return isOnlyLetGo(subject);
  return memberOf(memberOf(subject.object, 'metadata'), 'deletionTimestamp') !== null && isOnlyNoted(subject);
}
