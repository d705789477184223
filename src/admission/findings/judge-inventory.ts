import type { Inventory } from '../../package/inventory.ts';
import { readParts } from '../../scan/process/channel/parts.ts';
import { ChannelError, type Question } from '../../scan/process/channel/question.ts';
import { processLimits } from '../../scan/process/limits.ts';
import { recordsOf } from '../../scan/process/package-record.ts';
import { unscannableAnswer } from '../../scan/process/why-unscannable.ts';
import type { ImageFacts, WorkerTask } from '../../scan/process/worker/tasks.ts';
import { findingLimits } from './limits.ts';
import { readEvidence } from './read-evidence.ts';
import type { LayerScan } from '../../scan/process/scan-registry-image.ts';
import type { FoundInImage } from './scan-layers.ts';

/**
 * Looks up what is known of the packages of an image, in a process, since that may keep a processor busy for long.
 *
 * @throws UnscannableError, the signal's reason
 */
export async function judgeInventory(
  { pool, time, task }: Pick<LayerScan, 'pool' | 'time' | 'task'>,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<FoundInImage> {
  const records = recordsOf(inventory).map(({ text }, at) => [at, text] as const);
  const { distro, problems } = inventory;
  const facts: ImageFacts = {
    ...(distro === undefined ? {} : { distro }),
    problems,
    packages: records.map(([at]) => at),
  };
  const { packagesTogether } = findingLimits;
  try {
    return await pool.use({
      time,
      signal,
      async run(peer, stop) {
        const ask = (question: WorkerTask): ReturnType<typeof readParts> =>
          readParts(peer.ask(question as unknown as Question, stop), processLimits.resultBytes);
        const opened = await ask({ kind: 'open-judge', database: task.database });
        const { builtAt } = opened.value as { readonly builtAt: number };
        for (let at = 0; at < records.length; at += packagesTogether) {
          await ask({ kind: 'judge', packages: records.slice(at, at + packagesTogether) });
        }
        const { parts } = await ask({ kind: 'assemble', images: [[0, JSON.stringify(facts)]] });
        return { content: await readEvidence(parts[0]), builtAt };
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ChannelError ? unscannableAnswer(error) : error;
  }
}
