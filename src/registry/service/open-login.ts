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
import type { LdapSettings } from '../auth/ldap/settings.ts';
import { readSecret } from '../config/value/secret.ts';
import { oidcIssuer } from '../config/auth/oidc-issuer.ts';
import { ldapEntries, ldapPlace } from '../config/auth/ldap-settings.ts';
import type { AuthConfig, LdapConfig, TokenConfig } from '../config/auth/model.ts';

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
  /** A network that trusts one authority more, in PEM; whoever gets it closes it. */
  readonly networkTrusting: (authority: { readonly name: string; readonly pem: Uint8Array }) => Network;
}

/** Milliseconds for which a robot's secret that was right is taken without looking. */
const robotRightFor = 1000;

/** The ways to log in, as one. */
export interface Login extends AsyncDisposable {
  readonly authenticator: Authenticator;
}

/** Makes the ways to log in that a configuration names, in the order in which they are asked. */
export async function openLogin(auth: AuthConfig, surroundings: LoginSurroundings): Promise<Login> {
  const { database, network, clock, logger, cores, env } = surroundings;
  const ways: Authenticator[] = [];
  await using opened = new AsyncDisposableStack();
  // Who can be guessed at is slowed down; secrets that nobody can guess are only remembered.
  if (auth.robots)
    ways.push(
      new CredentialCache(new RobotAuthenticator(new DatabaseRobots(database), clock), {
        clock,
        guard: 'none',
        // Others revoke it in the database, and nobody tells this process.
        rightFor: robotRightFor,
        logger,
      }),
    );
  if (auth.certificates !== undefined) {
    const { name, groups } = auth.certificates;
    const rule = { from: name === 'commonName' ? 'common-name' : name, matches: '**', units: groups } as const;
    ways.push(new CertificateAuthenticator([rule], clock));
  }
  auth.external.forEach(({ issuer, service, keysFile, name, groups }, at) => {
    const settings = {
      issuer,
      service,
      algorithms: ['ES256', 'RS256', 'EdDSA'] as const,
      keys: fileKeys(keysFile, clock),
      decides: 'token' as const,
      nameClaim: name,
      ...(groups === undefined ? {} : { groupsClaim: groups }),
    };
    ways.push(new ExternalTokenAuthenticator(settings, clock, `external-token-${at + 1}`));
  });
  if (auth.oidc.length > 0) {
    const issuers = await Promise.all(
      auth.oidc.map(async (config) => {
        const { caFile } = config;
        if (caFile === undefined) return oidcIssuer(config);
        const authority = { name: caFile, pem: await readFile(caFile) };
        return { ...oidcIssuer(config), door: { network: opened.use(surroundings.networkTrusting(authority)) } };
      }),
    );
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
    // Looking at the file again is cheap, so nobody is let in by a password that is no longer there.
    ways.push(new CredentialCache(new HtpasswdAuthenticator(file, pool), { clock, logger, renewing: true }));
  }
  const authenticator = firstOf(ways);
  const kept = opened.move();
  return { authenticator, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function ldapSettings(config: LdapConfig, env: LoginSurroundings['env']): Promise<LdapSettings> {
  const { caFile, bindDn: dn, bindPassword } = config;
  return {
    ...ldapPlace(config),
    ...ldapEntries(config),
    ...(caFile === undefined ? {} : { ca: await readFile(caFile, 'utf8') }),
    ...(dn === undefined || bindPassword === undefined
      ? {}
      : { bind: { dn, password: await readSecret(bindPassword, env) } }),
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
