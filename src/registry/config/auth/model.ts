import type { RepositoryGrant } from '../../auth/grant.ts';
import type { SecretReference } from '../value/secret.ts';

/** The token service of the registry itself. */
export interface TokenConfig {
  /** What its tokens say of who issued them, and for which service they are. */
  readonly issuer: string;
  readonly service: string;
  /** Its private key, in PEM; without it, the registry makes one and keeps it. */
  readonly keyFile?: string;
  readonly lifetimeMs: number;
}

/** A token service elsewhere, whose tokens count as what they say. */
export interface ExternalTokenConfig {
  /** Where clients are sent. */
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** Its public keys: certificates in PEM, or a JWK set. */
  readonly keysFile: string;
  /** Claims: who it is, and the groups. */
  readonly name: string;
  readonly groups?: string;
}

/** Workloads and people that an OpenID Connect issuer vouches for. */
export interface OidcConfig {
  readonly issuer: string;
  /** One of these must stand in the token. */
  readonly audience: readonly string[];
  /** Claims that must hold: patterns, one of which must match. */
  readonly claims: Readonly<Record<string, readonly string[]>>;
  /** The workload's name, with claims in braces: `{repository}`. */
  readonly name: string;
  /** The claim that lists groups. */
  readonly groups?: string;
  /** Authorities of the issuer's server, in PEM. */
  readonly caFile?: string;
  /** The issuer's JWK set, where it cannot be asked. */
  readonly keysFile?: string;
}

/** Users of a directory. */
export interface LdapConfig {
  /** `ldaps://…`, or `ldap://…` with `startTls`. */
  readonly url: string;
  readonly startTls: boolean;
  readonly caFile?: string;
  /** Who searches; absent where anybody may. */
  readonly bindDn?: string;
  readonly bindPassword?: SecretReference;
  readonly userBase: string;
  /** With `{user}` for what was typed, which is escaped. */
  readonly userFilter: string;
  /** The attribute with a user's name, as permissions write it. */
  readonly userName: string;
  /** An attribute that changes with the password. */
  readonly passwordChanged?: string;
  readonly groupBase?: string;
  /** With `{dn}` for the user's entry. */
  readonly groupFilter: string;
  /** The attribute that names a group. */
  readonly groupName: string;
  /** The attribute of a user that lists groups, in place of a search. */
  readonly groupAttribute?: string;
  readonly nestedGroups: boolean;
}

/** How a client certificate says who it is for. */
export interface CertificatesConfig {
  readonly name: 'commonName' | 'dns' | 'uri' | 'email';
  /** Whether organizational units count as groups. */
  readonly groups: boolean;
}

/** The ways to log in. When there is none, and nothing is granted to strangers either, everybody may do everything. */
export interface AuthConfig {
  readonly anonymous: readonly RepositoryGrant[];
  readonly htpasswdFile?: string;
  readonly token?: TokenConfig;
  readonly external: readonly ExternalTokenConfig[];
  readonly oidc: readonly OidcConfig[];
  readonly ldap?: LdapConfig;
  readonly certificates?: CertificatesConfig;
  readonly robots: boolean;
}

/** Whether anybody can log in, in any way. */
export function hasLogins(auth: AuthConfig): boolean {
  return auth.certificates !== undefined || takesCredentials(auth);
}

/** Whether there are passwords or tokens that somebody can log in with, besides what a connection shows by itself. */
export function takesCredentials({ htpasswdFile, external, oidc, ldap, robots }: AuthConfig): boolean {
  return htpasswdFile !== undefined || ldap !== undefined || external.length > 0 || oidc.length > 0 || robots;
}

/** Whether everybody may do everything, since nothing was said about who may do what. */
export function isOpen(auth: AuthConfig): boolean {
  return !hasLogins(auth) && auth.anonymous.length === 0;
}
