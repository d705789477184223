import type { Severity } from '../../finding/severity.ts';
import type { Check } from '../check.ts';
import { type CheckWords, describe, ofManifests } from './define.ts';
import type { Manifest } from './manifest.ts';
import { itemsAt, type PlacedNode, textAt } from './yaml/node.ts';

/** A rule of a Role or ClusterRole (Kubernetes API, PolicyRule). */
export interface RoleRule {
  readonly node: PlacedNode;
  /** Undefined where it names none, which API servers refuse: then it is taken for all. */
  readonly groups: ReadonlySet<string> | undefined;
  readonly resources: ReadonlySet<string>;
  readonly verbs: ReadonlySet<string>;
  /** Empty for all objects. */
  readonly names: ReadonlySet<string>;
}

/** What a rule must give for a check to speak of it. */
export interface Grant {
  /** In each of them alone; others have resources of the same name. */
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  /** A rule with `*` gives them too. */
  readonly verbs: readonly string[];
}

/** Verbs that change something, and `impersonate`, as Trivy's checks count it. */
export const writing: readonly string[] = ['create', 'update', 'patch', 'delete', 'deletecollection', 'impersonate'];
/** All that can be done with objects. */
export const anyVerb: readonly string[] = ['get', 'list', 'watch', ...writing];
/** The group of Roles and their bindings. */
export const rbacGroup = 'rbac.authorization.k8s.io';

/** The rules of a Role or ClusterRole; none for other objects. */
export function rulesOf({ kind, root }: Manifest): readonly RoleRule[] {
  if (kind !== 'Role' && kind !== 'ClusterRole') return [];
  return itemsAt(root, 'rules').map((node) => {
    const groups = wordsAt(node, 'apiGroups');
    return {
      node,
      groups: groups.size === 0 ? undefined : groups,
      resources: wordsAt(node, 'resources'),
      verbs: wordsAt(node, 'verbs'),
      names: wordsAt(node, 'resourceNames'),
    };
  });
}

/** What a rule gives of a grant: the first resource and verb of it; undefined where it gives nothing. */
export function given(rule: RoleRule, grant: Grant): { readonly resource: string; readonly verb: string } | undefined {
  if (!concerns(rule, grant.groups)) return undefined;
  const resource = grant.resources.find((each) => rule.resources.has(each));
  const verb = rule.verbs.has('*') ? '*' : grant.verbs.find((each) => rule.verbs.has(each));
  return resource === undefined || verb === undefined ? undefined : { resource, verb };
}

/** Whether a rule is about a group. */
export function concerns({ groups }: RoleRule, wanted: readonly string[]): boolean {
  return groups === undefined || groups.has('*') || wanted.some((each) => groups.has(each));
}

/** Whether a rule is about all objects, and not some that it names. */
export function isUnnamed({ names }: RoleRule): boolean {
  return names.size === 0 || names.has('*');
}

/** A check of single rules. */
export function ofRules(
  id: string,
  severity: Severity,
  words: CheckWords & { readonly kinds?: readonly string[] },
  judge: (rule: RoleRule) => string | undefined,
): Check<Manifest> {
  const { kinds, ...rest } = words;
  return ofManifests(describe(id, severity, rest), (manifest) => {
    if (kinds !== undefined && !kinds.includes(manifest.kind)) return undefined;
    return rulesOf(manifest).flatMap((rule) => {
      const message = judge(rule);
      return message === undefined ? [] : [{ message, lines: rule.node.lines }];
    });
  });
}

/** A check of rules that give something. */
export function ofGrant(
  id: string,
  severity: Severity,
  words: CheckWords & { readonly kinds?: readonly string[] },
  grant: Grant,
): Check<Manifest> {
  return ofRules(id, severity, words, (rule) => {
    const found = given(rule, grant);
    return found === undefined ? undefined : `A rule allows ${verbWord(found.verb)} of ${found.resource}`;
  });
}

/** `create`, or what stands for all. */
export function verbWord(verb: string): string {
  return verb === '*' ? 'everything (*)' : verb;
}

function wordsAt(node: PlacedNode, field: string): ReadonlySet<string> {
  return new Set(itemsAt(node, field).flatMap((each) => textAt(each) ?? []));
}
