import { errorMessage } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { Discovery } from '../../kubernetes/discovery/model.ts';
import { follow } from '../../kubernetes/follow/follow.ts';
import { apiVersionOf, type KubernetesObject, type ResourceType } from '../../kubernetes/model.ts';
import { objectKey } from '../../kubernetes/object-key.ts';
import type { Clock } from '../../net/clock.ts';
import type { PolicyText } from '../../policy/dialects/model.ts';
import { policyText } from './object-text.ts';
import type { PolicySet } from './policy-set.ts';
import { policyTypes, type PolicyType } from './policy-types.ts';

/** What policies of a cluster are followed with. */
export interface FollowPoliciesOptions {
  readonly client: Pick<KubernetesClient, 'list' | 'watch' | 'discover'>;
  readonly set: PolicySet;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between two looks at which kinds the cluster has; a minute unless said otherwise. */
  readonly everyMs?: number;
}

/** One kind of policies that is followed. */
interface Followed {
  readonly objects: Map<string, KubernetesObject>;
  readonly end: AbortController;
  isSynced: boolean;
}

/**
 * Keeps a set of policies what the cluster has of all kinds that it knows; kinds that come later are followed from then on, and those
 * that go take their policies with them. The set is filled when all that is there was read once.
 */
export class FollowedPolicies {
  readonly #options: FollowPoliciesOptions;
  readonly #kinds = new Map<PolicyType, Followed>();
  #published: readonly PolicyText[] | undefined;
  #isDiscovered = false;
  #failure: string | undefined;

  constructor(options: FollowPoliciesOptions) {
    this.#options = options;
  }

  /** Why the policies are not known yet; undefined when they are. */
  get missing(): string | undefined {
    if (this.#failure !== undefined && !this.#isDiscovered) return this.#failure;
    return this.#isComplete() && this.#options.set.isLoaded
      ? undefined
      : 'the policies of the cluster were not read yet';
  }

  /** All that was read last. */
  *objects(): Iterable<KubernetesObject> {
    for (const { objects } of this.#kinds.values()) yield* objects.values();
  }

  /** The object of a policy, by its id: `name`, or `namespace/name`. */
  find(id: string): KubernetesObject | undefined {
    const key = id.includes('/') ? id : `/${id}`;
    for (const [kind, { objects }] of this.#kinds) {
      const found = objects.get(key);
      if (found !== undefined && kind.isPolicy) return found;
    }
    return undefined;
  }

  /** Follows until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { client, clock, logger, everyMs = 60_000 } = this.#options;
    while (!signal.aborted) {
      try {
        this.#take(await client.discover(signal), signal);
        this.#isDiscovered = true;
        this.#failure = undefined;
        if (this.#isComplete()) await this.#publish();
      } catch (error) {
        if (signal.aborted) break;
        this.#failure = errorMessage(error);
        logger.warn('It cannot be seen which kinds of policies the cluster has', { error });
      }
      // Until the first time it is tried again soon: nothing can be judged before.
      await clock.sleep(this.#isDiscovered ? everyMs : 2000, signal).catch(() => undefined);
    }
    for (const { end } of this.#kinds.values()) end.abort();
  }

  #take({ resources, failures }: Discovery, signal: AbortSignal): void {
    for (const kind of policyTypes) {
      const type = kind.types.find((each) => resources.some((resource) => isSame(each, resource)));
      const followed = this.#kinds.get(kind);
      if (type !== undefined && followed === undefined) this.#begin(kind, type, signal);
      // A group that could not be asked is not one that is gone.
      const isTold = failures.every(({ groupVersion }) =>
        kind.types.every((each) => apiVersionOf(each) !== groupVersion),
      );
      if (type === undefined && followed !== undefined && isTold) {
        followed.end.abort();
        this.#kinds.delete(kind);
      }
    }
  }

  #begin(kind: PolicyType, type: ResourceType, signal: AbortSignal): void {
    const { client, clock, logger } = this.#options;
    const followed: Followed = { objects: new Map(), end: new AbortController(), isSynced: false };
    this.#kinds.set(kind, followed);
    const { objects } = followed;
    const change: Parameters<typeof follow>[3]['change'] = async (told) => {
      if (told.kind === 'replaced') {
        objects.clear();
        for (const object of told.objects) objects.set(objectKey(object), object);
      } else if (told.kind === 'changed') objects.set(objectKey(told.object), told.object);
      else objects.delete(objectKey(told.object));
      // The first list may have nothing in it, and is told all the same.
      followed.isSynced = true;
      if (this.#isDiscovered && this.#isComplete()) await this.#publish();
    };
    const both = AbortSignal.any([signal, followed.end.signal]);
    follow(client, type, { clock, logger }, { change }, both).catch((error: unknown) =>
      logger.error(`${type.resource} are not followed any more`, { error }),
    );
  }

  #isComplete(): boolean {
    return [...this.#kinds.values()].every(({ isSynced }) => isSynced);
  }

  async #publish(): Promise<void> {
    const texts: PolicyText[] = [];
    for (const { objects } of this.#kinds.values()) {
      for (const key of [...objects.keys()].sort()) texts.push(policyText(objects.get(key) as KubernetesObject));
    }
    // A status that was written, ours among them, makes no other policies.
    if (this.#published !== undefined && isSameText(this.#published, texts)) return;
    await this.#options.set.replace(texts);
    this.#published = texts;
  }
}

function isSameText(some: readonly PolicyText[], others: readonly PolicyText[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ file, text }, at) => file === others[at]?.file && text === others[at].text)
  );
}

function isSame(a: ResourceType, b: ResourceType): boolean {
  return a.group === b.group && a.version === b.version && a.resource === b.resource;
}
