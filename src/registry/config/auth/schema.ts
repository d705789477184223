import { z } from 'zod';
import { type Action, actions } from '../../auth/access.ts';
import type { Grant, RepositoryGrant } from '../../auth/grant.ts';
import { configLimits } from '../limits.ts';
import { duration, flag, httpUrl, listOf, path, type Paths, repositoryPattern, text, word } from '../value/schema.ts';
import { secret, secretFields } from '../value/schema.ts';
import type {
  AuthConfig,
  CertificatesConfig,
  ExternalTokenConfig,
  LdapConfig,
  OidcConfig,
  TokenConfig,
} from './model.ts';
import { subject } from './subject.ts';

const hour = 3_600_000;

const grantFields = {
  repositories: listOf(repositoryPattern, 1).describe('patterns of repositories; `**` is all of them'),
  actions: listOf(word<Action | '*'>([...actions, '*']), 1).describe(
    '`pull`, `push`, `delete`, `list`, or `*` for all',
  ),
};

const grant: z.ZodType<RepositoryGrant> = z.strictObject(grantFields);

/** {@link Grant}s; what strangers may do stands elsewhere. */
export const permissionsSchema: z.ZodType<readonly Grant[]> = listOf(
  z.strictObject({
    ...grantFields,
    to: listOf(
      text('subject', subject, 'user:NAME, group:NAME, robot:NAME, workload:NAME, certificate:NAME or authenticated'),
      1,
    ).describe('who has these rights: `user:…`, `group:…`, `robot:…`, `workload:…`, `certificate:…`, `authenticated`'),
  }),
  0,
  configLimits.permissions,
).prefault([]);

function tokenSchema(paths: Paths): z.ZodType<TokenConfig> {
  return z
    .strictObject({
      issuer: text('name').prefault('seaworthy').describe('what tokens say of who issued them'),
      service: text('name').prefault('seaworthy').describe('what tokens say of which registry they are for'),
      key: path(paths).exactOptional().describe('private key, in PEM (default: one is made and kept)'),
      lifetime: duration(60_000, 24 * hour)
        .prefault('5m')
        .describe('how long a token holds'),
    })
    .transform(({ issuer, service, key, lifetime }) => ({
      issuer,
      service,
      ...(key === undefined ? {} : { keyFile: key }),
      lifetimeMs: lifetime,
    }));
}

function externalSchema(paths: Paths): z.ZodType<ExternalTokenConfig> {
  return z
    .strictObject({
      realm: httpUrl.describe('where clients fetch tokens'),
      service: text('name').describe('the service that tokens must be for'),
      issuer: text('name').describe('who must have issued them'),
      keys: path(paths).describe('public keys of the issuer: certificates in PEM, or a JWK set'),
      name: text('name of a claim').prefault('sub').describe('claim that names the user'),
      groups: text('name of a claim').exactOptional().describe('claim that lists groups'),
    })
    .transform(({ keys, ...rest }) => ({ ...rest, keysFile: keys }));
}

function oidcSchema(paths: Paths): z.ZodType<OidcConfig> {
  return z
    .strictObject({
      issuer: httpUrl.describe('address of the issuer, exactly as its tokens say it'),
      audience: listOf(text('audience'), 1).describe('audiences, one of which a token must be for'),
      claims: z
        .record(text('name of a claim'), listOf(text('pattern'), 1))
        .prefault({})
        .describe('claims that must hold: for each, patterns of which one must match'),
      name: text('name').prefault('{sub}').describe('name of the workload, with claims in braces'),
      groups: text('name of a claim').exactOptional().describe('claim that lists groups'),
      ca: path(paths).exactOptional().describe("authorities of the issuer's server, in PEM"),
      keys: path(paths).exactOptional().describe('JWK set of an issuer that cannot be asked'),
    })
    .transform(({ ca, keys, ...rest }) => ({
      ...rest,
      ...(ca === undefined ? {} : { caFile: ca }),
      ...(keys === undefined ? {} : { keysFile: keys }),
    }));
}

function ldapSchema(paths: Paths): z.ZodType<LdapConfig> {
  const form = /^ldaps?:\/\/[^\s/@?#]+\/?$/;
  return z
    .strictObject({
      url: text('address', form, 'an address such as ldaps://ldap.example.org').describe('address of the directory'),
      startTls: flag.prefault('false').describe('whether TLS begins after connecting, for `ldap://`'),
      ca: path(paths).exactOptional().describe('authorities of the directory, in PEM'),
      bindDn: text('name').exactOptional().describe('name of the entry that searches'),
      ...secretFields('bindPassword', paths, 'its password'),
      userBase: text('name').describe('entry under which users are'),
      userFilter: text('filter', /\{user\}/, 'a filter with {user} in it')
        .prefault('(uid={user})')
        .describe('filter that finds a user'),
      userName: text('attribute').prefault('uid').describe('attribute that names a user, as permissions do'),
      passwordChanged: text('attribute')
        .exactOptional()
        .describe('attribute that changes with the password, which then ends tokens: `pwdChangedTime`, `pwdLastSet`'),
      groupBase: text('name').exactOptional().describe('entry under which groups are (default: no groups)'),
      groupFilter: text('filter', /\{(?:dn|user)\}/, 'a filter with {dn} or {user} in it')
        .prefault('(member={dn})')
        .describe("filter that finds a user's groups"),
      groupName: text('attribute').prefault('cn').describe('attribute that names a group'),
      groupAttribute: text('attribute')
        .exactOptional()
        .describe('attribute of a user that lists groups, such as `memberOf`, in place of groupFilter'),
      nestedGroups: flag.prefault('false').describe('whether groups of which groups are members count too'),
    })
    .transform((given, context): LdapConfig => {
      const { ca, bindPassword: _1, bindPasswordFile: _2, ...rest } = given;
      const bindPassword = secret(given, 'bindPassword', context);
      if ((rest.bindDn === undefined) !== (bindPassword === undefined)) {
        context.addIssue('needs bindDn together with bindPassword or bindPasswordFile');
      }
      if (rest.url.startsWith('ldap:') && !rest.startTls) {
        context.addIssue('would send passwords in the clear; write ldaps://, or startTls: true');
      }
      return {
        ...rest,
        ...(ca === undefined ? {} : { caFile: ca }),
        ...(bindPassword === undefined ? {} : { bindPassword }),
      };
    });
}

const certificates: z.ZodType<CertificatesConfig> = z.strictObject({
  name: word(['commonName', 'dns', 'uri', 'email'])
    .prefault('commonName')
    .describe('what names the client: `commonName`, or an alternative name: `dns`, `uri`, `email`'),
  groups: flag.prefault('false').describe('whether organizational units count as groups'),
});

/** {@link AuthConfig}. */
export function authSchema(paths: Paths): z.ZodType<AuthConfig> {
  return z
    .strictObject({
      anonymous: listOf(grant).prefault([]).describe('what everybody may do without logging in'),
      htpasswd: path(paths).exactOptional().describe('file of users with bcrypt passwords'),
      token: tokenSchema(paths).exactOptional(),
      external: listOf(externalSchema(paths)).prefault([]).describe('token services elsewhere'),
      oidc: listOf(oidcSchema(paths)).prefault([]).describe('issuers of identity tokens, for CI jobs and clusters'),
      ldap: ldapSchema(paths).exactOptional(),
      certificates: certificates.exactOptional(),
      robots: flag.prefault('false').describe('whether there are robot accounts'),
    })
    .transform(({ htpasswd, ...rest }) => ({ ...rest, ...(htpasswd === undefined ? {} : { htpasswdFile: htpasswd }) }))
    .prefault({});
}
