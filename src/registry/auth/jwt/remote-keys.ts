import type { KeyObject } from 'node:crypto';
import { errorMessage } from '../../../base/error.ts';
import { type Logger, silentLogger } from '../../../base/logger.ts';
import type { Clock } from '../../../net/clock.ts';
import { RegistryAuthError } from '../error.ts';
import { chooseKey, type JwtKey, type KeyQuestion, type KeySource } from './key-source.ts';
import { jwtLimits } from './limits.ts';

/** Keys as they were at some time, by the monotonic clock. */
interface KeySet {
  readonly keys: readonly JwtKey[];
  readonly fetched: number;
}

/** Whose keys they are and how they are had. */
export interface RemoteKeysOptions {
  /** Names the issuer in messages. */
  readonly subject: string;
  /** Gets all of them anew; what it throws means that they could not be had. */
  readonly fetch: (signal: AbortSignal) => Promise<readonly JwtKey[]>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger?: Logger;
  /** In place of those in `limits.ts`, where asking costs little. Milliseconds. */
  readonly freshFor?: number;
  readonly refetchAfter?: number;
}

/**
 * Keys that lie elsewhere and change: kept for some minutes, fetched again when they are older or when a token names one
 * that is not among them, though no more often than the limits say. While the issuer cannot be asked, what is known goes
 * on to count for a day; what is unknown then is "could not look".
 */
export class RemoteKeys implements KeySource {
  readonly #subject: string;
  readonly #load: (signal: AbortSignal) => Promise<readonly JwtKey[]>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #logger: Logger;
  readonly #freshFor: number;
  readonly #refetchAfter: number;
  #set: KeySet | undefined;
  #underWay: Promise<void> | undefined;
  /** When the last fetch ended, and why it failed, if it did. */
  #tried = Number.NEGATIVE_INFINITY;
  #failure: unknown;

  constructor(options: RemoteKeysOptions) {
    this.#subject = options.subject;
    this.#load = options.fetch;
    this.#clock = options.clock;
    this.#logger = options.logger ?? silentLogger;
    this.#freshFor = options.freshFor ?? jwtLimits.freshFor;
    this.#refetchAfter = options.refetchAfter ?? jwtLimits.refetchAfter;
  }

  async find(question: KeyQuestion): Promise<KeyObject | undefined> {
    const known = this.#choose(question);
    if (known !== undefined && this.#age() < this.#freshFor) return known;
    const pause = this.#failure === undefined ? this.#refetchAfter : jwtLimits.retryAfter;
    if (this.#underWay !== undefined || this.#clock.monotonic() - this.#tried >= pause) {
      await this.#refresh(question.signal);
    }
    const found = this.#choose(question);
    if (found === undefined && this.#failure !== undefined) throw this.#unavailable();
    return found;
  }

  #choose(question: KeyQuestion): KeyObject | undefined {
    return this.#age() < jwtLimits.staleFor ? chooseKey(this.#set?.keys ?? [], question) : undefined;
  }

  #age(): number {
    return this.#set === undefined ? Number.POSITIVE_INFINITY : this.#clock.monotonic() - this.#set.fetched;
  }

  /** One fetch for all who wait; whoever is told to stop stops waiting. */
  async #refresh(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    this.#underWay ??= this.#fetchOnce();
    if (signal === undefined) return await this.#underWay;
    let leave = (): void => undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason as Error);
      signal.addEventListener('abort', leave, { once: true });
    });
    try {
      await Promise.race([this.#underWay, left]);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  async #fetchOnce(): Promise<void> {
    try {
      const keys = await this.#load(AbortSignal.timeout(4 * jwtLimits.requestMs));
      this.#set = { keys, fetched: this.#clock.monotonic() };
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
      this.#logger.warn(`the keys of ${this.#subject} could not be fetched`, { error: errorMessage(error) });
    } finally {
      this.#tried = this.#clock.monotonic();
      this.#underWay = undefined;
    }
  }

  #unavailable(): RegistryAuthError {
    return new RegistryAuthError(
      'AUTH_UNAVAILABLE',
      `The keys of ${this.#subject} could not be fetched, so its tokens cannot be judged; try again later`,
      { cause: this.#failure, retryAfterSeconds: Math.ceil(jwtLimits.retryAfter / 1000) },
    );
  }
}
