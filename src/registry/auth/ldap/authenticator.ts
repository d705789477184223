import { createHash } from 'node:crypto';
import type { Logger } from '../../../base/logger.ts';
import type { Authenticator, Fit, RequestContext } from '../authenticator.ts';
import type { Credentials } from '../credentials.ts';
import type { Identity } from '../identity.ts';
import { authLimits } from '../limits.ts';
import { Directory, type LdapUser } from './directory.ts';
import { ldapLimits } from './limits.ts';
import { checkLdapSettings, type LdapSettings } from './settings.ts';

interface Renewed {
  readonly identity: Promise<Identity | undefined>;
  /** By the monotonic clock. */
  readonly until: number;
}

/** Users of an LDAP directory: found by a search, verified by a bind with their password. */
export class LdapAuthenticator implements Authenticator, AsyncDisposable {
  readonly name: string;
  readonly #directory: Directory;
  readonly #clock: { monotonic(): number };
  readonly #renewed = new Map<string, Renewed>();

  /** @throws RegistryAuthError AUTH_SETTING_INVALID */
  constructor(
    settings: LdapSettings,
    clock: { monotonic(): number },
    options: { readonly name?: string; readonly logger?: Logger } = {},
  ) {
    this.name = options.name ?? 'ldap';
    this.#directory = new Directory(checkLdapSettings(settings), options.logger);
    this.#clock = clock;
  }

  fits(credentials: Credentials): Fit {
    return credentials.kind === 'basic' ? 'perhaps' : 'no';
  }

  async authenticate(credentials: Credentials, { signal }: RequestContext): Promise<Identity | undefined> {
    if (credentials.kind !== 'basic') return undefined;
    const { user, password } = credentials;
    if (user === '' || password === '') return undefined;
    const found = await this.#directory.findUser(user, signal);
    return (await this.#directory.isPassword(found, password, signal)) ? this.#identityOf(found) : undefined;
  }

  /** Groups are looked up again, though not for every request: what was found counts for some seconds. */
  async renew(identity: Identity, { signal }: RequestContext): Promise<Identity | undefined> {
    if (identity.kind !== 'user') return undefined;
    const now = this.#clock.monotonic();
    let known = this.#renewed.get(identity.name);
    if (known === undefined || known.until <= now) {
      // Without the signal of one request, since others wait for the same answer.
      known = { identity: this.#look(identity.name), until: now + ldapLimits.renewFor };
      this.#remember(identity.name, known);
    }
    const renewed = await known.identity;
    signal?.throwIfAborted();
    return renewed?.name === identity.name && renewed.credential === identity.credential ? renewed : undefined;
  }

  /** Closes its connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory[Symbol.asyncDispose]();
  }

  async #look(name: string): Promise<Identity | undefined> {
    return this.#identityOf(await this.#directory.findUser(name));
  }

  #remember(name: string, renewed: Renewed): void {
    this.#renewed.delete(name);
    const oldest = this.#renewed.keys().next().value;
    if (this.#renewed.size >= ldapLimits.renewed && oldest !== undefined) this.#renewed.delete(oldest);
    this.#renewed.set(name, renewed);
    renewed.identity.catch(() => {
      if (this.#renewed.get(name) === renewed) this.#renewed.delete(name);
    });
  }

  #identityOf(user: LdapUser | undefined): Identity | undefined {
    if (user === undefined) return undefined;
    const { dn, name, groups, passwordMark } = user;
    const isPrintable = (text: string): boolean => text.length <= authLimits.nameLength && !/\p{Cc}/u.test(text);
    if (!isPrintable(name)) return undefined;
    const credential = createHash('sha256').update(`${dn}\0${passwordMark}`).digest('base64url').slice(0, 22);
    return { kind: 'user', name, groups: groups.filter(isPrintable), source: this.name, credential };
  }
}
