import type { FailureAction, FailureActionOverride, KyvernoRule, KyvernoSpec } from '../document/policy/model.ts';
import { namespaceLabelsLookup } from '../context/lookup.ts';
import { selectsLabels } from '../match/label-selector.ts';
import { matchesWildcard } from '../wildcard.ts';
import type { Judging } from './judging.ts';
import { namespaceLabelsOf } from '../context/namespace-labels.ts';

/**
 * What becomes of an object that breaks a rule, in its namespace (Kyverno, "Failure Action Overrides"): what the rule says of the
 * namespace, then the rule, then what the policy says of the namespace, then the policy. Where the labels of the namespace could not be
 * looked up, the strictest that may be meant.
 *
 * @throws NeedsLookup, LangError LIMIT_EXCEEDED
 */
export function failureAction(spec: KyvernoSpec, { validate }: KyvernoRule, judging: Judging): 'deny' | 'audit' {
  const { failureAction: own, failureActionOverrides: ownOverrides = [] } = validate ?? {};
  const overrides =
    own === undefined ? [...ownOverrides, ...(spec.validationFailureActionOverrides ?? [])] : ownOverrides;
  for (const override of overrides) {
    if (override.action === undefined) continue;
    const isAbout = isAboutNamespace(override, judging);
    if (isAbout === 'yes') return actionOf(override.action);
    if (isAbout === 'unknown' && actionOf(override.action) === 'deny') return 'deny';
  }
  return actionOf(own ?? spec.validationFailureAction ?? 'Audit');
}

/** `Enforce` denies, in whatever case. */
export function actionOf(action: FailureAction): 'deny' | 'audit' {
  return action.toLowerCase() === 'enforce' ? 'deny' : 'audit';
}

function isAboutNamespace(
  { namespaces, namespaceSelector }: FailureActionOverride,
  judging: Judging,
): 'yes' | 'no' | 'unknown' {
  const { subject } = judging.input;
  if (namespaces === undefined && namespaceSelector === undefined) return 'no';
  if (namespaces?.some((each) => matchesWildcard(each, subject.namespace)) === false) return 'no';
  if (namespaceSelector === undefined) return 'yes';
  if (subject.namespace === '') return 'no';
  const labels = namespaceLabelsOf(judging.input);
  if (labels === undefined) judging.lookUp(namespaceLabelsLookup(subject.namespace), 'Labels');
  if (labels?.state !== 'known') return 'unknown';
  return selectsLabels(namespaceSelector, labels.value) ? 'yes' : 'no';
}
