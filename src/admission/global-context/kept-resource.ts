import { errorMessage } from '../../base/error.ts';
import { untilAborted } from '../../base/shared-calls.ts';
import { follow } from '../../kubernetes/follow/follow.ts';
import type { FollowHandler } from '../../kubernetes/follow/handler.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import { objectKey } from '../../kubernetes/object-key.ts';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import type { Gathered } from '../../policy/evidence.ts';
import { isOwnSecret } from '../cluster/own-secrets.ts';
import { globalLimits as limits } from './limits.ts';
import type { GlobalContextParts, KeptData } from './model.ts';

interface Held {
  readonly object: KubernetesObject;
  readonly characters: number;
}

/** All objects of a kind, as they are in the cluster: a list of them, in the order of their names. */
export class KeptResourceData implements KeptData {
  readonly #held = new Map<string, Held>();
  readonly #parts: GlobalContextParts;
  readonly #first: Promise<void>;
  #characters = 0;
  #behindSince: number | undefined;
  #reason = 'it was not read yet';
  #hasList = false;
  #told: Gathered<JsonValue> | undefined;

  /** @param namespace of all where it is absent @param signal ends the following */
  constructor(type: ResourceType, namespace: string | undefined, parts: GlobalContextParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#behindSince = parts.clock.now();
    this.#first = this.#begin(type, namespace, signal);
  }

  async ready(signal: AbortSignal): Promise<void> {
    await untilAborted(this.#first, signal);
  }

  get state(): Gathered<JsonValue> {
    const since = this.#behindSince;
    const isBehind = since !== undefined && this.#parts.clock.now() - since >= limits.behindTime;
    if (!this.#hasList || isBehind) return { state: 'unavailable', reason: this.#reason };
    if (this.#held.size > limits.objects || this.#characters > limits.characters) {
      const reason = `there is more of it than the ${limits.objects} objects or ${limits.characters} characters that are kept`;
      return { state: 'unavailable', reason };
    }
    this.#told ??= { state: 'known', value: this.#list(), at: this.#parts.clock.now() };
    return this.#told;
  }

  #list(): JsonValue {
    const keys = [...this.#held.keys()].sort();
    return keys.map((key) => (this.#held.get(key) as Held).object as unknown as JsonValue);
  }

  #begin(type: ResourceType, namespace: string | undefined, signal: AbortSignal): Promise<void> {
    const { client, clock, logger } = this.#parts;
    return new Promise((resolve) => {
      const handler: FollowHandler = {
        change: (change) => {
          this.#told = undefined;
          if (change.kind === 'replaced') {
            this.#held.clear();
            this.#characters = 0;
            for (const object of change.objects) this.#put(object);
            this.#hasList = true;
          } else if (change.kind === 'changed') this.#put(change.object);
          else this.#forget(objectKey(change.object));
        },
        state: (state) => {
          if (state.kind === 'synced') this.#behindSince = undefined;
          else {
            this.#behindSince ??= clock.now();
            this.#reason = state.reason.message.replace(/\.$/, '');
          }
          // Whoever waits for the first time hears that it failed, and not nothing.
          resolve();
        },
      };
      const where = namespace === undefined ? {} : { namespace };
      const options = { clock, logger, maxListBytes: limits.listBytes, ...where };
      follow(client, type, options, handler, signal)
        .catch((error: unknown) => {
          this.#hasList = false;
          this.#reason = errorMessage(error).replace(/\.$/, '');
          logger.error(`${type.resource} are not followed any more`, { error });
        })
        .finally(resolve);
    });
  }

  /** What is too much is counted and not held: it is told as such until there is less. */
  #put(object: KubernetesObject): void {
    const key = objectKey(object);
    this.#forget(key);
    if (isOwnSecret(object, this.#parts.client.namespace)) return;
    const { length } = JSON.stringify(object);
    this.#characters += length;
    const isTooMuch = this.#held.size >= limits.objects || this.#characters > limits.characters;
    const { apiVersion, kind, metadata } = object;
    const kept = isTooMuch ? { apiVersion, kind, metadata: { name: metadata.name } } : object;
    this.#held.set(key, { object: kept, characters: length });
  }

  #forget(key: string): void {
    this.#characters -= this.#held.get(key)?.characters ?? 0;
    this.#held.delete(key);
  }
}
