import type { TestContext } from 'node:test';
import { temporaryDirectory } from '../../image/temporary-directory.ts';
import { type EpisodeOptions, runEpisode } from './episode.ts';

/** What is tried, and where. */
export type ModelOptions = Omit<EpisodeOptions, 'folder' | 'seed'>;

/**
 * Runs the model with new seeds for some seconds: those of SEAWORTHY_MODEL_SECONDS, where it is set. SEAWORTHY_MODEL_SEED repeats one
 * run; where all calls are made in turns it is the very same. With FAST_CHECK_SEED it begins with that one, so that the same are tried each
 * time.
 */
export async function runModel(
  context: TestContext,
  seconds: number,
  make: () => Promise<ModelOptions>,
): Promise<void> {
  const seed = process.env['SEAWORTHY_MODEL_SEED'];
  const until = Date.now() + Number(process.env['SEAWORTHY_MODEL_SECONDS'] ?? seconds) * 1000;
  const first = Number(process.env['FAST_CHECK_SEED'] ?? Date.now());
  const counts = new Map<string, number>();
  let runs = 0;
  do {
    const own = seed === undefined ? (first + runs * 7919) >>> 0 : Number(seed);
    using folder = temporaryDirectory();
    try {
      for (const [what, count] of await runEpisode({ ...(await make()), folder: folder.path, seed: own })) {
        counts.set(what, (counts.get(what) ?? 0) + count);
      }
    } catch (error) {
      context.diagnostic(`SEAWORTHY_MODEL_SEED=${own} repeats this`);
      throw error;
    }
    runs += 1;
  } while (Date.now() < until && seed === undefined);
  const told = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([what, count]) => `${what} ${count}`);
  context.diagnostic(`${runs} runs; ${told.join(', ')}`);
}
