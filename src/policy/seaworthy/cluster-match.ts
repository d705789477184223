import { compilePatterns, matchesAny } from '../../base/name-pattern.ts';
import { areEqual, isObject, type JsonValue, memberOf } from '../../lang/jmespath/value.ts';
import { LangError } from '../../lang/error.ts';
import type { Gathered } from '../evidence.ts';
import type { ResourceSubject } from '../resource/model.ts';
import type { Lookup, ResourceInput } from '../resource/policy.ts';
import type { ClusterMatch, NamespaceSelector } from './model.ts';
import { isWorkload } from './workload-kinds.ts';

/** Whether a policy is about an object, and what it needs to tell. `unknown` must not be passed over. */
export type ObjectMatch =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'needs'; readonly lookup: Lookup }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Compiles which objects a policy is about. @throws PatternError */
export function compileClusterMatch(match: ClusterMatch): (input: ResourceInput) => ObjectMatch {
  const { kinds, namespaceSelector, operations = ['CREATE', 'UPDATE'] } = match;
  const included = match.namespaces === undefined ? undefined : compilePatterns(match.namespaces);
  const excluded = compilePatterns(match.exceptNamespaces ?? []);
  const wanted: readonly string[] = operations;
  return (input) => {
    const { subject } = input;
    const { namespace, operation } = subject;
    // What is there already was created once.
    const isDone = operation === 'audit' || wanted.includes(operation);
    if (!isDone || !isWorkload(subject, kinds) || isLeaving(subject)) return { kind: 'no' };
    if (included !== undefined && !matchesAny(included, namespace)) return { kind: 'no' };
    if (matchesAny(excluded, namespace)) return { kind: 'no' };
    return namespaceSelector === undefined ? { kind: 'yes' } : selected(namespaceSelector, input);
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

function selected(selector: NamespaceSelector, { subject, lookups }: ResourceInput): ObjectMatch {
  const { namespace } = subject;
  const lookup: Lookup = { key: `namespaceLabels ${namespace}`, kind: 'namespaceLabels', namespace };
  const labels: Gathered<JsonValue> | undefined = subject.namespaceLabels ?? lookups.get(lookup.key);
  if (labels === undefined) return { kind: 'needs', lookup };
  switch (labels.state) {
    case 'known':
      return { kind: selects(selector, labels.value) ? 'yes' : 'no' };
    case 'absent':
      return { kind: 'unknown', reason: `there is no namespace ${namespace}` };
    case 'pending':
      return { kind: 'unknown', reason: `the labels of namespace ${namespace} are still being looked up` };
    default:
      return { kind: 'unknown', reason: `the labels of namespace ${namespace} are not known: ${labels.reason}` };
  }
}

function selects({ matchLabels = {}, matchExpressions = [] }: NamespaceSelector, labels: JsonValue): boolean {
  return (
    Object.entries(matchLabels).every(([name, value]) => memberOf(labels, name) === value) &&
    matchExpressions.every(({ key, operator, values = [] }) => {
      const value = memberOf(labels, key);
      switch (operator) {
        case 'Exists':
          return value !== null;
        case 'DoesNotExist':
          return value === null;
        case 'In':
          return typeof value === 'string' && values.includes(value);
        default:
          return typeof value !== 'string' || !values.includes(value);
      }
    })
  );
}
