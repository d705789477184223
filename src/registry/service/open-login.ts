import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { Network } from '../../net/network.ts';
import { keptSetting } from '../../store/metadata/settings.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { DatabaseRobots } from '../access/robot-records.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { CertificateAuthenticator } from '../auth/certificate/authenticator.ts';
import { CredentialCache } from '../auth/credential-cache.ts';
import { ExternalTokenAuthenticator } from '../auth/external-token/authenticator.ts';
import { firstOf } from '../auth/first-of.ts';
import { HtpasswdAuthenticator } from '../auth/htpasswd/authenticator.ts';
import { BcryptPool } from '../auth/htpasswd/bcrypt-pool.ts';
import { PasswordFile } from '../auth/htpasswd/password-file.ts';
import { fileKeys } from '../auth/jwt/file-keys.ts';
import { OidcAuthenticator } from '../auth/oidc/authenticator.ts';
import { RobotAuthenticator } from '../auth/robot/authenticator.ts';
import { makeTokenKey, prepareTokenKeys } from '../auth/token/keys.ts';
import type { TokenSettings } from '../auth/token/service.ts';
import { LdapAuthenticator } from '../auth/ldap/authenticator.ts';
import type { AuthConfig, LdapConfig, TokenConfig } from '../config/auth/model.ts';
import { readSecret } from '../config/value/secret.ts';

/** What logins are looked up with. */
export interface LoginSurroundings {
  readonly database: SqlDatabase;
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Processors for comparing passwords. */
  readonly cores: number;
  /** Variables that secrets may be in. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The ways to log in, as one. */
export interface Login extends AsyncDisposable {
  readonly authenticator: Authenticator;
}

/** Makes the ways to log in that a configuration names, in the order in which they are asked. */
export async function openLogin(auth: AuthConfig, surroundings: LoginSurroundings): Promise<Login> {
  const { database, network, clock, logger, cores, env } = surroundings;
  const ways: Authenticator[] = [];
  const opened = new AsyncDisposableStack();
  // Who can be guessed at is slowed down; secrets that nobody can guess are only remembered.
  if (auth.robots)
    ways.push(
      new CredentialCache(new RobotAuthenticator(new DatabaseRobots(database), clock), {
        clock,
        guard: 'none',
        rightFor: 5000,
        logger,
      }),
    );
  if (auth.certificates !== undefined) {
    const { name } = auth.certificates;
    const rule = { from: name === 'commonName' ? 'common-name' : name, matches: '**' } as const;
    ways.push(new CertificateAuthenticator([rule], clock));
  }
  auth.external.forEach(({ issuer, service, keysFile }, at) => {
    const settings = {
      issuer,
      service,
      algorithms: ['ES256', 'RS256', 'EdDSA'] as const,
      keys: fileKeys(keysFile, clock),
      decides: 'token' as const,
    };
    ways.push(new ExternalTokenAuthenticator(settings, clock, `external-token-${at + 1}`));
  });
  if (auth.oidc.length > 0) {
    const issuers = auth.oidc.map(({ issuer, audience, claims, name, groups, keysFile }) => ({
      issuer,
      audiences: audience,
      rules: [{ claims, name, ...(groups === undefined ? {} : { groups: [`{${groups}}`] }) }],
      ...(keysFile === undefined ? {} : { keys: { kind: 'file', at: keysFile } as const }),
    }));
    ways.push(new OidcAuthenticator(issuers, { door: { network }, clock, logger }));
  }
  if (auth.ldap !== undefined) {
    const directory = opened.use(new LdapAuthenticator(await ldapSettings(auth.ldap, env), clock, { logger }));
    ways.push(new CredentialCache(directory, { clock, logger }));
  }
  if (auth.htpasswdFile !== undefined) {
    const file = new PasswordFile(auth.htpasswdFile, clock, (problems) => {
      for (const { message } of problems) logger.warn(message);
    });
    const pool = opened.use(new BcryptPool(Math.max(1, Math.floor(cores / 2))));
    ways.push(new CredentialCache(new HtpasswdAuthenticator(file, pool), { clock, logger }));
  }
  return { authenticator: firstOf(ways), [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

async function ldapSettings(
  config: LdapConfig,
  env: LoginSurroundings['env'],
): Promise<ConstructorParameters<typeof LdapAuthenticator>[0]> {
  const { url, startTls, caFile, bindDn, bindPassword, userBase, userFilter, groupBase, groupFilter, groupName } =
    config;
  return {
    url,
    startTls,
    ...(caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') }),
    ...(bindDn === undefined || bindPassword === undefined
      ? {}
      : { bind: { dn: bindDn, password: await readSecret(bindPassword, env) } }),
    users: { base: userBase, filter: userFilter, nameAttribute: 'uid' },
    ...(groupBase === undefined
      ? {}
      : { groups: { kind: 'search', base: groupBase, filter: groupFilter, nameAttribute: groupName } as const }),
  };
}

/** What the token service signs with: the key of the file, or one that is made once and kept with the records. */
export async function tokenSettings(
  { issuer, service, keyFile, lifetimeMs }: TokenConfig,
  database: SqlDatabase,
): Promise<TokenSettings> {
  const pem =
    keyFile === undefined
      ? await keptSetting(
          database,
          'token-key',
          () => makeTokenKey().export({ type: 'pkcs8', format: 'pem' }) as string,
        )
      : await readFile(keyFile, 'utf8');
  const keys = prepareTokenKeys(createPrivateKey(pem));
  return { issuer, service, keys, accessSeconds: Math.round(lifetimeMs / 1000) };
}
