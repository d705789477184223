import type { Logger } from '../../base/logger.ts';
import { untilAborted } from '../../base/shared-calls.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { follow } from '../../kubernetes/follow/follow.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import type { Clock } from '../../net/clock.ts';
import { clusterLimits } from './limits.ts';

/** Whether what is held is what the cluster has. */
export type Currency = { readonly current: true } | { readonly current: false; readonly reason: string };

/** All objects of a kind, as they are in the cluster; followed from when somebody first asks. */
export class FollowedObjects {
  readonly #held = new Map<string, KubernetesObject>();
  readonly #client: Pick<KubernetesClient, 'list' | 'watch'>;
  readonly #type: ResourceType;
  readonly #keep: (object: KubernetesObject) => KubernetesObject;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #signal: AbortSignal;
  #first: Promise<void> | undefined;
  /** Since when changes may be missing; undefined while none are. */
  #behindSince: number | undefined;
  #reason = 'it was not looked at yet';

  /** @param keep what is held of each object @param signal ends the following */
  constructor(
    client: Pick<KubernetesClient, 'list' | 'watch'>,
    type: ResourceType,
    keep: (object: KubernetesObject) => KubernetesObject,
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
    signal: AbortSignal,
  ) {
    this.#client = client;
    this.#type = type;
    this.#keep = keep;
    this.#clock = clock;
    this.#logger = logger;
    this.#signal = signal;
    this.#behindSince = clock.now();
  }

  /** Waits until all is known for the first time, or for as long as the signal lets. @throws the signal's reason */
  async ready(signal: AbortSignal): Promise<Currency> {
    this.#first ??= this.#begin();
    if (this.#behindSince !== undefined && this.#held.size === 0) await untilAborted(this.#first, signal);
    const { currency } = this;
    return currency;
  }

  /** What was told a moment ago still counts while the cluster cannot be asked; later nobody knows. */
  get currency(): Currency {
    const since = this.#behindSince;
    if (since === undefined || (this.#held.size > 0 && this.#clock.now() - since < clusterLimits.behindTime)) {
      return { current: true };
    }
    return { current: false, reason: this.#reason };
  }

  get(namespace: string, name: string): KubernetesObject | undefined {
    return this.#held.get(keyOf(namespace, name));
  }

  values(): IterableIterator<KubernetesObject> {
    return this.#held.values();
  }

  #begin(): Promise<void> {
    return new Promise((resolve) => {
      const handler: Parameters<typeof follow>[3] = {
        change: (change) => {
          if (change.kind === 'replaced') {
            this.#held.clear();
            for (const object of change.objects) this.#put(object);
          } else if (change.kind === 'changed') this.#put(change.object);
          else this.#held.delete(keyOfObject(change.object));
        },
        state: (state) => {
          if (state.kind === 'synced') {
            this.#behindSince = undefined;
            resolve();
            return;
          }
          this.#behindSince ??= this.#clock.now();
          this.#reason = state.reason.message.replace(/\.$/, '');
          // Who waits for the first time hears that it failed, and not nothing.
          resolve();
        },
      };
      const options = { clock: this.#clock, logger: this.#logger, transform: this.#keep };
      follow(this.#client, this.#type, options, handler, this.#signal)
        .catch((error: unknown) => this.#logger.error(`${this.#type.resource} are not followed any more`, { error }))
        .finally(resolve);
    });
  }

  #put(object: KubernetesObject): void {
    this.#held.set(keyOfObject(object), object);
  }
}

function keyOfObject({ metadata: { namespace = '', name } }: KubernetesObject): string {
  return keyOf(namespace, name);
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
