import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Authenticator, Fit, RequestContext } from '../authenticator.ts';
import type { Credentials } from '../credentials.ts';
import type { Identity } from '../identity.ts';
import type { BcryptPool } from './bcrypt-pool.ts';
import { htpasswdLimits } from './limits.ts';
import type { PasswordTable } from './parse.ts';
import type { PasswordFile } from './password-file.ts';

/** Users of a file that `htpasswd -B` writes. They are in no groups. */
export class HtpasswdAuthenticator implements Authenticator {
  readonly name: string;
  readonly #file: PasswordFile;
  readonly #pool: BcryptPool;
  readonly #key = randomBytes(32);

  constructor(file: PasswordFile, pool: BcryptPool, name = 'htpasswd') {
    this.name = name;
    this.#file = file;
    this.#pool = pool;
  }

  fits(credentials: Credentials): Fit {
    return credentials.kind === 'basic' ? 'perhaps' : 'no';
  }

  async authenticate(credentials: Credentials, { signal }: RequestContext): Promise<Identity | undefined> {
    if (credentials.kind !== 'basic') return undefined;
    const { user, password } = credentials;
    const table = await this.#file.read();
    signal?.throwIfAborted();
    const hash = table.hashes.get(user);
    const fits = Buffer.byteLength(password) <= htpasswdLimits.passwordBytes;
    const compared = hash ?? this.#dummyFor(user, table);
    const matches = await this.#pool.matches(fits ? password : '', compared, signal);
    return matches && hash !== undefined && fits ? this.#identityOf(user, hash) : undefined;
  }

  async renew(identity: Identity): Promise<Identity | undefined> {
    if (identity.kind !== 'user') return undefined;
    const hash = (await this.#file.read()).hashes.get(identity.name);
    const now = hash === undefined ? undefined : this.#identityOf(identity.name, hash);
    return now?.credential === identity.credential ? now : undefined;
  }

  #identityOf(user: string, hash: string): Identity {
    // Says whether the hash is the same, and nothing else of it.
    const credential = createHash('sha256').update(hash).digest('base64url').slice(0, 22);
    return { kind: 'user', name: user, groups: [], source: this.name, credential };
  }

  /**
   * A hash that no password has, for users who are not there, so that they take as long as those who are. Where costs differ
   * in the file, it has that of some user, always the same for the same name.
   */
  #dummyFor(user: string, { costs }: PasswordTable): string {
    const chance = createHmac('sha256', this.#key).update(user).digest().readUInt32BE();
    const cost = costs[chance % Math.max(1, costs.length)] ?? 10;
    return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`;
  }
}
