import type { Check } from '../../../check.ts';
import { describe, type Flaw, ofManifests } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { concerns, given, isUnnamed, ofRules, rbacGroup, type RoleRule, rulesOf, verbWord } from '../../rbac-rules.ts';

/** KSV-0043: everybody's rights. */
export const impersonateGroups: Check<Manifest> = ofRules(
  'KSV-0043',
  'CRITICAL',
  {
    name: 'no-impersonate-privileged-groups',
    title: 'May act as any group',
    description: 'Who may act as any group may act as system:masters, for whom no rule is ever looked at.',
    resolution: 'Remove impersonate of groups, or name the groups in resourceNames.',
  },
  (rule) => {
    const isGiven = concerns(rule, ['']) && rule.resources.has('groups') && rule.verbs.has('impersonate');
    return isGiven && isUnnamed(rule) ? 'A rule allows to act as any group' : undefined;
  },
);

const escalating = ['escalate', 'bind', 'impersonate', '*'];

/** KSV-0050: rights that one does not have oneself. */
export const escalate: Check<Manifest> = ofRules(
  'KSV-0050',
  'CRITICAL',
  {
    name: 'no-manage-rbac-resources',
    aliases: ['kubernetes-no-privilege-escalation-rbac'],
    title: 'May give rights that it does not have',
    description: 'The verbs escalate and bind lift the rule that nobody may give more than they have.',
    resolution: 'Remove escalate, bind, impersonate and * of roles and rolebindings.',
  },
  (rule) => {
    const resource = ['roles', 'rolebindings'].find((each) => rule.resources.has(each));
    const verb = escalating.find((each) => rule.verbs.has(each));
    if (!concerns(rule, [rbacGroup]) || resource === undefined || verb === undefined) return undefined;
    return `A rule allows ${verbWord(verb)} of ${resource}`;
  },
);

/** KSV-0051: any role, for anybody in the namespace. */
export const bindRoles: Check<Manifest> = bindsWhatItMakes('KSV-0051', 'rolebindings', ['clusterroles', 'roles'], {
  name: 'do-not-allow-role-binding-associate-privileged-role',
  title: 'May give any role in a namespace',
});

/** KSV-0052: any role, for anybody in the cluster. */
export const bindClusterRoles: Check<Manifest> = bindsWhatItMakes('KSV-0052', 'clusterrolebindings', ['clusterroles'], {
  name: 'allow-role-clusterrolebindings-associate-privileged-cluster-role',
  title: 'May give any role in the cluster',
});

/** KSV-0055: others into one's own binding. */
export const extendBindings: Check<Manifest> = ofManifests(
  describe('KSV-0055', 'LOW', {
    name: 'view-all-secrets',
    title: 'May add others to bindings',
    description: 'Who may read and patch bindings of roles can give their rights to others.',
    resolution: 'Remove patch of rolebindings.',
  }),
  (manifest) => {
    const rules = rulesOf(manifest);
    const gives = (rule: RoleRule, verb: string): boolean =>
      given(rule, { groups: [rbacGroup], resources: ['rolebindings'], verbs: [verb] }) !== undefined;
    if (!rules.some((rule) => gives(rule, 'get'))) return undefined;
    return rules
      .filter((rule) => gives(rule, 'patch'))
      .map((rule) => ({ message: 'A rule allows to change bindings that can be read', lines: rule.node.lines }));
  },
);

function bindsWhatItMakes(
  id: string,
  binding: string,
  roles: readonly string[],
  words: { readonly name: string; readonly title: string },
): Check<Manifest> {
  const info = describe(id, 'HIGH', {
    ...words,
    description:
      'Who may make bindings and bind any role can give everybody, and so themselves, the most that there is.',
    resolution: `Remove create of ${binding}, or name the roles that may be bound in resourceNames.`,
  });
  return ofManifests(info, (manifest) => {
    const rules = rulesOf(manifest);
    const bindsAny = rules.some((rule) => {
      return isUnnamed(rule) && given(rule, { groups: [rbacGroup], resources: roles, verbs: ['bind'] }) !== undefined;
    });
    if (!bindsAny) return undefined;
    return rules.flatMap((rule): readonly Flaw[] => {
      const found = given(rule, { groups: [rbacGroup], resources: [binding], verbs: ['create'] });
      if (found === undefined) return [];
      return [
        {
          message: `A rule allows to create ${binding}, and any of ${roles.join(' and ')} may be bound`,
          lines: rule.node.lines,
        },
      ];
    });
  });
}
