import { randomBytes } from 'node:crypto';
import { type Entry, ResultCodeError } from 'ldapts';
import { errorMessage } from '../../../base/error.ts';
import { type Logger, silentLogger } from '../../../base/logger.ts';
import { RegistryAuthError } from '../error.ts';
import { LdapConnection, type LdapSearch } from './connection.ts';
import { isBelow, parseDistinguishedName } from './distinguished-name.ts';
import { fillFilter } from './filter.ts';
import { ldapLimits } from './limits.ts';
import type { CheckedLdapSettings, LdapGroups } from './settings.ts';

/** A user as the directory has it now. */
export interface LdapUser {
  readonly dn: string;
  readonly name: string;
  readonly groups: readonly string[];
  /** Changes with the password, where the directory shows that; empty elsewhere. */
  readonly passwordMark: string;
}

/**
 * Result codes that say that this user cannot log in, in answer to a password (RFC 4511, appendix A): constraint violation,
 * no such object, invalid DN, inappropriate authentication, invalid credentials, unwilling to perform, as directories
 * answer for locked accounts.
 */
const refusals: ReadonlySet<number> = new Set([19, 32, 34, 48, 49, 53]);

/** Asks a directory about users. One connection is kept for searching; each password is checked on one of its own. */
export class Directory implements AsyncDisposable {
  readonly #settings: CheckedLdapSettings;
  readonly #logger: Logger;
  #searching: Promise<LdapConnection> | undefined;
  #binds = 0;

  constructor(settings: CheckedLdapSettings, logger: Logger = silentLogger) {
    this.#settings = settings;
    this.#logger = logger;
  }

  /**
   * The user of a name; undefined when there is none, when it is not clear which one is meant, or when there are too many groups.
   *
   * @throws RegistryAuthError AUTH_UNAVAILABLE, or the signal's reason
   */
  async findUser(user: string, signal?: AbortSignal): Promise<LdapUser | undefined> {
    const { users, groups } = this.#settings;
    const attributes = [users.nameAttribute];
    if (users.passwordAttribute !== undefined) attributes.push(users.passwordAttribute);
    if (groups?.kind === 'attribute') attributes.push(groups.attribute);
    const filter = fillFilter(users.filter, { user });
    const entries = await this.#search({ base: users.base, filter, attributes, most: 1 }, signal);
    const [entry] = entries;
    if (entry === undefined) return undefined;
    const [name, ...others] = valuesOf(entry, users.nameAttribute);
    if (entries.length > 1 || name === undefined || name === '' || others.length > 0) {
      this.#logger.warn('the directory does not say which user is meant', { entries: entries.length });
      return undefined;
    }
    const found = await this.#groupsOf(entry, name, signal);
    if (found.length > ldapLimits.groups) {
      this.#logger.warn('a user is in too many groups', { user: name, most: ldapLimits.groups });
      return undefined;
    }
    const passwordMark =
      users.passwordAttribute === undefined ? '' : valuesOf(entry, users.passwordAttribute).join(' ');
    return { dn: entry.dn, name, groups: found, passwordMark };
  }

  /**
   * Whether a password is that of a user. For users who are not there (`undefined`) it asks about one who cannot be, which takes
   * as long and shows the directory no password.
   *
   * @throws RegistryAuthError AUTH_UNAVAILABLE, or the signal's reason
   */
  async isPassword(user: LdapUser | undefined, password: string, signal?: AbortSignal): Promise<boolean> {
    if (this.#binds >= ldapLimits.binds) throw unavailable('too many passwords are being checked', undefined);
    this.#binds += 1;
    const chance = randomBytes(16).toString('hex');
    const dn = user?.dn ?? `cn=${chance},${this.#settings.users.base}`;
    try {
      await using connection = await LdapConnection.open(this.#settings, signal);
      await waitFor(connection.bind(dn, user === undefined ? chance : password), signal);
      return user !== undefined;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ResultCodeError && refusals.has(error.code)) return false;
      throw unavailable(errorMessage(error), error);
    } finally {
      this.#binds -= 1;
    }
  }

  /** Closes the connection that searches. */
  async [Symbol.asyncDispose](): Promise<void> {
    const searching = this.#searching;
    this.#searching = undefined;
    const connection = await searching?.catch(() => undefined);
    await connection?.[Symbol.asyncDispose]();
  }

  async #groupsOf(entry: Entry, user: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
    const { groups, groupBase } = this.#settings;
    if (groups === undefined) return [];
    if (groups.kind === 'attribute') {
      const names = valuesOf(entry, groups.attribute).map(parseDistinguishedName);
      const inside = names.filter((name) => name !== undefined && isBelow(name, groupBase ?? []));
      return [...new Set(inside.flatMap((name) => name?.[0]?.value ?? []))];
    }
    return await this.#searchGroups(groups, { dn: entry.dn, user }, signal);
  }

