import { BoundedCalls } from '../base/concurrency.ts';
import { freeMemory } from '../base/free-memory.ts';
import { untilAborted } from '../base/shared-calls.ts';
import { Dispatch } from '../catalog/dispatch.ts';
import { catalogers } from '../catalog/list.ts';
import { streamRange } from '../oci/file-range.ts';
import { countBytes } from './count-bytes.ts';
import { ScanError } from './error.ts';
import type { LayerResult, LayerTask } from './layer-analysis.ts';
import type { LayerRunner } from './layer-runner.ts';
import { type LayerSource, rangeOf } from './layer-source.ts';
import { performTask } from './perform-task.ts';

/**
 * Reads layers on the thread that asks, which hears nobody while a cataloger is at work: for a process that somebody else can end. On two
 * processors it is the faster way: zlib has its own threads anyway, and what is left, hashing above all, does not fill one processor, while
 * each thread of V8's takes a tenth of a second to start.
 */
export class LayersHere implements LayerRunner {
  readonly isHere = true;
  readonly #turns: BoundedCalls;
  readonly #over = new AbortController();
  readonly #running = new Set<Promise<LayerResult>>();

  /** @param width layers that are read at a time */
  constructor(width: number) {
    this.#turns = new BoundedCalls(width);
  }

  warm(): void {
    // Nothing is to be started.
  }

  /** As LayerRunner says. A source that stalls is let go of when it is aborted or goes on, also where its reader has given up. */
  async run(
    task: Omit<LayerTask, 'range'>,
    source: LayerSource,
    signal: AbortSignal,
    onBytes: (bytes: number) => void = () => undefined,
  ): Promise<LayerResult> {
    const wanted = AbortSignal.any([signal, this.#over.signal]);
    const running = this.#turns.run(() => perform(task, source, wanted, onBytes));
    this.#running.add(running);
    try {
      return await running;
    } catch (error) {
      wanted.throwIfAborted();
      throw error;
    } finally {
      this.#running.delete(running);
    }
  }

  async endIdle(): Promise<void> {
    // What was read has been given back already.
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort(new ScanError('WORKER_FAILED', 'The image is not read any more'));
    await Promise.allSettled(this.#running);
  }
}

async function perform(
  task: Omit<LayerTask, 'range'>,
  source: LayerSource,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<LayerResult> {
  signal.throwIfAborted();
  const range = await untilAborted(rangeOf(source, signal), signal);
  const dispatch = new Dispatch(catalogers);
  // Only what is read of a file has memory of its own.
  if (range === undefined) return await performTask(countBytes(source.open(signal), onBytes), task, dispatch);
  const stored = countBytes(streamRange(range, signal), onBytes);
  return await performTask(stored, { ...task, range }, dispatch, freeMemory);
}
