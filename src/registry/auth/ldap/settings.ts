import { isLoopback } from '../../../net/host.ts';
import { RegistryAuthError } from '../error.ts';
import { type NamePart, parseDistinguishedName } from './distinguished-name.ts';
import { checkFilter } from './filter.ts';

/** How groups of a user are found. */
export type LdapGroups =
  /**
   * In an attribute of the user that names them: `memberOf`. Only those below `base` count, by their own name (the value of
   * their first part): else whoever may make groups anywhere could make one called like yours.
   */
  | { readonly kind: 'attribute'; readonly attribute: string; readonly base: string }
  /**
   * By searching: `{dn}` in the filter is the user's distinguished name, `{user}` the user's name. Where they are `nested`, the
   * groups of which these groups are members count too, and so on; `{dn}` is then that of a group.
   */
  | {
      readonly kind: 'search';
      readonly base: string;
      readonly filter: string;
      readonly nameAttribute: string;
      readonly nested?: boolean;
    };

/** A directory that knows users. */
export interface LdapSettings {
  /** `ldaps://host:636`, or `ldap://host:389`. */
  readonly url: string;
  /** Encrypts an `ldap://` connection before anything is said on it (RFC 4511, 4.14). */
  readonly startTls?: boolean;
  /** Sends passwords without encryption to another machine. Only for a network that nobody else can hear. */
  readonly allowPlain?: boolean;
  /** Authorities in PEM that the directory's certificate may come from, in place of the usual ones. */
  readonly ca?: string;
  /** Who searches; nobody in particular where it is absent. */
  readonly bind?: { readonly dn: string; readonly password: string };
  readonly users: {
    readonly base: string;
    /** `(uid={user})`, `(&(objectClass=person)(sAMAccountName={user}))`. It should leave out whoever may not log in. */
    readonly filter: string;
    /** The attribute that holds the user's name as it is meant to be: directories do not tell `Alice` from `alice`. */
    readonly nameAttribute: string;
    /** An attribute that changes with the password: `pwdLastSet`, `pwdChangedTime`. Tokens end when it does. */
    readonly passwordAttribute?: string;
  };
  readonly groups?: LdapGroups;
}

/** Settings that were checked, and what was read of them. */
export interface CheckedLdapSettings extends LdapSettings {
  readonly host: string;
  readonly port: number;
  readonly tls: 'from the start' | 'start tls' | 'none';
  /** Of groups in an attribute. */
  readonly groupBase: readonly NamePart[] | undefined;
}

/** Checks the settings of a directory. @throws RegistryAuthError AUTH_SETTING_INVALID that says which of them is wrong */
export function checkLdapSettings(settings: LdapSettings): CheckedLdapSettings {
  const { users, groups, bind, startTls = false } = settings;
  const url = URL.parse(settings.url);
  const scheme = url?.protocol;
  if (url === null || (scheme !== 'ldap:' && scheme !== 'ldaps:') || url.hostname === '') {
    throw invalid('its address is to be ldaps://HOST or ldap://HOST');
  }
  if (url.username !== '' || !/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw invalid('its address has more than a host and a port; write the rest as settings of their own');
  }
  if (scheme === 'ldaps:' && startTls) throw invalid('ldaps:// is encrypted from its start and needs no StartTLS');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const tls = scheme === 'ldaps:' ? 'from the start' : startTls ? 'start tls' : 'none';
  if (tls === 'none' && settings.allowPlain !== true && !isLoopback(host)) {
    throw invalid('passwords would go over the network as they are; use ldaps:// or StartTLS');
  }
  if (bind !== undefined && (!bind.dn.includes('=') || bind.password === '')) {
    throw invalid('whoever searches needs a distinguished name and a password');
  }
  checkAttribute(users.nameAttribute);
  if (users.passwordAttribute !== undefined) checkAttribute(users.passwordAttribute);
  checkFilter(users.filter, ['user'], 'filter of users');
  if (users.base === '') throw invalid('where its users are is empty');
  return {
    ...settings,
    host,
    port: url.port === '' ? (scheme === 'ldaps:' ? 636 : 389) : Number(url.port),
    tls,
    groupBase: groups === undefined ? undefined : checkGroups(groups),
  };
}

function checkGroups(groups: LdapGroups): readonly NamePart[] | undefined {
  if (groups.base === '') throw invalid('where its groups are is empty');
  if (groups.kind === 'search') {
    checkAttribute(groups.nameAttribute);
    const hasName = groups.filter.includes('{dn}');
    checkFilter(groups.filter, hasName ? ['dn', 'user'] : ['user'], 'filter of groups');
    if (groups.nested === true && !hasName) throw invalid('groups within groups are found by a filter with {dn} in it');
    return undefined;
  }
  checkAttribute(groups.attribute);
  const base = parseDistinguishedName(groups.base);
  if (base === undefined) throw invalid('where its groups are is no distinguished name');
  return base;
}

function checkAttribute(name: string): void {
  if (!/^[A-Za-z][\w-]{0,99}$/.test(name)) throw invalid(`${JSON.stringify(name.slice(0, 100))} is no attribute`);
}

function invalid(why: string): RegistryAuthError {
  return new RegistryAuthError('AUTH_SETTING_INVALID', `The LDAP directory cannot be used: ${why}`);
}
