import type { LdapGroups, LdapSettings } from '../../auth/ldap/settings.ts';
import type { LdapConfig } from './model.ts';

/** Where a directory is. */
export function ldapPlace({ url, startTls }: LdapConfig): Pick<LdapSettings, 'url' | 'startTls'> {
  return { url, startTls };
}

/** What is looked for in it. */
export function ldapEntries(config: LdapConfig): Pick<LdapSettings, 'users' | 'groups'> {
  const { userBase, userFilter, userName, passwordChanged } = config;
  const groups = groupsOf(config);
  return {
    users: {
      base: userBase,
      filter: userFilter,
      nameAttribute: userName,
      ...(passwordChanged === undefined ? {} : { passwordAttribute: passwordChanged }),
    },
    ...(groups === undefined ? {} : { groups }),
  };
}

function groupsOf(config: LdapConfig): LdapGroups | undefined {
  const { groupBase: base, groupFilter: filter, groupName, groupAttribute, nestedGroups: nested } = config;
  if (base === undefined) return undefined;
  return groupAttribute === undefined
    ? { kind: 'search', base, filter, nameAttribute: groupName, nested }
    : { kind: 'attribute', attribute: groupAttribute, base };
}
