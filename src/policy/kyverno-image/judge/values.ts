import { once } from '../../../base/once.ts';
import { LangError } from '../../../lang/error.ts';
import type { CelExpression } from '../../../lang/cel/compile.ts';
import { namespaceLabelsLookup } from '../../kyverno/context/lookup.ts';
import { namespaceLabelsOf } from '../../kyverno/context/namespace-labels.ts';
import { requestValues } from '../../resource/cel/request.ts';
import type { ResourceInput } from '../../resource/policy.ts';
import { contextValues } from '../expression/functions.ts';
import type { ImageValidationRule } from './model.ts';
import type { ObjectJudging } from './object-judging.ts';

type Values = Readonly<Record<string, unknown>>;

/** What all expressions of a policy may see of an object, each made when an expression looks at it. */
export function baseValues(rule: ImageValidationRule, input: ResourceInput, judging: ObjectJudging): Values {
  const { subject } = input;
  const request = requestValues(subject);
  // A policy that is no cluster's sees the document alone.
  const isDocument = rule.constraints === undefined;
  const namespaceObject = once(() => (isDocument || subject.namespace === '' ? null : namespaceOf(input, judging)));
  const values = {
    get namespaceObject(): unknown {
      return namespaceObject();
    },
  };
  return Object.defineProperties(
    { ...contextValues },
    {
      ...Object.getOwnPropertyDescriptors(request),
      ...(isDocument ? { request: nothing, oldObject: nothing } : {}),
      ...Object.getOwnPropertyDescriptors(values),
    },
  );
}

const nothing: PropertyDescriptor = { value: null, enumerable: true };

function namespaceOf(input: ResourceInput, judging: ObjectJudging): unknown {
  const { namespace } = input.subject;
  const labels = namespaceLabelsOf(input);
  if (labels === undefined) judging.lookups.lookUp(namespaceLabelsLookup(namespace), `The namespace ${namespace}`);
  if (labels?.state !== 'known') throw new LangError('EVALUATION', `The namespace ${namespace} could not be looked up`);
  return { metadata: { name: namespace, labels: labels.value } };
}

/** Values with further ones; those that are made when they are looked at stay so. */
export function withValues(values: Values, more: Values): Values {
  return Object.defineProperties({ ...more }, Object.getOwnPropertyDescriptors(values));
}

/** The variables of a policy, each of which sees those before it, so that none can need itself. */
export function variableValues(
  variables: ImageValidationRule['variables'],
  base: Values,
  evaluate: (expression: CelExpression, values: Values) => unknown,
): Values {
  let made: object = {};
  for (const { name, value } of variables) {
    const before = made;
    const get = once(() => evaluate(value, withValues(base, { variables: before })));
    made = Object.defineProperties({}, Object.getOwnPropertyDescriptors(before));
    Object.defineProperty(made, name, { get, enumerable: true });
  }
  return made as Values;
}
