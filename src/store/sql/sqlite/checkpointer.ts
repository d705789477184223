import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { startThread as startScript } from '../../../base/single-file.ts';
import { errorMessage } from '../../../base/error.ts';
import type { Logger } from '../../../base/logger.ts';
import { StoreError } from '../../error.ts';
import type { CheckpointRequest, CheckpointResponse, CheckpointThread } from './checkpoint-worker.ts';
import type { SqliteConnection } from './connection.ts';
import { sqliteLimits } from './limits.ts';

/** Memory of the thread's heap, in MiB: it runs two statements. */
const workerLimits = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 };

/** A thread that makes checkpoints; a test may have another. */
export type StartCheckpointThread = (data: CheckpointThread) => Worker;

/** How many pages wait in the log before they are copied, when the log is made to begin anew, and when writers are stopped. */
export interface CheckpointerOptions {
  readonly path: string;
  readonly logger: Logger;
  readonly checkpointPages: number;
  readonly restartPages: number;
  readonly fullPages: number;
  readonly startThread?: StartCheckpointThread;
}

/**
 * Copies the write-ahead log into the database from time to time, on a thread of its own: all the syncs of SQLite under
 * `synchronous=NORMAL` happen in checkpoints, and they must not stop the thread that answers requests. Readers and writers go
 * on meanwhile. Under writes without a pause the log never ends where the copy does and would grow for ever, so when
 * it is long, writers wait once for the last pages. A disk that is slow, and a program that reads the database as it was for
 * long, keep the copy from going on; then writers wait, or are refused, so that the log never fills the disk.
 */
export class Checkpointer implements AsyncDisposable {
  readonly #connection: SqliteConnection;
  readonly #options: CheckpointerOptions;
  #worker: Worker | undefined;
  #running: Promise<void> | undefined;
  #makingRoom: Promise<void> | undefined;
  #isFinishDue = false;
  #isFull = false;
  #notBefore = 0;
  #noRoomBefore = 0;

  /** @param connection tells how long the log is */
  constructor(connection: SqliteConnection, options: CheckpointerOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** To be called after commits. Gives a promise when the next commit has to wait for it. */
  afterCommit(): Promise<void> | undefined {
    const { frames, copied } = this.#log();
    if (frames >= this.#options.fullPages) return this.#makeRoom();
    if (this.#running !== undefined || performance.now() < this.#notBefore) return undefined;
    if (this.#isFinishDue) {
      this.#isFinishDue = false;
      if (frames >= this.#options.restartPages && copied > 0) return this.#start('finish');
    }
    if (frames - copied >= this.#options.checkpointPages) void this.#start('copy');
    return undefined;
  }

  /** To be called before transactions. @throws StoreError STORE_BUSY while the log is full and cannot begin anew */
  check(): void {
    if (!this.#isFull) return;
    if (performance.now() >= this.#noRoomBefore) void this.#makeRoom();
    throw new StoreError(
      'STORE_BUSY',
      'Something reads the database as it was for so long that its log cannot begin anew; end the program that has ' +
        `${this.#options.path} open`,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#makingRoom;
    await this.#running;
    const worker = this.#worker;
    this.#worker = undefined;
    this.#notBefore = Infinity;
    if (worker === undefined) return;
    const ended = once(worker, 'exit');
    send(worker, 'close');
    await ended;
  }

  /** The log's frames and those that are in the database already. NOOP copies nothing and takes a microsecond. */
  #log(): { readonly frames: number; readonly copied: number } {
    try {
      const row = this.#connection.getNow('PRAGMA wal_checkpoint(NOOP)');
      return { frames: Number(row?.log ?? 0), copied: Number(row?.checkpointed ?? 0) };
    } catch {
      // Another process is just reading the log again; there will be further commits.
      return { frames: 0, copied: 0 };
    }
  }

  #makeRoom(): Promise<void> {
    this.#makingRoom ??= this.#copyFull().finally(() => {
      this.#makingRoom = undefined;
    });
    return this.#makingRoom;
  }

  /** Readers that come meanwhile find all that they need in the database; only one that was there before holds the log. */
  async #copyFull(): Promise<void> {
    await this.#running;
    if (this.#isLogFull()) await this.#start('finish');
    const wasFull = this.#isFull;
    this.#isFull = this.#isLogFull();
    this.#noRoomBefore = performance.now() + sqliteLimits.fullRetry;
    if (!this.#isFull || wasFull) return;
    const { path, logger } = this.#options;
    logger.error('The log of the database is full, and something that reads the database keeps it', { path });
  }

  /** When all of it is copied, the next commit begins it anew; or finds that it cannot, and then not all of it is copied. */
  #isLogFull(): boolean {
    const { frames, copied } = this.#log();
    return frames >= this.#options.fullPages && copied < frames;
  }

  #start(request: CheckpointRequest): Promise<void> {
    this.#running = this.#ask(request).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #ask(request: CheckpointRequest): Promise<void> {
    try {
      const worker = (this.#worker ??= this.#open());
      send(worker, request);
      const response = await answer(worker);
      worker.unref();
      if (response.error !== undefined) throw new Error(response.error);
      this.#isFinishDue = request === 'copy';
    } catch (error) {
      this.#notBefore = performance.now() + sqliteLimits.checkpointRetry;
      const { path, logger } = this.#options;
      logger.warn('The log of the database could not be copied on a thread', { path, error: errorMessage(error) });
      this.#copyHere();
    }
  }

  /** Without its thread, the log is copied on this one: requests wait for it, but the disk does not fill up. */
  #copyHere(): void {
    try {
      this.#connection.getNow('PRAGMA wal_checkpoint(PASSIVE)');
    } catch (error) {
      const { path, logger } = this.#options;
      logger.error('The log of the database could not be copied into it', { path, error: errorMessage(error) });
    }
  }

  #open(): Worker {
    const data: CheckpointThread = { path: this.#options.path, wait: sqliteLimits.checkpointWait };
    const worker = (this.#options.startThread ?? startThread)(data);
    // An 'error' without a listener would end the program; 'exit' comes after it.
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    return worker;
  }
}

async function answer(worker: Worker): Promise<CheckpointResponse> {
  const over = new AbortController();
  try {
    const ended = once(worker, 'exit', { signal: over.signal }).then(() => {
      throw new Error('The thread ended');
    });
    const [response] = (await Promise.race([once(worker, 'message', { signal: over.signal }), ended])) as unknown[];
    return response as CheckpointResponse;
  } finally {
    over.abort();
  }
}

/** An idle thread keeps no process alive; a busy one does. */
function send(worker: Worker, request: CheckpointRequest): void {
  worker.ref();
  worker.postMessage(request, []);
}

function startThread(data: CheckpointThread): Worker {
  return startScript(workerUrl(), { workerData: data, resourceLimits: workerLimits });
}

/** Beside this file, in source as in the bundle. */
function workerUrl(): URL {
  const name = import.meta.url.endsWith('.ts') ? './checkpoint-worker.ts' : './checkpoint-worker.js';
  return new URL(name, import.meta.url);
}
