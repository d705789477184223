import { type Logger, silentLogger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import { follow } from '../../kubernetes/follow/follow.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { Clock } from '../../net/clock.ts';
import { imageVerdictType as type } from '../resources/image-verdict.ts';
import { verdictStoreLimits as limits } from './limits.ts';
import type { KeptVerdict, VerdictStore } from './model.ts';
import { pruneVerdicts } from './prune-verdicts.ts';
import { keptOfVerdict, verdictObject, verdictOfObject } from './verdict-object.ts';
import { WriteQueue, type WriteFailure } from './write-queue.ts';

/** What verdicts are kept in a cluster with. */
export interface ClusterStoreParts {
  readonly client: Pick<KubernetesClient, 'list' | 'watch' | 'patch' | 'remove'>;
  /** The key that all replicas have (`readSealKey`); asked for each time, so that it may take its time. */
  readonly key: () => Promise<Uint8Array>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether this replica is the one that clears up. */
  readonly leads: () => boolean;
  /** Ends the writing. */
  readonly signal: AbortSignal;
}

/** How much went through a {@link ClusterVerdictStore}. */
export interface ClusterStoreCounts {
  readonly written: number;
  /** Of one's own that were never written. */
  readonly dropped: number;
  /** Of others that were not sealed with the key. */
  readonly refused: number;
  readonly waiting: number;
}

/** Verdicts as objects of a cluster, so that every replica knows them. Where it knows no such objects, the webhook does without. */
export class ClusterVerdictStore implements VerdictStore {
  readonly #parts: ClusterStoreParts;
  readonly #queue: WriteQueue;
  #written = 0;
  #refused = 0;
  #isToldAbsent = false;

  constructor(parts: ClusterStoreParts) {
    this.#parts = parts;
    const { clock, signal } = parts;
    this.#queue = new WriteQueue({ clock, signal, write: (kept) => this.#write(kept), failed: this.#failed });
  }

  get counts(): ClusterStoreCounts {
    const { dropped, size } = this.#queue;
    return { written: this.#written, dropped, refused: this.#refused, waiting: size };
  }

  put(kept: KeptVerdict): void {
    this.#queue.put(kept);
  }

  async follow(take: (kept: KeptVerdict) => void, signal: AbortSignal, read?: () => void): Promise<void> {
    const { client, clock, logger } = this.#parts;
    const key = await this.#parts.key().catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (key === undefined) return;
    const open = (object: KubernetesObject): void => {
      const kept = verdictOfObject(object, key);
      if (kept === undefined) this.#refused += 1;
      else take(kept);
    };
    const handler: Parameters<typeof follow>[3] = {
      change: (change) => {
        if (change.kind === 'replaced') {
          for (const object of change.objects) open(object);
          read?.();
        }
        // One that was removed is over, or is judged anew by whoever asks for it next.
        else if (change.kind === 'changed') open(change.object);
      },
      state: (state) => {
        if (state.kind === 'behind' && isAbsent(state.reason)) this.#tellAbsent(state.reason);
        else if (state.kind === 'behind')
          logger.debug('Verdicts of other replicas are not told', { error: state.reason });
        else this.#isToldAbsent = false;
      },
    };
    const options = { clock, logger: silentLogger, transform: keptOfVerdict, maxListBytes: limits.listBytes };
    await follow(client, type, options, handler, signal);
  }

  /** Removes verdicts that are over, again and again while this replica leads, until the signal is aborted. */
  async prune(signal: AbortSignal): Promise<void> {
    const { client, clock, logger, leads } = this.#parts;
    while (!signal.aborted) {
      await clock.sleep(limits.pruneTime, signal).catch(() => undefined);
      if (signal.aborted || !leads()) continue;
      try {
        const removed = await pruneVerdicts(client, await this.#parts.key(), clock.now(), signal);
        if (removed > 0) logger.debug('Verdicts that are over were removed', { removed });
      } catch (error) {
        if (signal.aborted) return;
        if (!isKubernetesError(error)) throw error;
        if (isAbsent(error)) this.#tellAbsent(error);
        else logger.warn('Verdicts that are over could not be removed', { error });
      }
    }
  }

  async #write(kept: KeptVerdict): Promise<void> {
    const { client, key, clock } = this.#parts;
    if (clock.now() >= kept.staleUntil) return;
    const body = verdictObject(kept, await key());
    if (body === undefined) throw new UnwritableVerdict();
    const intent = { kind: 'apply', body, force: true } as const;
    await client.patch(type, kept.key, intent, { fieldManager: 'seaworthy' });
    this.#written += 1;
  }

  readonly #failed = (error: unknown): WriteFailure => {
    if (isAbsent(error)) {
      this.#tellAbsent(error);
      return 'absent';
    }
    this.#parts.logger.debug('A verdict could not be kept', { error });
    const isFinal =
      error instanceof UnwritableVerdict || isKubernetesError(error, 'INVALID', 'DENIED', 'REQUEST_INVALID');
    return isFinal ? 'never' : 'again';
  };

  /** Once, and once more when it was there in between. */
  #tellAbsent(error: unknown): void {
    if (this.#isToldAbsent) return;
    this.#isToldAbsent = true;
    const sentence = `Verdicts are not shared with other replicas; install the definition of ${type.resource}.${type.group}, and let the webhook list, watch, create, patch and delete them`;
    this.#parts.logger.warn(sentence, { error });
  }
}

class UnwritableVerdict extends Error {}

/** Whether a cluster has no such objects, or not for the webhook. */
function isAbsent(error: unknown): boolean {
  return isKubernetesError(error, 'NOT_FOUND', 'FORBIDDEN');
}
