import { addressGroup } from './address-group.ts';
import { RegistryAuthError } from './error.ts';
import { Throttle, type ThrottleSettings } from './throttle.ts';

/** How guessing is slowed down, by what was guessed for and where from. */
export interface GuardSettings {
  /** One user from one address: tight, since it keeps nobody else out. */
  readonly pair: ThrottleSettings;
  /** One user from anywhere. Addresses from which that user logged in lately are not held back by it. */
  readonly user: ThrottleSettings;
  /** One address for any users: loose, since a whole office may share it. */
  readonly address: ThrottleSettings;
  /** Milliseconds for which an address stays known for a user after a login, and how many such pairs are remembered. */
  readonly knownFor: number;
  readonly known: number;
}

const minute = 60_000;

/** What holds where nothing else is set. */
export const defaultGuard: GuardSettings = {
  pair: { free: 5, width: 16, firstWait: 1000, maxWait: 5 * minute, forgetAfter: 15 * minute, entries: 50_000 },
  user: { free: 50, width: 64, firstWait: 1000, maxWait: minute, forgetAfter: 15 * minute, entries: 50_000 },
  address: { free: 50, width: 512, firstWait: 1000, maxWait: minute, forgetAfter: 15 * minute, entries: 50_000 },
  knownFor: 24 * 60 * minute,
  known: 50_000,
};

/** An attempt that was let through; told how it ended, once. */
export type Attempt = (outcome: 'right' | 'wrong' | 'unknown') => void;

/**
 * Slows down guessing of passwords, per user, per address, and for both together. Names are folded first, since
 * directories take `Alice` and `alice ` for the same user.
 */
export class AttemptGuard {
  readonly #settings: GuardSettings;
  readonly #now: () => number;
  readonly #pairs: Throttle;
  readonly #users: Throttle;
  readonly #addresses: Throttle;
  readonly #known = new Map<string, number>();

  /** @param now milliseconds that never go back */
  constructor(settings: GuardSettings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
    this.#pairs = new Throttle(settings.pair);
    this.#users = new Throttle(settings.user);
    this.#addresses = new Throttle(settings.address);
  }

  /** Lets an attempt through. @throws RegistryAuthError TOO_MANY_ATTEMPTS */
  begin(user: string, address: string | undefined): Attempt {
    const userKey = user.normalize('NFKC').toLowerCase().trim().replaceAll(/\s+/g, ' ');
    const addressKey = addressGroup(address);
    const pairKey = `${addressKey} ${userKey}`;
    const held: (readonly [Throttle, string])[] = [[this.#pairs, pairKey]];
    if (!this.#isKnown(pairKey)) held.push([this.#users, userKey]);
    if (addressKey !== '') held.push([this.#addresses, addressKey]);
    const start = this.#now();
    const wait = Math.max(...held.map(([throttle, key]) => throttle.wait(key, start)));
    if (wait > 0) throw tooMany(wait);
    for (const [throttle, key] of held) throttle.begin(key, start);
    return (outcome) => {
      const end = this.#now();
      for (const [throttle, key] of held) throttle.end(key, outcome === 'wrong', end);
      if (outcome !== 'right') return;
      // Only of this pair: else whoever has an account could wash away what the address did to others.
      this.#pairs.forgive(pairKey);
      this.#remember(pairKey, end);
    };
  }

  #isKnown(pairKey: string): boolean {
    const until = this.#known.get(pairKey);
    return until !== undefined && until > this.#now();
  }

  #remember(pairKey: string, now: number): void {
    this.#known.delete(pairKey);
    const oldest = this.#known.keys().next().value;
    if (this.#known.size >= this.#settings.known && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(pairKey, now + this.#settings.knownFor);
  }
}

function tooMany(wait: number): RegistryAuthError {
  const seconds = Math.max(1, Math.ceil(wait / 1000));
  return new RegistryAuthError(
    'TOO_MANY_ATTEMPTS',
    `Too many logins failed lately; try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
    { retryAfterSeconds: seconds },
  );
}
