import { isObject, type JsonObject, memberOf } from '../../../lang/jmespath/value.ts';
import type { Gathered } from '../../evidence.ts';
import type { LabelSelector } from '../../kyverno/document/match/model.ts';
import { selectsLabels, selectsOwnLabels } from '../label-selector.ts';
import type { ResourceSubject } from '../model.ts';
import { resourceNameOf } from '../resource-name.ts';
import type { MatchConstraints, ResourceRuleFilter } from './model.ts';

/** Whether a policy is about an object; `namespaceLabels` where that hangs on labels that nobody looked up. */
export type Matched = 'yes' | 'no' | 'namespaceLabels' | { readonly unknown: string };

/**
 * Whether a request is one that a policy is about (Kubernetes, "Matching requests: matchConstraints").
 *
 * @param labels of the object's namespace; undefined where nobody looked
 */
export function matchConstraints(
  constraints: MatchConstraints,
  subject: ResourceSubject,
  labels: Gathered<Readonly<Record<string, string>>> | undefined,
): Matched {
  const { resourceRules = [], excludeResourceRules = [], namespaceSelector, objectSelector, matchPolicy } = constraints;
  const isExact = matchPolicy === 'Exact';
  if (!resourceRules.some((rule) => isOf(rule, subject, isExact))) return 'no';
  if (excludeResourceRules.some((rule) => isOf(rule, subject, isExact))) return 'no';
  if (objectSelector !== undefined && !hasLabels(objectSelector, subject)) return 'no';
  return namespaceSelector === undefined ? 'yes' : matchNamespace(namespaceSelector, subject, labels);
}

/** What is in no namespace is selected by none, and passed over by none. */
function matchNamespace(
  selector: LabelSelector,
  subject: ResourceSubject,
  labels: Gathered<Readonly<Record<string, string>>> | undefined,
): Matched {
  if (isNamespace(subject)) return hasLabels(selector, subject) ? 'yes' : 'no';
  if (subject.namespace === '') return 'yes';
  if (labels === undefined) return 'namespaceLabels';
  // Where they are not known, the policy may be about the object (CVE-2025-46342).
  if (labels.state !== 'known') return { unknown: `the labels of namespace ${subject.namespace} are not known` };
  return selectsLabels(selector, labels.value) ? 'yes' : 'no';
}

function isOf(rule: ResourceRuleFilter, subject: ResourceSubject, isExact: boolean): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resourceNames = [], scope = '*' } = rule;
  return (
    hasOperation(operations, subject) &&
    hasText(apiGroups, subject.request?.resource?.group ?? subject.group) &&
    // Another version of a resource is the same object in another form.
    (isExact ? hasText(apiVersions, subject.request?.resource?.version ?? subject.version) : apiVersions.length > 0) &&
    (rule.resources ?? []).some((resource) => isResource(resource, subject)) &&
    (resourceNames.length === 0 || resourceNames.includes(subject.name)) &&
    (scope === '*' || (scope === 'Cluster') === isOfCluster(subject))
  );
}

/** What is there already came by one of the operations that put something there. */
function hasOperation(operations: readonly string[], { operation }: ResourceSubject): boolean {
  if (operation === 'audit') return operations.some((each) => each === '*' || each === 'CREATE' || each === 'UPDATE');
  return hasText(operations, operation);
}

/** Containers that are added to running pods come as a subresource with the whole pod; who is about pods is about them. */
function isResource(wanted: string, subject: ResourceSubject): boolean {
  const name = resourceNameOf(subject);
  const { subresource } = subject;
  const [resource = '', sub] = wanted.split('/', 2);
  if (resource !== '*' && resource !== name) return false;
  if (sub === undefined) return subresource === '' || (name === 'pods' && subresource === 'ephemeralcontainers');
  return sub === '*' ? true : sub === subresource;
}

function hasText(list: readonly string[], text: string): boolean {
  return list.includes('*') || list.includes(text);
}

function isNamespace({ group, kind }: ResourceSubject): boolean {
  return group === '' && kind === 'Namespace';
}

function isOfCluster(subject: ResourceSubject): boolean {
  return subject.namespace === '' || isNamespace(subject);
}

/** An object is selected as it is to be or as it was, so that nobody takes labels away to get past. */
function hasLabels(selector: LabelSelector, { object, oldObject }: ResourceSubject): boolean {
  return [object, oldObject].some((each) => each !== undefined && selectsOwnLabels(selector, labelsOf(each)));
}

function labelsOf(object: JsonObject): ReturnType<typeof memberOf> {
  const metadata = memberOf(object, 'metadata');
  return isObject(metadata) ? memberOf(metadata, 'labels') : null;
}
