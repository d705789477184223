import type { Authenticator, Fit, RequestContext } from '../authenticator.ts';
import type { Credentials } from '../credentials.ts';
import type { Identity } from '../identity.ts';
import { checkRobotName, robotNameOf } from './name.ts';
import type { RobotRecord, RobotRecords, RobotSecret } from './records.ts';
import { hashSecret, isSameHash, isSecret } from './secret.ts';

/** What is compared where no account is, so that unknown names are no quicker. */
const nobody: RobotSecret = { sha256: '0'.repeat(64), created: 0 };

/** Robot accounts, which log in as `robot+NAME` with a secret that was made for them. */
export class RobotAuthenticator implements Authenticator {
  readonly name: string;
  readonly #records: RobotRecords;
  readonly #clock: { now(): number };

  constructor(records: RobotRecords, clock: { now(): number }, name = 'robot') {
    this.name = name;
    this.#records = records;
    this.#clock = clock;
  }

  fits(credentials: Credentials): Fit {
    return credentials.kind === 'basic' && robotNameOf(credentials.user) !== undefined ? 'alone' : 'no';
  }

  async authenticate(credentials: Credentials, { signal }: RequestContext): Promise<Identity | undefined> {
    const name = credentials.kind === 'basic' ? robotNameOf(credentials.user) : undefined;
    // What has not the form of a secret is none, and costs no look-up.
    if (credentials.kind !== 'basic' || name === undefined || !isSecret(credentials.password)) return undefined;
    const hash = hashSecret(credentials.password);
    const record = await this.#find(name, signal);
    const secrets = record === undefined ? [nobody] : record.secrets;
    const secret = secrets.find(({ sha256 }) => isSameHash(sha256, hash));
    return record === undefined || secret === undefined ? undefined : this.#identityOf(record, secret);
  }

  async renew(identity: Identity, { signal }: RequestContext): Promise<Identity | undefined> {
    if (identity.kind !== 'robot') return undefined;
    const record = await this.#find(identity.name, signal);
    const secret = record?.secrets.find((one) => credentialOf(one) === identity.credential);
    return record === undefined || secret === undefined ? undefined : this.#identityOf(record, secret);
  }

  async #find(name: string, signal: AbortSignal | undefined): Promise<RobotRecord | undefined> {
    try {
      checkRobotName(name);
    } catch {
      return undefined;
    }
    return await this.#records.find(name, signal);
  }

  #identityOf(record: RobotRecord, secret: RobotSecret): Identity | undefined {
    const ends = [record.expires, secret.expires].filter((end) => end !== undefined);
    const expires = ends.length === 0 ? undefined : Math.min(...ends);
    if (record.disabled || (expires !== undefined && expires <= this.#clock.now())) return undefined;
    return {
      kind: 'robot',
      name: record.name,
      groups: [],
      source: this.name,
      credential: credentialOf(secret),
      grants: record.grants,
      ...(expires === undefined ? {} : { expires }),
    };
  }
}

/** Tells one secret of an account from another, and nothing of either. */
function credentialOf({ sha256 }: RobotSecret): string {
  return hashSecret(sha256).slice(0, 22);
}
