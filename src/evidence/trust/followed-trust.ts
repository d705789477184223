import { createHash } from 'node:crypto';
import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import { isNetError } from '../../net/error.ts';
import type { Network } from '../../net/network.ts';
import { SigningError } from '../../signing/error.ts';
import { parseTrustedRoot } from '../../signing/trust/parse-trusted-root.ts';
import type { TrustMaterial } from '../../signing/trust/trust-material.ts';
import { type TufAnchor, tufFolder } from '../../signing/trust/tuf/anchor.ts';
import { type Generation, readAnchored, readTarget } from '../../signing/trust/tuf/generation.ts';
import { refreshTufRepository, type TufRepository } from '../../signing/trust/tuf/refresh.ts';
import { trustLimits } from './limits.ts';

/** What came of asking a TUF repository: it answered, it did not, or what it says is not to be trusted. */
export type TrustOutcome = 'done' | 'unreachable' | 'refused';

/** What whom to trust is found out with. */
export interface TrustSurroundings {
  readonly network: Network;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where what is known of repositories is kept: a folder of the server's own, which processes may share. */
  readonly cacheFolder: string;
  /** Is told of each attempt. */
  readonly observe: (outcome: TrustOutcome) => void;
  /** Is told when the word of the repository ends, in milliseconds since 1970: 0 where it was never asked, undefined where nobody follows one. */
  readonly expires: (at: number | undefined) => void;
}

const rootName = 'trusted_root.json';

/**
 * Whom signatures are trusted by, as a TUF repository says. It is read from what was fetched last, or from what the program ships, so
 * that a server starts without a network; by a clock of its own it is brought up to date, which no request waits for. While that fails,
 * what was known counts on, however old, as for `seaworthy verify --offline`.
 */
export class FollowedTrust implements AsyncDisposable {
  readonly #anchor: TufAnchor;
  readonly #surroundings: TrustSurroundings;
  readonly #repository: TufRepository;
  readonly #onChange: (material: TrustMaterial) => void;
  readonly #over = new AbortController();
  #following: Promise<void> = Promise.resolve();
  #material: TrustMaterial | undefined;
  #bytes: Buffer | undefined;
  #revision = '';
  #generation: Generation | undefined;
  /** What was complained about last, so that it is said once. */
  #complaint: string | undefined;
  #tryAt: number;

  private constructor(anchor: TufAnchor, surroundings: TrustSurroundings, onChange: (material: TrustMaterial) => void) {
    const { mirror, root } = anchor;
    const { clock, cacheFolder } = surroundings;
    this.#anchor = anchor;
    this.#surroundings = surroundings;
    this.#repository = { mirror, root, folder: tufFolder(cacheFolder, mirror) };
    this.#onChange = onChange;
    this.#tryAt = clock.now();
  }

  /** Undefined while nothing is known. */
  get material(): TrustMaterial | undefined {
    return this.#material;
  }

  /** The same for the same material, in any process: SHA-256 of what it was read from, in hexadecimal; empty while nothing is known. */
  get revision(): string {
    return this.#revision;
  }

  /** Reads what is known, and begins to follow the repository. @param onChange told of every other trusted root */
  static async open(
    anchor: TufAnchor,
    surroundings: TrustSurroundings,
    onChange: (material: TrustMaterial) => void,
  ): Promise<FollowedTrust> {
    const trust = new FollowedTrust(anchor, surroundings, onChange);
    await trust.#look();
    trust.#following = trust.#follow();
    return trust;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { clock, logger } = this.#surroundings;
    const { signal } = this.#over;
    try {
      for (;;) {
        // Processes that started together do not all ask at once; the first one's answer is there for the others.
        await clock.sleep(trustLimits.look * (0.5 + clock.random()), signal);
        await this.#look();
        if (!this.#isDue()) continue;
        await this.#refresh(signal);
        await this.#look();
      }
    } catch (error) {
      if (!signal.aborted) logger.error('Whom to trust is not followed any more', { error });
    }
  }

  #isDue(): boolean {
    const now = this.#surroundings.clock.now();
    if (now < this.#tryAt) return false;
    const age =
      this.#generation === undefined ? Number.POSITIVE_INFINITY : now - this.#generation.refreshedAt.getTime();
    // When the clock went back, nobody knows the age of what is kept.
    return age < 0 || age >= trustLimits.age;
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const { network, clock, logger, observe } = this.#surroundings;
    const { mirror } = this.#repository;
    try {
      await refreshTufRepository(this.#repository, network, new Date(clock.now()), signal);
    } catch (error) {
      signal.throwIfAborted();
      const refused = error instanceof SigningError && error.code === 'TRUSTED_ROOT_INVALID';
      observe(refused ? 'refused' : 'unreachable');
      // The network is switched off for as long as this process runs.
      this.#tryAt = isNetError(error, 'OFFLINE') ? Number.POSITIVE_INFINITY : clock.now() + trustLimits.retry;
      const why = refused ? 'says what cannot be trusted' : 'cannot be asked';
      return this.#complain(`The TUF repository ${why}; whom to trust stays as it was known`, error);
    }
    observe('done');
    this.#tryAt = clock.now() + trustLimits.retry;
    if (this.#complaint !== undefined) logger.info('Whom to trust was brought up to date again', { mirror });
    this.#complaint = undefined;
  }

  /** Takes over what was fetched, by this process or another. */
  async #look(): Promise<void> {
    const { folder, root, mirror } = this.#repository;
    const generation = await readAnchored(root, folder);
    this.#surroundings.expires(generation?.expires.getTime() ?? 0);
    if (this.#bytes !== undefined && generation?.folder === this.#generation?.folder) return;
    const fetched = generation === undefined ? undefined : await readTarget(folder, generation, rootName);
    if (generation?.targets.has(rootName) === false) this.#complain(`The TUF repository has no ${rootName}`, undefined);
    // What is damaged is as good as none, and fetched again.
    this.#generation = fetched === undefined ? undefined : generation;
    // Nor is it taken back to what the program ships, as long as something newer is known.
    const shipped = this.#bytes === undefined ? this.#anchor.seed?.targets.get(rootName) : undefined;
    const bytes = fetched ?? shipped;
    if (bytes === undefined || this.#bytes?.equals(bytes) === true) return;
    try {
      this.#material = parseTrustedRoot(bytes, `of ${mirror}`);
    } catch (error) {
      if (!(error instanceof SigningError)) throw error;
      return this.#complain('The trusted root of the TUF repository cannot be read; the one before counts on', error);
    }
    this.#bytes = bytes;
    this.#revision = createHash('sha256').update(bytes).digest('hex');
    this.#onChange(this.#material);
  }

  #complain(message: string, error: unknown): void {
    if (this.#complaint === message) return;
    this.#complaint = message;
    this.#surroundings.logger.warn(message, {
      mirror: this.#repository.mirror,
      ...(error === undefined ? {} : { error }),
    });
  }
}
