import { ChannelError, type Question } from './channel/question.ts';
import { UnscannableError } from './error.ts';
import { processLimits } from './limits.ts';
import type { ScanPool } from './pool/scan-pool.ts';
import { unscannableAnswer } from './why-unscannable.ts';
import type { BillTask, LookUpTask } from './worker/tasks.ts';

/**
 * Asks a worker something about an image that was scanned before.
 *
 * @param inventory a packed `KeptInventory`, which the worker may ask for
 * @returns its whole answer
 * @throws UnscannableError; the signal's reason
 */
export async function askWithInventory(
  pool: ScanPool,
  task: BillTask | LookUpTask,
  inventory: Uint8Array,
  { time, signal }: { readonly time: number; readonly signal: AbortSignal },
): Promise<Buffer> {
  try {
    return await pool.use({
      time,
      signal,
      // oxlint-disable-next-line require-await -- an answer is a stream
      answer: async function* answerInventory(question) {
        if (question.kind !== 'inventory') throw new RangeError('Nothing else may be read');
        yield inventory;
      },
      run: async (peer, stop) => {
        const chunks: Buffer[] = [];
        let length = 0;
        for await (const chunk of peer.ask(task as unknown as Question, stop)) {
          length += chunk.length;
          if (length > processLimits.resultBytes) {
            throw new UnscannableError('RESULT_INVALID', 'The process that scanned answers with more than it may');
          }
          chunks.push(chunk);
        }
        return Buffer.concat(chunks);
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ChannelError ? unscannableAnswer(error) : error;
  }
}
