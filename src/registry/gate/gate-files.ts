import type { TrustMaterial } from '../../signing/trust/trust-material.ts';
import type { TufAnchor } from '../../signing/trust/tuf/anchor.ts';
import type { GateConfig } from '../config/gate/model.ts';
import { FileWatch } from '../../base/file-watch.ts';
import { fingerprintFiles } from '../../base/fingerprint.ts';
import { GateError } from './error.ts';
import { FollowedTrust, type TrustSurroundings } from '../../evidence/trust/followed-trust.ts';
import { loadGateRules } from './load-rules.ts';
import type { GateRules } from './model.ts';

/** How the files of a gate are watched, and the TUF repository followed that says whom to trust. */
export interface GateFilesOptions extends TrustSurroundings {
  readonly everyMs: number;
}

/**
 * What a gate goes by, as it stands in files: policies, keys and whom to trust. A change of any of them counts soon, as a change of the
 * settings does: an exception that somebody adds is no setting. While they are wrong, what counted before stays. Where no file says whom to
 * trust, a TUF repository does, and another word of it counts as another file.
 */
export class GateFiles implements AsyncDisposable {
  readonly #config: GateConfig;
  readonly #options: GateFilesOptions;
  #rules: GateRules | undefined;
  #trust: FollowedTrust | undefined;
  readonly #over = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  private constructor(config: GateConfig, options: GateFilesOptions) {
    this.#config = config;
    this.#options = options;
  }

  /** Undefined where there is no policy. */
  get rules(): GateRules | undefined {
    return this.#rules;
  }

  /** Reads them, and begins to watch them. @throws GateError */
  static async open(config: GateConfig, options: GateFilesOptions): Promise<GateFiles> {
    const { everyMs, clock, logger } = options;
    const first = await loadGateRules(config);
    const paths = first?.files ?? [];
    // Read again, since they may have changed before their fingerprint was taken.
    const fingerprint = await fingerprintFiles(paths);
    const files = new GateFiles(config, options);
    if (first === undefined) return files;
    await files.#load();
    const watch = new FileWatch({
      paths,
      fingerprint,
      everyMs,
      clock,
      async onChange() {
        try {
          await files.#load();
          logger.info('The policy was read again', { hash: files.#rules?.policy.hash });
        } catch (error) {
          if (!(error instanceof GateError)) throw error;
          logger.error('The policy cannot be used any more; the one in use stays', { error });
        }
      },
    });
    files.#watching = watch.run(files.#over.signal);
    return files;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await this.#watching;
    await this.#trust?.[Symbol.asyncDispose]();
  }

  async #load(): Promise<void> {
    const loaded = await loadGateRules(this.#config);
    const trust = loaded?.anchor === undefined ? undefined : await this.#follow(loaded.anchor);
    if (trust === undefined) this.#options.expires(undefined);
    const before = this.#trust;
    this.#trust = trust;
    this.#rules = loaded === undefined || trust === undefined ? loaded?.rules : trusting(loaded.rules, trust.material);
    await before?.[Symbol.asyncDispose]();
  }

  #follow(anchor: TufAnchor): Promise<FollowedTrust> {
    return FollowedTrust.open(anchor, this.#options, (material) => {
      // What it finds while it opens is asked for afterwards, and nothing counts of one that was replaced.
      if (this.#rules !== undefined && this.#trust?.material === material)
        this.#rules = trusting(this.#rules, material);
    });
  }
}

/** Other rules, so that nothing counts that was judged by others. */
function trusting(rules: GateRules, trust: TrustMaterial | undefined): GateRules {
  return { ...rules, trust: { ...rules.trust, trust } };
}
