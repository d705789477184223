import type { MatchConstraints, ResourceRuleFilter } from '../../resource/match-constraints/model.ts';
import type { ImageValidatingSpec } from '../document/image-validating-policy/model.ts';

/** Resources that make pods of a template, with their groups. */
const groups: Readonly<Record<string, string>> = {
  daemonsets: 'apps',
  deployments: 'apps',
  replicasets: 'apps',
  statefulsets: 'apps',
  jobs: 'batch',
  cronjobs: 'batch',
};

/** A form of a policy about pods for what makes them. */
export interface AutogenForm {
  /** Put before the policy's name. */
  readonly prefix: string;
  /** Where the pods are: `spec.template`. */
  readonly template: string;
  readonly constraints: MatchConstraints;
}

/**
 * The forms that a policy about pods alone is extended to (Kyverno, "Auto-Gen"): none where it selects by labels, names or namespaces,
 * which those kinds do not share with their pods, or says that it excludes something.
 */
export function autogenForms({ matchConstraints, autogen }: ImageValidatingSpec): readonly AutogenForm[] {
  const rule = podRule(matchConstraints);
  if (rule === undefined) return [];
  const names = autogen?.podControllers?.controllers ?? Object.keys(groups);
  const known = [...new Set(names)].filter((name) => Object.hasOwn(groups, name)).sort();
  const form = (prefix: string, template: string, resources: readonly string[]): readonly AutogenForm[] =>
    resources.length === 0 ? [] : [{ prefix, template, constraints: constraintsOf(resources, rule) }];
  return [
    ...form(
      'autogen-',
      'spec.template',
      known.filter((name) => name !== 'cronjobs'),
    ),
    ...form(
      'autogen-cronjobs-',
      'spec.jobTemplate.spec.template',
      known.filter((name) => name === 'cronjobs'),
    ),
  ];
}

/** Names that are of no such resource, and where they stand in the list. */
export function unknownControllers({ autogen }: ImageValidatingSpec): readonly (readonly [at: number, name: string])[] {
  const names = autogen?.podControllers?.controllers ?? [];
  return [...names.entries()].filter(([, name]) => !Object.hasOwn(groups, name));
}

function constraintsOf(resources: readonly string[], { operations }: ResourceRuleFilter): MatchConstraints {
  return {
    resourceRules: resources.map((resource) => ({
      ...(operations === undefined ? {} : { operations }),
      apiGroups: [groups[resource] ?? ''],
      apiVersions: ['v1'],
      resources: [resource],
    })),
  };
}

function podRule(constraints: MatchConstraints | undefined): ResourceRuleFilter | undefined {
  if (constraints === undefined) return undefined;
  const { resourceRules = [], excludeResourceRules = [], namespaceSelector, objectSelector } = constraints;
  const selectors = [namespaceSelector, objectSelector].filter(
    (each) =>
      each !== undefined && Object.keys(each.matchLabels ?? {}).length + (each.matchExpressions ?? []).length > 0,
  );
  const [rule] = resourceRules;
  if (rule === undefined || resourceRules.length > 1 || excludeResourceRules.length + selectors.length > 0) {
    return undefined;
  }
  if ((rule.resourceNames ?? []).length > 0) return undefined;
  const isOnly = (list: readonly string[] | undefined, text: string): boolean => list?.length === 1 && list[0] === text;
  const isPods = isOnly(rule.apiGroups, '') && isOnly(rule.apiVersions, 'v1') && isOnly(rule.resources, 'pods');
  return isPods ? rule : undefined;
}
