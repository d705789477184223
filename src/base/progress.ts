/**
 * Receives how far long work has come. One sink serves a whole command; tasks may overlap.
 */
export interface Progress {
  /** Starts a task. `total` is in `unit`s when it is known beforehand. */
  start(label: string, options?: { readonly total?: number; readonly unit?: 'bytes' | 'items' }): ProgressTask;
}

/** One running task of a {@link Progress}. */
export interface ProgressTask {
  /** Adds to what is done. */
  advance(amount: number): void;
  /** Ends the task, however it ended. */
  finish(): void;
}

const silentTask: ProgressTask = { advance: () => undefined, finish: () => undefined };

/** A progress that shows nothing. */
export const silentProgress: Progress = { start: () => silentTask };
