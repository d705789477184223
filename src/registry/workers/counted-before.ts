import { addSnapshots } from '../metrics/render-metrics.ts';
import type { WorkerProcess } from './worker-process.ts';

/**
 * What processes had counted when they were asked last, so that the sum of all does not go down when one ends: whoever looks at rates
 * would take that for a restart, and count the others' numbers anew.
 */
export class CountedBefore {
  readonly #latest = new Map<WorkerProcess, readonly object[]>();
  #gone: readonly object[] = [];

  /** Of those that ended. */
  get gone(): readonly object[] {
    return this.#gone;
  }

  latest(worker: WorkerProcess): readonly object[] {
    return this.#latest.get(worker) ?? [];
  }

  remember(worker: WorkerProcess, snapshot: readonly object[]): void {
    this.#latest.set(worker, snapshot);
  }

  async end(worker: WorkerProcess): Promise<void> {
    const last = this.latest(worker);
    this.#latest.delete(worker);
    this.#gone = await addSnapshots([this.#gone, last]);
  }
}