  /** Those that name the user; where they are nested, those that name these too, level by level. */
  async #searchGroups(
    groups: Extract<LdapGroups, { kind: 'search' }>,
    user: { readonly dn: string; readonly user: string },
    signal: AbortSignal | undefined,
  ): Promise<readonly string[]> {
    const found = new Map<string, readonly string[]>();
    let filters = [fillFilter(groups.filter, user)];
    for (let depth = 0; filters.length > 0 && found.size <= ldapLimits.groups; depth += 1) {
      if (depth === ldapLimits.groupDepth) throw unavailable(`groups of ${user.user} are nested too deep`, undefined);
      const fresh: string[] = [];
      for (const filter of filters) {
        const { base, nameAttribute } = groups;
        const search = { base, filter, attributes: [nameAttribute], most: ldapLimits.groups };
        for (const group of await this.#search(search, signal)) {
          if (!found.has(group.dn)) fresh.push(group.dn);
          found.set(group.dn, valuesOf(group, nameAttribute));
        }
      }
      filters = groups.nested === true ? filtersOf(groups.filter, fresh) : [];
    }
    return [...new Set([...found.values()].flat())];
  }

  /** On the connection that is kept; one that was ended meanwhile, as directories do with idle ones, is replaced once. */
  async #search(search: LdapSearch, signal: AbortSignal | undefined): Promise<readonly Entry[]> {
    for (let tries = 0; ; tries += 1) {
      signal?.throwIfAborted();
      const isNew = this.#searching === undefined;
      this.#searching ??= this.#openSearching();
      const mine = this.#searching;
      try {
        const connection = await waitFor(mine, signal);
        return await waitFor(connection.search(search), signal);
      } catch (error) {
        signal?.throwIfAborted();
        const isAnswer = error instanceof ResultCodeError;
        // Also where opening it failed: another try opens another.
        if (!isAnswer || (await isFailed(mine))) await this.#drop(mine);
        if (isNew || isAnswer || tries > 0) throw unavailable(errorMessage(error), error);
      }
    }
  }

  async #openSearching(): Promise<LdapConnection> {
    const connection = await LdapConnection.open(this.#settings);
    const { bind } = this.#settings;
    try {
      if (bind !== undefined) await connection.bind(bind.dn, bind.password);
      return connection;
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #drop(searching: Promise<LdapConnection>): Promise<void> {
    if (this.#searching === searching) this.#searching = undefined;
    const connection = await searching.catch(() => undefined);
    await connection?.[Symbol.asyncDispose]();
  }
}

/** Filters that find whatever names one of these entries. */
function filtersOf(template: string, names: readonly string[]): string[] {
  const filters: string[] = [];
  for (let at = 0; at < names.length; at += ldapLimits.groupsPerSearch) {
    const part = names.slice(at, at + ldapLimits.groupsPerSearch);
    filters.push(`(|${part.map((dn) => fillFilter(template, { dn })).join('')})`);
  }
  return filters;
}

async function isFailed(work: Promise<unknown>): Promise<boolean> {
  return await work.then(
    () => false,
    () => true,
  );
}

/** Stops waiting when told to; what others wait for too goes on. */
async function waitFor<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return await work;
  work.catch(() => undefined);
  let leave = (): void => undefined;
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([work, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** The values of an attribute that are text, however the directory writes its name. */
function valuesOf(entry: Entry, attribute: string): readonly string[] {
  const wanted = attribute.toLowerCase();
  const values = Object.entries(entry).filter(([name]) => name !== 'dn' && name.toLowerCase() === wanted);
  return values.flatMap(([, value]) => value).filter((value) => typeof value === 'string');
}

function unavailable(why: string, cause: unknown): RegistryAuthError {
  return new RegistryAuthError('AUTH_UNAVAILABLE', `The LDAP directory cannot be asked: ${why}`, {
    retryAfterSeconds: 5,
    ...(cause === undefined ? {} : { cause }),
  });
}
