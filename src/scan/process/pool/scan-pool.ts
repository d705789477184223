import { errorMessage } from '../../../base/error.ts';
import type { Peer } from '../channel/peer.ts';
import { UnscannableError } from '../error.ts';
import { processLimits } from '../limits.ts';
import { type WorkAnswerer, WorkerProcess, type WorkerOptions } from './worker-process.ts';

/** What a worker is to be used for. */
export interface PoolWork<Result> {
  /** Milliseconds after which it is killed. */
  readonly time: number;
  /** What it may ask meanwhile; nothing by default. */
  readonly answer?: WorkAnswerer;
  readonly signal: AbortSignal;
  readonly run: (peer: Peer, signal: AbortSignal) => Promise<Result>;
}

const refuse: WorkAnswerer = () => {
  throw new RangeError('Nothing may be read');
};

/** Processes that scan: at most `width`, started when they are needed and ended when they are not. */
export class ScanPool implements AsyncDisposable {
  readonly #options: WorkerOptions;
  readonly #width: number;
  readonly #all = new Set<WorkerProcess>();
  readonly #idle: { readonly worker: WorkerProcess; readonly timer: NodeJS.Timeout }[] = [];
  readonly #waiting: (() => void)[] = [];
  /** One that is being started for whoever comes next. */
  #prepared: Promise<WorkerProcess> | undefined;
  #busy = 0;
  #isClosed = false;

  constructor(width: number, options: WorkerOptions) {
    this.#width = width;
    this.#options = options;
  }

  /** Processes that are there. */
  get size(): number {
    return this.#all.size;
  }

  /** Whether somebody waits for a worker. */
  get isWanted(): boolean {
    return this.#waiting.length > 0;
  }

  /** Begins to start a worker for whoever comes next, where none is at hand. Why it cannot be started is told when it is used. */
  prepare(): void {
    if (this.#isClosed || this.#prepared !== undefined || this.#idle.length > 0 || this.#all.size >= this.#width)
      return;
    const starting = this.#start();
    this.#prepared = starting;
    const settle = (worker?: WorkerProcess): void => {
      if (this.#prepared !== starting) return;
      this.#prepared = undefined;
      if (worker !== undefined) this.#keep(worker);
    };
    void starting.then(settle, () => settle());
  }

  /**
   * Lets a worker do something, when one is free.
   *
   * @throws UnscannableError as WorkerProcess.use() does; the signal's reason; what `run` throws
   */
  async use<Result>({ time, answer = refuse, signal, run }: PoolWork<Result>): Promise<Result> {
    await this.#turn(signal);
    let worker: WorkerProcess | undefined;
    try {
      worker = await this.#take();
      const result = await worker.use(time, answer, signal, run);
      this.#keep(worker);
      return result;
    } catch (error) {
      // Whatever a worker did not end well is not trusted with another image.
      await worker?.[Symbol.asyncDispose]();
      throw error;
    } finally {
      this.#busy -= 1;
      this.#waiting.shift()?.();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const { timer } of this.#idle.splice(0)) clearTimeout(timer);
    await Promise.all([...this.#all].map((worker) => worker[Symbol.asyncDispose]()));
    for (const next of this.#waiting.splice(0)) next();
  }

  async #turn(signal: AbortSignal): Promise<void> {
    while (this.#busy >= this.#width && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        const next = (): void => {
          signal.removeEventListener('abort', next);
          const at = this.#waiting.indexOf(next);
          if (at >= 0) this.#waiting.splice(at, 1);
          resolve();
        };
        this.#waiting.push(next);
        signal.addEventListener('abort', next, { once: true });
      });
      // Whose turn it was and who does not want it any more lets the next one go.
      if (signal.aborted) this.#waiting.shift()?.();
      signal.throwIfAborted();
    }
    signal.throwIfAborted();
    if (this.#isClosed) throw new UnscannableError('SCAN_STOPPED', 'The program was stopped');
    this.#busy += 1;
  }

  async #take(): Promise<WorkerProcess> {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (!idle.worker.isOver) return idle.worker;
    }
    const prepared = this.#prepared;
    this.#prepared = undefined;
    return await (prepared ?? this.#start());
  }

  async #start(): Promise<WorkerProcess> {
    const worker = new WorkerProcess(this.#options);
    this.#all.add(worker);
    void worker.ended.then(() => this.#all.delete(worker));
    try {
      await worker.start();
      return worker;
    } catch (error) {
      await worker[Symbol.asyncDispose]();
      const message = `No process that scans can be started: ${errorMessage(error)}; look at the log`;
      throw new UnscannableError('WORKER_UNSTARTABLE', message, { cause: error });
    }
  }

  /** A worker that holds much, as it may after a large image, makes room for a new one. */
  #keep(worker: WorkerProcess): void {
    if (this.#isClosed || worker.isOver || worker.bytes > this.#options.memoryBytes / 2) {
      return worker.kill('SCAN_STOPPED');
    }
    const timer = setTimeout(() => {
      const at = this.#idle.findIndex((idle) => idle.worker === worker);
      if (at >= 0) this.#idle.splice(at, 1);
      worker.kill('SCAN_STOPPED');
    }, processLimits.idleTime);
    timer.unref();
    this.#idle.push({ worker, timer });
  }
}
