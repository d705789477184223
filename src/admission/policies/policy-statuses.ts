import { untilAborted } from '../../base/shared-calls.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { Clock } from '../../net/clock.ts';
import type { TextMistake } from '../../policy/dialects/model.ts';
import { imagePolicyType } from '../resources/image-policy.ts';
import { writePolicyStatus } from '../resources/policy-status.ts';
import { policyText } from './object-text.ts';

/** What {@link PolicyStatuses} works with. */
export interface PolicyStatusParts {
  readonly client: Pick<KubernetesClient, 'replace'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leads: () => boolean;
  /** The policies as they were read last. */
  readonly objects: () => Iterable<KubernetesObject>;
  /** What is wrong with them; undefined before that is known. */
  readonly mistakes: () => readonly TextMistake[] | undefined;
}

/** How often it is seen whether all is said, where nothing changed: the leader may be another one by now. In milliseconds. */
const everyMs = 60_000;

/** Has each `ImagePolicy` say whether it counts, and what is wrong with it. */
export class PolicyStatuses {
  readonly #parts: PolicyStatusParts;
  #isDue = true;
  #wake: (() => void) | undefined;
  #isTold = false;

  constructor(parts: PolicyStatusParts) {
    this.#parts = parts;
  }

  /** Writes soon: policies changed, or what is wrong with them, or this process leads now. */
  nudge(): void {
    this.#isDue = true;
    this.#wake?.();
  }

  /** Says so until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      if (this.#isDue) {
        // From here on: what comes while this writes, or before this process leads, has it write once more.
        this.#isDue = false;
        await this.write(signal);
        continue;
      }
      const ended = new AbortController();
      const both = AbortSignal.any([signal, ended.signal]);
      const woken = new Promise<void>((resolve) => void (this.#wake = resolve));
      // Several policies mostly change at a time, and a moment later all of them did.
      await Promise.race([
        clock.sleep(everyMs, both).then(() => (this.#isDue = true)),
        untilAborted(woken, both),
      ]).catch(() => undefined);
      ended.abort();
    }
  }

  /** Writes what is not said yet. */
  async write(signal: AbortSignal): Promise<void> {
    const { client, clock, logger, leads, objects, mistakes } = this.#parts;
    const all = mistakes();
    if (all === undefined || !leads()) return;
    for (const object of objects()) {
      if (signal.aborted) return;
      if (object.kind !== imagePolicyType.kind) continue;
      const { file } = policyText(object);
      const own = all.filter((mistake) => mistake.file === file);
      try {
        await writePolicyStatus(client, object, own.map(sentenceOf), clock.now());
      } catch (error) {
        if (!isKubernetesError(error)) throw error;
        if (this.#isTold)
          logger.debug('A policy cannot say whether it counts', { policy: object.metadata.name, error });
        else logger.warn('A policy cannot say whether it counts', { policy: object.metadata.name, error });
        this.#isTold = true;
      }
    }
  }
}

/** Lines are of no use: a policy of a cluster has none. */
function sentenceOf({ path, sentence }: TextMistake): string {
  return path === '' ? sentence : `${path} ${sentence}`;
}
