import { compilePatterns, matchesAny, type NamePattern } from '../../../base/name-pattern.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { Gathered } from '../../evidence.ts';
import { selectsOwnLabels } from '../label-selector.ts';
import type { Lookup, ResourceInput } from '../policy.ts';
import type { NamespaceSelector, ObjectFilter } from './model.ts';

/** Whether something is about an object, and what it needs to tell. `unknown` must not be passed over. */
export type ObjectMatch =
  | { readonly kind: 'yes' }
  | { readonly kind: 'no' }
  | { readonly kind: 'needs'; readonly lookup: Lookup }
  | { readonly kind: 'unknown'; readonly reason: string };

/** Tells of objects whether something is about them. */
export type MatchesObject = (input: ResourceInput) => ObjectMatch;

/** Compiles a filter. One that says nothing is about everything. @throws PatternError */
export function compileObjectFilter(filter: ObjectFilter): MatchesObject {
  const { kinds, operations, namespaceSelector } = filter;
  const [namespaces, names] = [patternsOf(filter.namespaces), patternsOf(filter.names)];
  const wanted: readonly string[] | undefined = operations;
  return (input) => {
    const { subject } = input;
    const operation = subject.operation === 'audit' ? 'CREATE' : subject.operation;
    const isMeant =
      (kinds === undefined || kinds.includes(subject.kind)) &&
      (wanted === undefined || wanted.includes(operation)) &&
      (namespaces === undefined || matchesAny(namespaces, subject.namespace)) &&
      (names === undefined || matchesAny(names, subject.name));
    if (!isMeant) return { kind: 'no' };
    return namespaceSelector === undefined ? { kind: 'yes' } : selectsNamespace(namespaceSelector, input);
  };
}

/** Whether an object is what each of several says. What decides without a look comes before what must be looked up. */
export function both(matches: readonly ObjectMatch[]): ObjectMatch {
  for (const kind of ['no', 'needs', 'unknown'] as const) {
    const found = matches.find((each) => each.kind === kind);
    if (found !== undefined) return found;
  }
  return { kind: 'yes' };
}

/** Whether an object is not what something says. */
export function otherwise(match: ObjectMatch): ObjectMatch {
  return match.kind === 'yes' ? { kind: 'no' } : match.kind === 'no' ? { kind: 'yes' } : match;
}

/** Whether the namespace of an object has labels. */
export function selectsNamespace(selector: NamespaceSelector, { subject, lookups }: ResourceInput): ObjectMatch {
  const { namespace } = subject;
  const lookup: Lookup = { key: `namespaceLabels ${namespace}`, kind: 'namespaceLabels', namespace };
  const labels: Gathered<JsonValue> | undefined = subject.namespaceLabels ?? lookups.get(lookup.key);
  if (labels === undefined) return { kind: 'needs', lookup };
  switch (labels.state) {
    case 'known':
      return { kind: selectsOwnLabels(selector, labels.value) ? 'yes' : 'no' };
    case 'absent':
      return { kind: 'unknown', reason: `there is no namespace ${namespace}` };
    case 'pending':
      return { kind: 'unknown', reason: `the labels of namespace ${namespace} are still being looked up` };
    default:
      return { kind: 'unknown', reason: `the labels of namespace ${namespace} are not known: ${labels.reason}` };
  }
}

function patternsOf(given: readonly string[] | undefined): readonly NamePattern[] | undefined {
  return given === undefined ? undefined : compilePatterns(given);
}
