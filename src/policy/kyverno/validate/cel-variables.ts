import { once } from '../../../base/once.ts';
import { lazyObject } from '../../../base/lazy-object.ts';
import { objectOf } from '../../../lang/jmespath/value.ts';
import { LangError } from '../../../lang/error.ts';
import { requestFields } from '../../resource/request-fields.ts';
import { namespaceLabelsLookup } from '../context/lookup.ts';
import { namespaceLabelsOf } from '../context/namespace-labels.ts';
import type { JudgingScope } from '../rule/scope.ts';
import { celValue } from '../../resource/cel/value.ts';

/** Variables of expressions (Kubernetes, ValidatingAdmissionPolicy); `params` and `authorizer` are refused. */
export const celVariables: readonly string[] = ['object', 'oldObject', 'request', 'namespaceObject', 'variables'];

/**
 * The values of {@link celVariables}. What a rule does not look at is not made.
 *
 * @param usesNamespace whether an expression looks at the namespace, of which its name and labels are known
 * @throws LangError, NeedsLookup
 */
export function celVariablesOf(scope: JudgingScope, usesNamespace: boolean): Readonly<Record<string, unknown>> {
  const { subject } = scope.input;
  const { operation, oldObject } = subject;
  const own = once(() => celValue(subject.object));
  const old = once(() => celValue(oldObject ?? (operation === 'DELETE' ? subject.object : null)));
  const object = (): unknown => (operation === 'DELETE' ? null : own());
  const request = lazyObject(
    new Map([
      ['object', object],
      ['oldObject', old],
      ...Object.entries(requestFields(subject)).map(([name, value]) => [name, () => celValue(value)] as const),
    ]),
  );
  // Before expressions look: what is still to be looked up is told to whoever asks, and is no error of an expression.
  const namespaceObject = usesNamespace ? namespaceOf(scope) : null;
  return lazyObject(
    new Map<string, () => unknown>([
      ['object', object],
      ['oldObject', old],
      ['request', () => request],
      ['namespaceObject', () => namespaceObject],
    ]),
  );
}

function namespaceOf({ input, judging }: JudgingScope): unknown {
  const { namespace } = input.subject;
  if (namespace === '') return null;
  const labels = namespaceLabelsOf(input);
  if (labels === undefined) judging.lookUp(namespaceLabelsLookup(namespace), `The labels of namespace ${namespace}`);
  if (labels?.state !== 'known') {
    throw new LangError('EVALUATION', `The labels of namespace ${namespace} could not be looked up`);
  }
  return { metadata: { name: namespace, labels: objectOf(Object.entries(labels.value)) } };
}
