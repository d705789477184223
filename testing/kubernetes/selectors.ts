import type { KubernetesObject } from '../../src/kubernetes/model.ts';
import { failure, type Json } from './status.ts';

/** Whether an object is meant. */
export type Selects = (object: KubernetesObject) => boolean;

type Labels = Readonly<Record<string, string>>;

/** Reads `a=b,c!=d,e in (f,g),h notin (i),j,!k` (Kubernetes documentation, "Labels and Selectors"). */
export function parseLabelSelector(text: string): Selects {
  const requirements = (text.match(/(?:[^,(]|\([^)]*\))+/g) ?? []).map((part) => requirement(part.trim()));
  return ({ metadata }) => requirements.every((matches) => matches(metadata.labels ?? {}));
}

function requirement(text: string): (labels: Labels) => boolean {
  const set = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (set !== null) {
    const values = (set[3] as string).split(',').map((value) => value.trim());
    return expression(set[1] as string, set[2] === 'in' ? 'In' : 'NotIn', values);
  }
  const equality = /^([\w./-]+)\s*(==?|!=)\s*([\w./-]*)$/.exec(text);
  if (equality !== null) {
    return expression(equality[1] as string, equality[2] === '!=' ? 'NotIn' : 'In', [equality[3] as string]);
  }
  const existence = /^(!?)([\w./-]+)$/.exec(text);
  if (existence === null) throw failure.badRequest(`unable to parse requirement: ${text}`);
  return expression(existence[2] as string, existence[1] === '!' ? 'DoesNotExist' : 'Exists', []);
}

function expression(key: string, operator: string, values: readonly string[]): (labels: Labels) => boolean {
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        throw failure.badRequest(`"${operator}" is not a valid label selector operator`);
    }
  };
}

/** Reads a LabelSelector of an object (Kubernetes API, meta/v1): an empty one selects all. */
export function labelsMatch(selector: unknown, labels: Labels): boolean {
  const { matchLabels = {}, matchExpressions = [] } = (selector ?? {}) as {
    readonly matchLabels?: Labels;
    readonly matchExpressions?: readonly Json[];
  };
  const all = Object.entries(matchLabels).every(([key, value]) => labels[key] === value);
  return (
    all &&
    matchExpressions.every(({ key, operator, values = [] }) =>
      expression(String(key), String(operator), values as readonly string[])(labels),
    )
  );
}

/** Reads `metadata.name=a,spec.nodeName!=b`. */
export function parseFieldSelector(text: string): Selects {
  const parts = text.split(',').map((part) => /^([\w.]+)(==?|!=)(.*)$/.exec(part.trim()));
  return (object) =>
    parts.every((part) => {
      if (part === null) throw failure.badRequest(`invalid selector: ${text}`);
      const [, path = '', operator, wanted] = part;
      let value: unknown = object;
      for (const name of path.split('.')) value = (value as Json | undefined)?.[name];
      return (typeof value === 'string' ? value : '') === wanted ? operator !== '!=' : operator === '!=';
    });
}
