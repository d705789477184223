import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What a process writes. */
export interface CommitTask {
  readonly path: string;
  /** Names are this, and a number. */
  readonly prefix: string;
  readonly count: number;
  readonly checkpointPages: number;
}

/** A process that commits rows to a SQLite database, some at a time, and tells each one after it was acknowledged. */
export interface CommitProcess {
  readonly acknowledged: AsyncIterable<string>;
  readonly ended: Promise<number | null>;
  /** Ends it as SIGKILL does, at once. */
  kill(): Promise<void>;
}

/** Starts one. */
export function startCommits(task: CommitTask): CommitProcess {
  const script = fileURLToPath(new URL('./commit-rows.ts', import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  return {
    acknowledged: createInterface({ input: child.stdout }),
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
