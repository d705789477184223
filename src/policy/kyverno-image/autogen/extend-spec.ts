import type { ImageValidatingSpec, NamedExpression } from '../document/image-validating-policy/model.ts';
import type { AutogenForm } from './controllers.ts';

/**
 * A policy for what makes pods: its expressions lead to the template where they led to the pod (Kyverno, "Auto-Gen"). Names and namespaces
 * stay those of the object, since templates have none. Images need no other names: they are found in templates too.
 */
export function extendSpec(spec: ImageValidatingSpec, { template, constraints }: AutogenForm): ImageValidatingSpec {
  const shifted = (text: string): string => shift(text, template);
  const named = (list: readonly NamedExpression[] | undefined): readonly NamedExpression[] | undefined =>
    list?.map(({ name, expression }) => ({ name, expression: shifted(expression) }));
  const lists = {
    matchConditions: named(spec.matchConditions),
    variables: named(spec.variables),
    images: named(spec.images),
    attestors: spec.attestors?.map((each) => shiftExpressions(each, shifted)),
    validations: spec.validations?.map((each) => ({
      ...each,
      expression: shifted(each.expression),
      ...(each.messageExpression === undefined ? {} : { messageExpression: shifted(each.messageExpression) }),
    })),
    auditAnnotations: spec.auditAnnotations?.map(({ key, valueExpression }) => ({
      key,
      valueExpression: shifted(valueExpression),
    })),
  };
  const there = Object.entries(lists).filter(([, list]) => list !== undefined);
  return { ...spec, ...Object.fromEntries(there), matchConstraints: constraints };
}

/** Every `expression` within a value. */
function shiftExpressions<Value>(value: Value, shifted: (text: string) => string): Value {
  if (Array.isArray(value)) return value.map((each: unknown) => shiftExpressions(each, shifted)) as Value;
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, each]: [string, unknown]) => [
    name,
    name === 'expression' && typeof each === 'string' ? shifted(each) : shiftExpressions(each, shifted),
  ]);
  return Object.fromEntries(members) as Value;
}

function shift(expression: string, template: string): string {
  return expression.replaceAll(
    /(?<![\w.])(object|oldObject)\.(spec|metadata)\b(?!\.(?:name|namespace)\b)/g,
    (_, root: string, member: string) => `${root}.${template}.${member}`,
  );
}
