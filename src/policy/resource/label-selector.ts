import { isObject, type JsonValue } from '../../lang/jmespath/value.ts';
import type { LabelSelector } from '../kyverno/document/match/model.ts';

/** Whether labels are as a selector says, in which nothing is a pattern (Kubernetes, "Labels and Selectors"). */
export function selectsLabels(
  { matchLabels = {}, matchExpressions }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labelOf(labels, key) === value) &&
    meetsExpressions(matchExpressions, labels)
  );
}

/** Whether labels meet the expressions of a selector; without any they do. */
export function meetsExpressions(
  expressions: LabelSelector['matchExpressions'],
  labels: Readonly<Record<string, string>>,
): boolean {
  return (expressions ?? []).every(({ key, operator, values = [] }) => {
    const value = labelOf(labels, key);
    switch (operator) {
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      case 'In':
        return value !== undefined && values.includes(value);
      default:
        return value === undefined || !values.includes(value);
    }
  });
}

function labelOf(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

/** The same, of labels as they stand in an object. */
export function selectsOwnLabels(selector: LabelSelector, labels: JsonValue): boolean {
  const texts = isObject(labels) ? Object.entries(labels).filter((pair) => typeof pair[1] === 'string') : [];
  return selectsLabels(selector, Object.fromEntries(texts) as Record<string, string>);
}
