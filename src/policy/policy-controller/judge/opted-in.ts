import { isObject, type JsonObject } from '../../../lang/jmespath/value.ts';
import type { Gathered } from '../../evidence.ts';
import { namespaceLabelsLookup } from '../../kyverno/context/lookup.ts';
import { selectsOwnLabels } from '../../resource/label-selector.ts';
import type { ResourceInput, RuleAnswer } from '../../resource/policy.ts';
import { optedInNamespaces } from '../settings.ts';

/**
 * Judges what is in a namespace that wants it, by its label, as policy-controller is installed (sigstore docs, "Enable policy-controller
 * Admission Controller for Namespaces"). Where nobody can tell whether one does, that is not known, and no reason to pass over what is in it.
 */
export function judgeWhereOptedIn(input: ResourceInput, judge: (input: ResourceInput) => RuleAnswer): RuleAnswer {
  const { subject, lookups } = input;
  if (subject.namespace === '') return judge(input);
  const lookup = namespaceLabelsLookup(subject.namespace);
  const labels: Gathered<JsonObject | Readonly<Record<string, string>>> | undefined =
    subject.namespaceLabels ?? (lookups.get(lookup.key) as Gathered<JsonObject> | undefined);
  if (labels === undefined) return { kind: 'needs', lookups: [lookup], images: [] };
  if (labels.state !== 'known' || !isObject(labels.value)) {
    const message = `whether namespace ${subject.namespace} has opted in cannot be told, since its labels are not known`;
    return { kind: 'decided', outcome: 'undecided', action: 'deny', message, images: [] };
  }
  return selectsOwnLabels(optedInNamespaces, labels.value) ? judge(input) : { kind: 'notAbout' };
}
