import { compilePatterns, matchesAny } from '../../base/name-pattern.ts';
import { areEqual, isObject, type JsonValue, memberOf } from '../../lang/jmespath/value.ts';
import { LangError } from '../../lang/error.ts';
import type { ResourceSubject } from '../resource/model.ts';
import {
  both,
  compileObjectFilter,
  type MatchesObject,
  otherwise,
  selectsNamespace,
} from '../resource/object-filter/match.ts';
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
    if (!isDone || !isOfKind(subject) || isLeaving(subject)) return { kind: 'no' };
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
 * in any other way is judged like any (CVE-2023-34091).
 */
function isLeaving({ operation, object, oldObject }: ResourceSubject): boolean {
  if (operation !== 'UPDATE' || oldObject === undefined) return false;
  if (memberOf(memberOf(object, 'metadata'), 'deletionTimestamp') === null) return false;
  const rest = (value: JsonValue): JsonValue =>
    isObject(value)
      ? Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'metadata' && name !== 'status'))
      : value;
  try {
    return areEqual(rest(object), rest(oldObject), () => undefined);
  } catch (error) {
    // Too far within each other to compare: then it is judged.
    if (error instanceof LangError) return false;
    throw error;
  }
}
