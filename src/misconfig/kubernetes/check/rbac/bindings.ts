import type { Severity } from '../../../../finding/severity.ts';
import type { Check } from '../../../check.ts';
import { type CheckWords, describe, ofManifests } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { entryAt, itemsAt, textAt } from '../../yaml/node.ts';

const powerful: ReadonlySet<unknown> = new Set(['cluster-admin', 'admin', 'edit']);

/** KSV-0111: more than nearly all need. */
export const adminBinding: Check<Manifest> = ofManifests(
  describe('KSV-0111', 'MEDIUM', {
    name: 'cluster-admin0-role-only-used-where-required',
    title: 'Somebody is made an administrator',
    description: 'The roles cluster-admin, admin and edit give nearly all that there is in a cluster or a namespace.',
    resolution: 'Bind a role that gives what is needed.',
  }),
  (manifest) => {
    const { root } = manifest;
    const role = textAt(root, 'roleRef', 'name');
    // A Role of such a name gives what it says, and nothing more.
    if (!isBinding(manifest) || !powerful.has(role) || textAt(root, 'roleRef', 'kind') === 'Role') return undefined;
    return { message: `The role ${role} is bound`, lines: entryAt(root, 'roleRef')?.lines };
  },
);

/** KSV-0122: anybody at all. */
export const anonymousBinding: Check<Manifest> = bindsSubject(
  'KSV-0122',
  'CRITICAL',
  ['system:anonymous', 'system:unauthenticated'],
  {
    name: 'no-anonymous-user-bind',
    title: 'Rights for those who did not log in',
    description: 'Whoever reaches the API server has these rights, without any credentials.',
    resolution: 'Remove the subject from the binding.',
  },
);

/** KSV-0123: those whom nothing holds back. */
export const mastersBinding: Check<Manifest> = bindsSubject('KSV-0123', 'CRITICAL', ['system:masters'], {
  name: 'no-system-masters-group-bind',
  aliases: ['KSV0123'],
  title: 'Rights for system:masters',
  description: 'Members of system:masters may do everything whatever is bound, and nothing takes it from them.',
  resolution: 'Remove the subject, and bind roles to a group of your own.',
});

function bindsSubject(id: string, severity: Severity, names: readonly string[], words: CheckWords): Check<Manifest> {
  return ofManifests(describe(id, severity, words), (manifest) => {
    if (!isBinding(manifest)) return undefined;
    return itemsAt(manifest.root, 'subjects').flatMap((subject) => {
      const name = textAt(subject, 'name') ?? '';
      return names.includes(name) ? [{ message: `${name} is given a role`, lines: subject.lines }] : [];
    });
  });
}

function isBinding({ kind }: Manifest): boolean {
  return kind === 'RoleBinding' || kind === 'ClusterRoleBinding';
}
