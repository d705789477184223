import { checkNoGarbage, checkPromises, checkRecords } from './check.ts';
import { Clients } from './clients.ts';
import { clearUp, everything, meeting, type Mix, passTime, prepare } from './operations.ts';
import { World, type WorldOptions } from './world.ts';

/** One run of the model. */
export interface EpisodeOptions extends WorldOptions {
  /** Scenes that are played one after another, each to its end. */
  readonly scenes: number;
  /** Whether processes are killed; only in turns, since else nobody knows what is under way. */
  readonly kills: boolean;
}

/** A part of a run. */
interface Scene {
  readonly mix: Mix;
  readonly operations: number;
  /** Operations under way at a time. */
  readonly width: number;
  /** How often time passes at a step, and a process is killed. */
  readonly passes: number;
  readonly kills: number;
}

/**
 * Lets clients, collectors, scrubs and kills meet at random over one registry, and checks all the time that nothing dangles, nothing
 * that was promised is lost, and in the end that no garbage is left. Gives how often each request was answered with what.
 *
 * @throws AssertionError that says what went wrong
 */
export async function runEpisode(options: EpisodeOptions): Promise<ReadonlyMap<string, number>> {
  await using world = await World.open(options);
  const clients = new Clients(world);
  const kills = options.kills ? 0.004 : 0;
  for (let scene = 0; scene < options.scenes; scene += 1) {
    world.turn();
    if (world.dice.chance(0.2)) {
      await play(options, clients, { mix: everything, operations: 40, width: 7, passes: 0.02, kills });
    } else {
      await play(options, clients, { mix: [[1, prepare]], operations: 1, width: 1, passes: 0, kills: 0 });
      const operations = 2 + world.dice.below(5);
      await play(options, clients, { mix: meeting, operations, width: operations, passes: 0.05, kills });
    }
    await checkRecords(world.outside);
    if (scene % 4 === 0) await checkPromises(clients);
  }
  await checkPromises(clients);
  await clearUp(clients);
  await checkRecords(world.outside);
  await checkNoGarbage(world.outside);
  return clients.counts;
}

async function play({ inTurns }: EpisodeOptions, clients: Clients, scene: Scene): Promise<void> {
  const { world } = clients;
  const { dice, turns } = world;
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let begun = 0;
  for (let steps = 1; (begun < scene.operations || running.size > 0) && failures.length === 0; steps += 1) {
    const mayBegin = begun < scene.operations && running.size < scene.width;
    if (mayBegin && dice.chance(running.size === 0 ? 1 : 0.2)) {
      begun += 1;
      const work = dice
        .weighted(scene.mix)(clients)
        .catch((error: unknown) => failures.push(error));
      const tracked: Promise<void> = work.then(() => void running.delete(tracked));
      running.add(tracked);
    } else if (inTurns) {
      await turns.step();
    } else {
      await Promise.race(mayBegin ? [...running, new Promise((resolve) => setImmediate(resolve))] : running);
    }
    if (dice.chance(scene.passes)) passTime(clients);
    if (dice.chance(scene.kills)) await world.kill();
    if (inTurns && steps % 10 === 0) await checkRecords(world.outside);
  }
  if (failures.length === 0) return;
  while (inTurns && (running.size > 0 || !turns.isEmpty)) await turns.step();
  await Promise.all(running);
  throw failures[0];
}
