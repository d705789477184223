import { objectOf } from '../../../lang/jmespath/value.ts';
import { LangError } from '../../../lang/error.ts';
import { requestFields } from '../../resource/request-fields.ts';
import { namespaceLabelsLookup } from '../context/lookup.ts';
import { namespaceLabelsOf } from '../rule/looked-up.ts';
import { once, type JudgingScope } from '../rule/scope.ts';
import { celValue } from '../../resource/cel/value.ts';

/** Variables of expressions (Kubernetes, ValidatingAdmissionPolicy); `params` and `authorizer` are refused. */
export const celVariables: readonly string[] = ['object', 'oldObject', 'request', 'namespaceObject', 'variables'];

/**
 * The values of {@link celVariables}. What a rule does not look at is not made.
 *
 * @param usesNamespace whether an expression looks at the namespace, of which its name and labels are known
 * @throws LangError, NeedsLookup
 */
export function celVariablesOf(scope: JudgingScope, usesNamespace: boolean): Record<string, unknown> {
  const { subject } = scope.input;
  const { operation, oldObject } = subject;
  const own = once(() => celValue(subject.object));
  const old = once(() => celValue(oldObject ?? (operation === 'DELETE' ? subject.object : null)));
  const values = {
    get object(): unknown {
      return operation === 'DELETE' ? null : own();
    },
    get oldObject(): unknown {
      return old();
    },
  };
  const request = {
    ...(celValue(requestFields(subject)) as object),
    get object(): unknown {
      return values.object;
    },
    get oldObject(): unknown {
      return values.oldObject;
    },
  };
  return {
    object: values.object,
    oldObject: values.oldObject,
    request,
    namespaceObject: usesNamespace ? namespaceOf(scope) : null,
  };
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
