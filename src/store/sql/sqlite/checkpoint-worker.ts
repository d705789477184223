import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { errorMessage } from '../../../base/error.ts';

/** What the thread is started with. */
export interface CheckpointThread {
  readonly path: string;
  /** Milliseconds to wait for writers of other processes when the log is to begin anew. */
  readonly wait: number;
}

/**
 * What it is asked: to copy what is in the log while others read and write, or to copy the last of it while this process
 * writes nothing, so that the log can begin anew.
 */
export type CheckpointRequest = 'copy' | 'finish' | 'close';

/** What it answers. */
export interface CheckpointResponse {
  readonly error?: string;
}

const { path, wait } = workerData as CheckpointThread;
const database = new DatabaseSync(path, { timeout: wait });
database.exec('PRAGMA synchronous = NORMAL');

/** While writers go on, one pass leaves what came meanwhile, and the next has less to do. */
const passes = 3;

function checkpoint(request: CheckpointRequest): void {
  if (request === 'finish') {
    database.exec('PRAGMA wal_checkpoint(FULL)');
    return;
  }
  for (let pass = 0; pass < passes; pass++) database.exec('PRAGMA wal_checkpoint(PASSIVE)');
}

parentPort?.on('message', (request: CheckpointRequest) => {
  if (request === 'close') {
    database.close();
    parentPort?.close();
    return;
  }
  let response: CheckpointResponse = {};
  try {
    checkpoint(request);
  } catch (error) {
    response = { error: errorMessage(error) };
  }
  parentPort?.postMessage(response, []);
});
