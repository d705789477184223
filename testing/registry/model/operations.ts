import type { Digest } from '../../../src/oci/digest.ts';
import { collectGarbage } from '../../../src/registry/garbage/collect.ts';
import { garbageLimits } from '../../../src/registry/garbage/limits.ts';
import { limits } from '../../../src/registry/limits.ts';
import { scrubRegistry } from '../../../src/registry/scrub/scrub.ts';
import { abandon, head, mount, push, read, remove } from './blob-operations.ts';
import { type Clients, violation } from './clients.ts';
import { anyManifest, dropManifest, dropTag, dropUntagged, pull, pushImage, pushIndex } from './manifest-operations.ts';
import { repositories, tags } from './universe.ts';

/** What somebody does, in one or more requests. */
export type Operation = (clients: Clients) => Promise<void>;

/** Operations and how often each is chosen. */
export type Mix = readonly (readonly [weight: number, operation: Operation])[];

const pushOne: Operation = async (clients) => void (await push(clients, somewhere(clients), some(clients)));
const mountOne: Operation = async (clients) => void (await mount(clients, somewhere(clients), some(clients)));
const headOne: Operation = async (clients) => void (await head(clients, somewhere(clients), some(clients)));
const readOne: Operation = async (clients) => void (await read(clients, somewhere(clients), some(clients)));
const removeOne: Operation = (clients) => remove(clients, somewhere(clients), some(clients));
const pushAnImage: Operation = (clients) => pushImage(clients, somewhere(clients));
const pullOne: Operation = (clients) => pull(clients, somewhere(clients));

/** All that happens in a registry. */
export const everything: Mix = [
  [12, pushAnImage],
  [6, pushOne],
  [4, mountOne],
  [3, headOne],
  [3, readOne],
  [3, removeOne],
  [1, (clients) => abandon(clients, somewhere(clients))],
  [3, (clients) => pushIndex(clients, somewhere(clients))],
  [4, pullOne],
  [2, (clients) => dropTag(clients, somewhere(clients))],
  [3, dropAny],
  [2, (clients) => dropUntagged(clients, somewhere(clients))],
  [7, collect],
  [2, scrub],
  // What stands still meanwhile is stalled for that long.
  [3, (clients) => collectLater(clients, limits.lease + 1)],
  [3, (clients) => collectLater(clients, garbageLimits.takeOver + 1)],
];

/** What may meet over a blob that is about to be removed. */
export const meeting: Mix = [
  [4, pushOne],
  [2, mountOne],
  [1, headOne],
  [2, readOne],
  [2, pushAnImage],
  [1, pullOne],
  [1, removeOne],
  [1, dropAny],
  [1, scrub],
  [5, collect],
  [2, (clients) => collectLater(clients, garbageLimits.takeOver + 1)],
  [1, (clients) => collectLater(clients, limits.lease + 1)],
];

/** Brings something about that garbage collection is about to take. */
export async function prepare(clients: Clients): Promise<void> {
  const { dice, digests } = clients.world;
  for (const digest of digests) await push(clients, somewhere(clients), digest);
  if (dice.chance(0.4)) await pushImage(clients, somewhere(clients));
  if (dice.chance(0.7)) for (const repository of repositories) await dropAll(clients, repository);
  if (dice.chance(0.8)) clients.world.pass(limits.lease + 1);
}

/** Lets time pass by any amount that means something. */
export function passTime({ world }: Clients): void {
  const minute = 60_000;
  const passes = [
    [10, 1],
    [10, minute],
    [10, 20 * minute],
    [4, garbageLimits.markTime],
    [4, garbageLimits.takeOver + 1],
    [6, limits.lease + 1],
    [1, garbageLimits.uploadAge + 1],
  ] as const;
  world.pass(world.dice.weighted(passes));
}

/** When nobody does anything for long, all garbage goes, and nothing else; scrubs find no damage. */
export async function clearUp({ world }: Clients): Promise<void> {
  for (const time of [garbageLimits.takeOver, limits.lease, garbageLimits.uploadAge]) {
    world.pass(time + 1);
    await collectGarbage(world.outside);
  }
  // What was stored by those who were killed before they could say so.
  const { counts } = await scrubRegistry(world.outside, scrubOptions);
  const { 'bytes-orphaned': _, ...others } = counts;
  if (Object.keys(others).length > 0) violation('A scrub found damage where there is none', counts);
}

async function collectLater(clients: Clients, time: number): Promise<void> {
  clients.world.pass(time);
  await collect(clients);
}

async function collect(clients: Clients): Promise<void> {
  const controller = new AbortController();
  const { dice } = clients.world;
  const stop = dice.chance(0.1) ? dice.below(6) : Infinity;
  let told = 0;
  const answer = await clients.ask('collect', [], (node) =>
    collectGarbage(node, {
      signal: controller.signal,
      onProgress: () => {
        told += 1;
        if (told > stop) controller.abort();
      },
    }),
  );
  if (answer === 'lost' || !('value' in answer)) return;
  const { lost, removedBlobs, takenOver } = answer.value;
  clients.count('blobs collected', removedBlobs);
  clients.count('blobs taken over', takenOver);
  if (lost.length > 0) violation('A collector removed bytes that were pushed anew', lost);
}

/** Bytes that nothing knows are removed at once, however young: the file system's clock is not that of this world. */
const scrubOptions = { repair: true, grace: -1000 * 86_400_000 };

async function scrub(clients: Clients): Promise<void> {
  const answer = await clients.ask('scrub', [], (node) =>
    scrubRegistry(node, { ...scrubOptions, hash: clients.world.dice.chance(0.5) }),
  );
  if (answer === 'lost' || !('value' in answer)) return;
  const { 'bytes-orphaned': orphans = 0, ...others } = answer.value.counts;
  clients.count('orphans', orphans);
  if (Object.keys(others).length > 0) violation('A scrub found damage where there is none', answer.value.findings);
}

async function dropAny(clients: Clients): Promise<void> {
  const repository = somewhere(clients);
  const digest = await anyManifest(clients, repository);
  if (digest !== undefined) await dropManifest(clients, repository, digest);
}

async function dropAll(clients: Clients, repository: string): Promise<void> {
  for (const tag of tags) await dropTag(clients, repository, tag);
  await dropUntagged(clients, repository);
}

function somewhere({ world }: Clients): string {
  return world.dice.pick(repositories);
}

function some({ world }: Clients): Digest {
  return world.dice.pick(world.digests);
}
