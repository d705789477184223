import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Fault } from '../../../testing/kubernetes/faults.ts';
import { followClock } from '../../../testing/kubernetes/follow-clock.ts';
import { startFollower } from '../../../testing/kubernetes/follower.ts';
import { kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { objectKey, type StoredEvent } from '../../../testing/kubernetes/object-store.ts';
import { builtInTypes, typeKey } from '../../../testing/kubernetes/resource-types.ts';
import type { KubernetesClient } from '../client.ts';
import type { Change } from './handler.ts';

const { pods, nodes } = builtInTypes;

type Step =
  | { readonly do: 'put'; readonly name: string }
  | { readonly do: 'remove'; readonly name: string }
  | { readonly do: 'fault'; readonly fault: Fault; readonly verb: 'list' | 'watch' }
  | { readonly do: 'tell'; readonly what: 'bookmark' | 'compact' | 'drop' | 'other' }
  | { readonly do: 'pass'; readonly turns: number };

const after = fc.nat(3);
const watchFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('cut-watch' as const), after, within: fc.boolean() }),
  fc.record({ kind: fc.constant('end-watch' as const), after }),
  fc.record({ kind: fc.constant('stall-watch' as const), after }),
  after.map((most) => ({ kind: 'watch-error' as const, after: most, status: 410, reason: 'Expired' })),
  after.map((most) => ({ kind: 'watch-error' as const, after: most, status: 500, reason: 'InternalError' })),
  after.map((most) => ({ kind: 'watch-line' as const, after: most, line: '{"type":"ADDED","object":{' })),
);
const callFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom(429, 500, 503, 403, 410).map((status) => ({ kind: 'status' as const, status })),
  fc.constantFrom('before' as const, 'after' as const).map((when) => ({ kind: 'drop' as const, when })),
  fc
    .constantFrom('{', '[]', '{"kind":"PodList","apiVersion":"v1"}', '<html>')
    .map((body) => ({ kind: 'answer' as const, body })),
);
const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('put' as const), name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), name }) },
  { weight: 2, arbitrary: watchFault.map((fault) => ({ do: 'fault' as const, fault, verb: 'watch' as const })) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      fault: callFault,
      verb: fc.constantFrom('list' as const, 'watch' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('bookmark' as const, 'compact' as const, 'drop' as const, 'other' as const)
      .map((what) => ({ do: 'tell' as const, what })),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), turns: fc.integer({ min: 1, max: 60 }) }) },
);

interface Told {
  readonly version: number;
  readonly name: string;
  readonly removed: boolean;
}

/**
 * Between two lists, what is told is what happened, from the first event after the list on, without a gap.
 *
 * @param listed the versions of the lists
 */
function checkRuns(changes: readonly Change[], listed: readonly number[], happened: readonly StoredEvent[]): void {
  const all = happened.map(({ version, object, removed }) => ({ version, name: object.metadata.name, removed }));
  let run: Told[] = [];
  let lists = 0;
  let newest = 0;
  const check = (): void => {
    const from = listed[lists - 1] ?? 0;
    assert.deepEqual(run, all.filter(({ version }) => version > from).slice(0, run.length));
  };
  for (const change of changes) {
    if (change.kind === 'replaced') {
      check();
      run = [];
      lists += 1;
      continue;
    }
    const version = Number(change.object.metadata.resourceVersion);
    // Never the same twice, nor an older one: not even after another list.
    assert.ok(version > newest, `${version} after ${newest}`);
    newest = version;
    run.push({ version, name: change.object.metadata.name, removed: change.kind === 'removed' });
  }
  check();
}

test('follow() loses no event and tells none twice, whatever goes wrong', async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
    const clock = followClock();
    await using lab = await kubernetesLab({ clientClock: clock });
    const { api, client } = lab;
    const happened: StoredEvent[] = [];
    api.store.listen((event) => {
      if (event.type === typeKey(pods)) happened.push(event);
    });
    const listed: number[] = [];
    const watched: Pick<KubernetesClient, 'list' | 'watch'> = {
      watch: (type, options) => client.watch(type, options),
      async *list(type, options) {
        let version = '';
        for await (const page of client.list(type, options)) {
          version = page.resourceVersion;
          yield page;
        }
        listed.push(Number(version));
      },
    };
    await using follower = startFollower(watched, pods, clock, { pageSize: 2 });
    let count = 0;
    for (const one of steps) {
      count += 1;
      if (one.do === 'put') api.seed(pods, { metadata: { name: one.name }, spec: { count } });
      else if (one.do === 'remove') api.store.remove(typeKey(pods), objectKey('default', one.name));
      else if (one.do === 'fault') api.faults.inject(one.fault, { when: ({ verb }) => verb === one.verb });
      else if (one.do === 'tell' && one.what === 'bookmark') api.bookmark();
      else if (one.do === 'tell' && one.what === 'compact') api.store.compact();
      else if (one.do === 'tell' && one.what === 'drop') api.watches.forEach((watch) => watch.drop());
      else if (one.do === 'tell') api.seed(nodes, { metadata: { name: `n${count}` } });
      else for (let turn = 0; turn < one.turns; turn += 1) await nextTurn();
    }
    api.faults.clear();
    api.seed(pods, { metadata: { name: 'last' } });
    const versions = (objects: Iterable<{ readonly metadata: { readonly resourceVersion?: string } }>): string =>
      [...objects]
        .map(({ metadata }) => metadata.resourceVersion)
        .toSorted((one, other) => Number(one) - Number(other))
        .join();
    const there = (): string => versions(api.store.list(typeKey(pods)).map(([, object]) => object));
    await follower.until('it knows what is there', () => versions(follower.known.values()) === there());
    await follower.until('it is synced', () => follower.states.at(-1)?.kind === 'synced');
    checkRuns(follower.changes, listed, happened);
  });
  await fc.assert(property, { numRuns: 40 });
});
