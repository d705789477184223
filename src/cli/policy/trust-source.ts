import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import type { SignatureTrust } from '../../evidence/context.ts';
import { needsTrustedRoot } from '../../evidence/signer/signer-trust.ts';
import type { Network } from '../../net/network.ts';
import type { CompiledPolicy } from '../../policy/compile.ts';
import { cleanText } from '../../report/text/clean-text.ts';
import { KnownSignatures } from '../../signing/certificate/known-signatures.ts';
import type { TrustMaterial } from '../../signing/trust/trust-material.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { trustOf } from '../signing/trust.ts';

/** Whom signatures are trusted by: found out when a policy first needs that, so that others are judged without asking anybody. */
export class TrustSource {
  readonly #settings: Settings;
  readonly #host: Host;
  readonly #network: Network;
  readonly #signal: AbortSignal;
  readonly #known = new KnownSignatures();
  #trust: TrustMaterial | undefined;
  #asked: Promise<void> | undefined;

  constructor(settings: Settings, host: Host, network: Network, signal: AbortSignal) {
    this.#settings = settings;
    this.#host = host;
    this.#network = network;
    this.#signal = signal;
  }

  /** As it is known by now. */
  get current(): SignatureTrust {
    const { insecureIgnoreTlog, useSignedTimestamps } = this.#settings;
    return {
      trust: this.#trust,
      logsForKeys: insecureIgnoreTlog ? 0 : 1,
      timestamps: useSignedTimestamps ? 1 : 0,
      known: this.#known,
    };
  }

  /**
   * Finds out what a policy needs. That it cannot be found out is told, and leaves what needs it undecided.
   *
   * @throws what is wrong with a file that the user named; the signal's reason
   */
  async prepare({ policy }: CompiledPolicy): Promise<void> {
    const { current } = this;
    const isNamed = this.#settings.trustedRoot !== undefined;
    if (isNamed || policy.signers.some((signer) => needsTrustedRoot(signer, current))) {
      await (this.#asked ??= this.#ask());
    }
  }

  async #ask(): Promise<void> {
    try {
      this.#trust = await trustOf(this.#settings, this.#host, this.#network, true, this.#signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!isSeaworthyError(error) || this.#settings.trustedRoot !== undefined) throw error;
      await this.#host.stderr.write(`${cleanText(`Whom to trust is not known: ${errorMessage(error)}`)}\n`);
    }
  }
}
