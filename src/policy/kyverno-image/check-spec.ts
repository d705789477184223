import { printable } from '../../base/printable.ts';
import type { Finding } from '../../codec/yaml/mistake.ts';
import type { ImageValidatingSpec } from './document/image-validating-policy/model.ts';

/** Finds what a policy cannot mean though each field is of its type, and what is not carried out. */
export function checkSpec(spec: ImageValidatingSpec): readonly Finding[] {
  const { validations = [], auditAnnotations = [], validationActions = [], evaluation, matchConstraints } = spec;
  const found: Finding[] = [];
  const tell = (path: readonly (string | number)[], sentence: string): void =>
    void found.push({ path: ['spec', ...path], sentence });
  const mode = evaluation?.mode ?? 'Kubernetes';
  if (mode !== 'Kubernetes' && mode !== 'JSON') {
    tell(['evaluation', 'mode'], `is "${printable(mode)}", which is not supported; there are Kubernetes and JSON`);
  }
  if (mode === 'Kubernetes' && (matchConstraints?.resourceRules ?? []).length === 0) {
    tell(['matchConstraints'], 'are missing or have no resourceRules, so that the policy is about nothing');
  }
  for (const list of ['resourceRules', 'excludeResourceRules'] as const) {
    for (const [at, rule] of (matchConstraints?.[list] ?? []).entries()) {
      for (const name of ['operations', 'apiGroups', 'apiVersions', 'resources'] as const) {
        if ((rule[name] ?? []).length === 0) tell(['matchConstraints', list, at, name], 'needs one at least');
      }
    }
  }
  if (validations.length + auditAnnotations.length === 0) tell(['validations'], 'need one expression at least');
  if (new Set(validationActions).size < validationActions.length) tell(['validationActions'], 'name one twice');
  if (validationActions.includes('Deny') && validationActions.includes('Warn')) {
    tell(['validationActions'], 'have Deny and Warn, which say the same twice; keep one');
  }
  if (evaluation?.background?.interval !== undefined) {
    const sentence = 'is not supported: what is there is looked over for all policies at once; leave it out';
    tell(['evaluation', 'background', 'interval'], sentence);
  }
  return found;
}
