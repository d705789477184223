import type { Logger } from '../../../base/logger.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import type { KubernetesErrorCode } from '../../../kubernetes/error.ts';
import { follow } from '../../../kubernetes/follow/follow.ts';
import type { Change } from '../../../kubernetes/follow/handler.ts';
import type { KubernetesObject, ResourceType } from '../../../kubernetes/model.ts';
import type { Clock } from '../../../net/clock.ts';

/** A type that is followed. */
export interface Followed {
  readonly type: ResourceType;
  readonly metadataOnly: boolean;
  readonly transform: (object: KubernetesObject) => KubernetesObject;
  readonly take: (change: Change) => void;
}

/** What following takes. */
export interface FollowParts {
  readonly client: Pick<KubernetesClient, 'list' | 'watch'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Is told that something is other than before. */
  readonly changed: () => void;
}

/** Follows types together, and knows which of them it knows all of. */
export class FollowAll {
  readonly #followed: readonly Followed[];
  readonly #parts: FollowParts;
  readonly #known = new Set<Followed>();
  readonly #behind = new Map<Followed, KubernetesErrorCode>();

  constructor(followed: readonly Followed[], parts: FollowParts) {
    this.#followed = followed;
    this.#parts = parts;
  }

  /** Types of which not all was told yet, by their plurals. */
  get unknown(): readonly string[] {
    return this.#followed.filter((each) => !this.#known.has(each)).map(({ type }) => type.resource);
  }

  /** Types of which something may have happened that was not told, and why. */
  get behind(): ReadonlyMap<string, KubernetesErrorCode> {
    return new Map([...this.#behind].map(([{ type }, code]) => [type.resource, code]));
  }

  /** Follows until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { client, clock, logger, changed } = this.#parts;
    await Promise.all(
      this.#followed.map(async (each) => {
        const { type, metadataOnly, transform, take } = each;
        await follow(
          client,
          type,
          { clock, logger, metadataOnly, transform },
          {
            change(change) {
              take(change);
              changed();
            },
            state: (state) => {
              if (state.kind === 'behind') this.#behind.set(each, state.reason.code);
              else {
                this.#behind.delete(each);
                this.#known.add(each);
              }
              changed();
            },
          },
          signal,
        );
      }),
    );
  }
}
