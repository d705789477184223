import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import type { KubernetesClient, WatchEvent } from '../client.ts';
import { isKubernetesError, KubernetesError } from '../error.ts';
import type { KubernetesObject, ResourceType } from '../model.ts';
import { pauseAfter } from './back-off.ts';
import { dropManagedFields } from './drop-managed-fields.ts';
import type { FollowHandler } from './handler.ts';
import { followLimits as limits } from './limits.ts';
import { listWithin } from './list-within.ts';
import { untilSilent } from './until-silent.ts';

/** What to follow, and how. */
export interface FollowOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of one namespace; of all where it is absent. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly pageSize?: number;
  /** Of objects, only their metadata comes. */
  readonly metadataOnly?: boolean;
  /** `0` lets the first list be whatever the server has at hand, which is cheaper and may be old. */
  readonly resourceVersion?: string;
  /** Makes of each object what is kept of it, after its managed fields were dropped. */
  readonly transform?: (object: KubernetesObject) => KubernetesObject;
  readonly silenceMs?: number;
  readonly maxEventBytes?: number;
  readonly maxListBytes?: number;
}

type FollowedClient = Pick<KubernetesClient, 'list' | 'watch'>;

/**
 * Tells of all objects of a type, and then of each change, until the signal is aborted; failures are waited out. Every change after the
 * list is told once and in order: the watch goes on from the version of the list, and each further one from the last event that was
 * told. Where the server no longer knows that version, all is listed again.
 *
 * Resolves when the signal is aborted. @throws what the handler throws
 */
export async function follow(
  client: FollowedClient,
  type: ResourceType,
  options: FollowOptions,
  handler: FollowHandler,
  signal: AbortSignal,
): Promise<void> {
  await new Following(client, type, options, handler, signal).run();
}

/** Marks what the handler threw, so that it is not taken for a failure of the cluster. */
class HandlerFailure extends Error {}

class Following {
  readonly #client: FollowedClient;
  readonly #type: ResourceType;
  readonly #options: FollowOptions;
  readonly #handler: FollowHandler;
  readonly #signal: AbortSignal;
  /** Up to which all was told; undefined where nothing was, or where the server forgot it. */
  #version: string | undefined;
  #firstVersion: string | undefined;
  #failures = 0;
  #isSynced = false;

  constructor(
    client: FollowedClient,
    type: ResourceType,
    options: FollowOptions,
    handler: FollowHandler,
    signal: AbortSignal,
  ) {
    this.#client = client;
    this.#type = type;
    this.#options = options;
    this.#handler = handler;
    this.#signal = signal;
    this.#firstVersion = options.resourceVersion;
  }

  async run(): Promise<void> {
    while (!this.#signal.aborted) {
      try {
        if (this.#version === undefined) await this.#list();
        await this.#watch();
      } catch (error) {
        if (this.#signal.aborted && !(error instanceof HandlerFailure)) return;
        if (error instanceof HandlerFailure) throw error.cause;
        await this.#recover(error);
      }
    }
  }

  async #list(): Promise<void> {
    const { namespace, labelSelector, fieldSelector, pageSize, metadataOnly } = this.#options;
    const { maxListBytes = limits.listBytes } = this.#options;
    const asked = { namespace, labelSelector, fieldSelector, pageSize, metadataOnly, signal: this.#signal };
    const resourceVersion = this.#firstVersion;
    const list = await listWithin(this.#client, this.#type, { ...asked, resourceVersion }, maxListBytes, this.#keep);
    // What is at hand may be older than what was told, so that is for the first time alone.
    this.#firstVersion = undefined;
    await this.#tell(() => this.#handler.change({ kind: 'replaced', objects: list.objects }));
    this.#version = list.resourceVersion;
    await this.#tellSynced();
  }

  async #watch(): Promise<void> {
    const { clock, namespace, labelSelector, fieldSelector, maxEventBytes, metadataOnly } = this.#options;
    const { leastSeconds, mostSeconds } = limits;
    const timeoutSeconds = Math.round(leastSeconds + clock.random() * (mostSeconds - leastSeconds));
    // A watch that is silent is given up while it is still under way.
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#signal, ended.signal]);
    const start = clock.monotonic();
    let events = 0;
    try {
      const asked = { namespace, labelSelector, fieldSelector, maxEventBytes, metadataOnly, timeoutSeconds, signal };
      const watch = await this.#client.watch(this.#type, { ...asked, resourceVersion: this.#version as string });
      await this.#tellSynced();
      const silenceMs = this.#options.silenceMs ?? limits.silenceMs;
      for await (const event of untilSilent(watch, { silenceMs, clock })) {
        if (this.#signal.aborted) return;
        await this.#take(event);
        events += 1;
        this.#failures = 0;
      }
    } finally {
      ended.abort();
    }
    if (this.#signal.aborted) return;
    if (events > 0 || clock.monotonic() - start >= limits.shortWatchMs) this.#failures = 0;
    else
      throw new KubernetesError(
        'SERVER_FAILED',
        `The cluster ends the watch of ${this.#type.resource} at once; it is tried again`,
      );
  }

  async #take(event: WatchEvent): Promise<void> {
    if (event.type !== 'BOOKMARK') {
      const object = this.#keep(event.object);
      const kind = event.type === 'DELETED' ? 'removed' : 'changed';
      await this.#tell(() => this.#handler.change({ kind, object }));
    }
    this.#version = event.resourceVersion;
  }

  async #recover(error: unknown): Promise<void> {
    if (!isKubernetesError(error)) throw error;
    const { clock, logger } = this.#options;
    const isGone = isKubernetesError(error, 'GONE');
    this.#failures += 1;
    if (isGone || this.#failures >= limits.failuresBeforeList) this.#version = undefined;
    this.#isSynced = false;
    await this.#tell(() => this.#handler.state?.({ kind: 'behind', reason: error }));
    const { resource } = this.#type;
    logger.warn('a cluster is followed again', { resource, failures: this.#failures, reason: error.message });
    // A version that was forgotten is nothing to wait out, once.
    if (isGone && this.#failures === 1) return;
    const pause = Math.max(pauseAfter(this.#failures, clock), Math.min(error.retryAfterMs ?? 0, limits.mostPauseMs));
    try {
      await clock.sleep(pause, this.#signal);
    } catch (reason) {
      if (!this.#signal.aborted) throw reason;
    }
  }

  async #tellSynced(): Promise<void> {
    if (this.#isSynced) return;
    this.#isSynced = true;
    await this.#tell(() => this.#handler.state?.({ kind: 'synced' }));
  }

  async #tell(act: () => void | Promise<void>): Promise<void> {
    try {
      await act();
    } catch (cause) {
      throw new HandlerFailure('', { cause });
    }
  }

  readonly #keep = (object: KubernetesObject): KubernetesObject => {
    const kept = dropManagedFields(object);
    return this.#options.transform?.(kept) ?? kept;
  };
}
