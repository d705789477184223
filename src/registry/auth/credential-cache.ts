import { createHmac, randomBytes } from 'node:crypto';
import type { Logger } from '../../base/logger.ts';
import { AttemptGuard, defaultGuard, type GuardSettings } from './attempt-guard.ts';
import { type Authenticator, canRenew, type Fit, type RequestContext, sourcesOf } from './authenticator.ts';
import type { Credentials } from './credentials.ts';
import { RegistryAuthError } from './error.ts';
import type { Identity } from './identity.ts';

/** How long answers are kept. Times in milliseconds. */
export interface CredentialCacheOptions {
  /** Of credentials that were right. */
  readonly rightFor?: number;
  /** Of credentials that were wrong: long enough for a client that repeats itself. */
  readonly wrongFor?: number;
  /** Answers of each sort that are kept, and credentials that are verified at the same time. */
  readonly entries?: number;
  readonly width?: number;
  /**
   * Whether what was right is asked about again each time by `renew`, where that is cheap: what is remembered then only spares
   * the work on the secret itself, and whoever was taken away is out at once.
   */
  readonly renewing?: boolean;
  /** How guessing is slowed down; `none` for secrets that nobody can guess. */
  readonly guard?: GuardSettings | 'none';
  /** `now`: milliseconds since 1970; `monotonic`: milliseconds that never go back. */
  readonly clock: { now(): number; monotonic(): number };
  readonly logger?: Logger;
}

interface Answer {
  readonly identity: Identity | undefined;
  /** By the monotonic clock. */
  readonly until: number;
}

interface Verification {
  readonly answer: Promise<Identity | undefined>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Stands before an authenticator that takes long or can be guessed at: remembers for some seconds what was right and what
 * was wrong, verifies the same credentials once however many requests bring them at the same time, and slows down guessing.
 *
 * It is keyed by an HMAC under a key that this process makes at its start, so what it holds is no password and cannot be
 * tried offline. Credentials that were right lately pass however often others fail.
 */
export class CredentialCache implements Authenticator {
  readonly name: string;
  readonly sources: readonly string[];
  readonly #inner: Authenticator;
  readonly #options: Required<Omit<CredentialCacheOptions, 'guard' | 'logger'>>;
  readonly #guard: AttemptGuard | undefined;
  readonly #key = randomBytes(32);
  readonly #right = new Map<string, Answer>();
  readonly #wrong = new Map<string, Answer>();
  readonly #underWay = new Map<string, Verification>();

  constructor(inner: Authenticator, options: CredentialCacheOptions) {
    this.#inner = inner;
    this.name = inner.name;
    this.sources = sourcesOf(inner);
    this.#options = {
      rightFor: 60_000,
      wrongFor: 5000,
      entries: 10_000,
      width: 1000,
      renewing: false,
      ...options,
    };
    const guard = options.guard ?? defaultGuard;
    if (guard !== 'none') this.#guard = new AttemptGuard(guard, () => options.clock.monotonic());
  }

  fits(credentials: Credentials): Fit {
    return this.#inner.fits(credentials);
  }

  async authenticate(credentials: Credentials, context: RequestContext): Promise<Identity | undefined> {
    context.signal?.throwIfAborted();
    const key = this.#keyOf(credentials);
    if (key === undefined) return await this.#inner.authenticate(credentials, context);
    const known = this.#find(this.#right, key) ?? this.#find(this.#wrong, key);
    if (known !== undefined) {
      if (known.identity === undefined || !this.#options.renewing) return known.identity;
      const renewed = await this.renew(known.identity, context);
      if (renewed !== undefined) return renewed;
      // Taken away, or the same password with another hash: the secret itself says which.
      this.#right.delete(key);
    }
    let verification = this.#underWay.get(key);
    if (verification === undefined) {
      verification = this.#begin(key, credentials, context.address);
      this.#underWay.set(key, verification);
    }
    return await this.#wait(key, verification, context.signal);
  }

  renew(identity: Identity, context: RequestContext): Promise<Identity | undefined> {
    return this.#inner.renew?.(identity, context) ?? Promise.resolve(identity);
  }

  renews(source: string): boolean {
    return canRenew(this.#inner, source);
  }

  #begin(key: string, credentials: Credentials, address: string | undefined): Verification {
    if (this.#underWay.size >= this.#options.width) {
      throw new RegistryAuthError('AUTH_UNAVAILABLE', 'Too many logins are being verified; try again in a moment', {
        retryAfterSeconds: 1,
      });
    }
    const user = credentials.kind === 'basic' ? credentials.user : '';
    const end = this.#guard?.begin(user, address);
    // Whoever repeats an old password guesses nothing: machines do that for hours after it was changed.
    const wasWrong = this.#wrong.has(key);
    const controller = new AbortController();
    const verify = async (): Promise<Identity | undefined> => {
      try {
        const identity = await this.#inner.authenticate(credentials, {
          signal: controller.signal,
          ...(address === undefined ? {} : { address }),
        });
        end?.(identity !== undefined ? 'right' : wasWrong ? 'unknown' : 'wrong');
        this.#keep(key, identity);
        return identity;
      } catch (error) {
        end?.('unknown');
        throw error;
      } finally {
        if (this.#underWay.get(key)?.controller === controller) this.#underWay.delete(key);
      }
    };
    const answer = verify();
    answer.catch(() => undefined);
    return { answer, controller, waiting: 0 };
  }

  #keep(key: string, identity: Identity | undefined): void {
    const { rightFor, wrongFor, clock, entries } = this.#options;
    const [map, period] = identity === undefined ? [this.#wrong, wrongFor] : [this.#right, rightFor];
    const left = identity?.expires === undefined ? period : Math.min(period, identity.expires - clock.now());
    if (left <= 0) return;
    map.delete(key);
    const oldest = map.keys().next().value;
    if (map.size >= entries && oldest !== undefined) map.delete(oldest);
    map.set(key, { identity, until: clock.monotonic() + left });
  }

  #find(map: Map<string, Answer>, key: string): Answer | undefined {
    const answer = map.get(key);
    return answer !== undefined && answer.until > this.#options.clock.monotonic() ? answer : undefined;
  }

  /** Undefined for what is not kept: certificates were verified by TLS, and none is no secret. */
  #keyOf(credentials: Credentials): string | undefined {
    if (credentials.kind !== 'basic' && credentials.kind !== 'bearer') return undefined;
    const parts =
      credentials.kind === 'basic'
        ? ['basic', credentials.user, credentials.password]
        : ['bearer', '', credentials.token];
    return createHmac('sha256', this.#key).update(JSON.stringify(parts)).digest('base64');
  }

  /** Waits for a verification that others may wait for too; it is given up when the last of them leaves. */
  async #wait(key: string, verification: Verification, signal: AbortSignal | undefined): Promise<Identity | undefined> {
    verification.waiting += 1;
    let leave = (): void => undefined;
    try {
      if (signal === undefined) return await verification.answer;
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(signal.reason as Error);
        signal.addEventListener('abort', leave, { once: true });
      });
      return await Promise.race([verification.answer, left]);
    } finally {
      signal?.removeEventListener('abort', leave);
      verification.waiting -= 1;
      if (verification.waiting === 0) {
        // Whoever comes now begins anew and does not wait for what is being given up.
        if (this.#underWay.get(key) === verification) this.#underWay.delete(key);
        verification.controller.abort();
      }
    }
  }
}
