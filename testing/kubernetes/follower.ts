import { setImmediate as nextTurn } from 'node:timers/promises';
import { silentLogger } from '../../src/base/logger.ts';
import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import { follow, type FollowOptions } from '../../src/kubernetes/follow/follow.ts';
import type { Change, FollowState } from '../../src/kubernetes/follow/handler.ts';
import type { KubernetesObject, ResourceType } from '../../src/kubernetes/model.ts';
import type { FollowClock } from './follow-clock.ts';

/** Somebody who follows objects, and what they were told. */
export interface Follower extends AsyncDisposable {
  readonly changes: Change[];
  readonly states: FollowState[];
  /** What they think there is, by name. */
  readonly known: ReadonlyMap<string, KubernetesObject>;
  /** Waits until something is so, and fails where that takes too many turns. */
  until(what: string, isSo: () => boolean): Promise<void>;
}

/** Turns of the event loop; those that answers over loopback take are some tens. */
const maxTurns = 40_000;
/** After so many turns in which nothing came, what is silent is taken for dead. */
const silentTurns = 2000;

/** Begins to follow. It ends when it is disposed of, which throws what it threw. */
export function startFollower(
  client: Pick<KubernetesClient, 'list' | 'watch'>,
  type: ResourceType,
  clock: FollowClock,
  options: Partial<FollowOptions> = {},
): Follower {
  const changes: Change[] = [];
  const states: FollowState[] = [];
  const known = new Map<string, KubernetesObject>();
  const stop = new AbortController();
  const handler = {
    change(change: Change): void {
      changes.push(change);
      if (change.kind === 'replaced') known.clear();
      const objects = change.kind === 'replaced' ? change.objects : [change.object];
      for (const object of objects) {
        if (change.kind === 'removed') known.delete(object.metadata.name);
        else known.set(object.metadata.name, object);
      }
    },
    state: (state: FollowState): void => void states.push(state),
  };
  const done = follow(client, type, { clock, logger: silentLogger, ...options }, handler, stop.signal);
  let failure: { readonly error: unknown } | undefined;
  done.catch((error: unknown) => {
    failure = { error };
  });
  return {
    changes,
    states,
    known,
    async until(what, isSo) {
      for (let turn = 1; !isSo(); turn += 1) {
        if (failure !== undefined) throw failure.error;
        if (turn > maxTurns) throw new Error(`it never happened that ${what}`);
        if (turn % silentTurns === 0) clock.silence();
        await nextTurn();
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}
