import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Logger } from '../../../base/logger.ts';
import { programCall } from '../../../base/single-file.ts';
import { unpackingThreads } from '../../../base/unpacking-threads.ts';
import type { Clock } from '../../../net/clock.ts';
import { Peer, type Answerer } from '../channel/peer.ts';
import { readParts } from '../channel/parts.ts';
import { ChannelError, type Question } from '../channel/question.ts';
import { UnscannableError, type UnscannableCode } from '../error.ts';
import { processLimits } from '../limits.ts';
import { LentFiles } from './lent-files.ts';
import type { WorkerProgram } from './worker-program.ts';

/** How workers are run. */
export interface WorkerOptions {
  readonly program: WorkerProgram;
  /** Bytes that a worker may hold; one that holds more is killed. */
  readonly memoryBytes: number;
  /** Processors that it may use. */
  readonly cores: number;
  /** Folders besides the program's that it may read, and those that it may write. */
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** Where each of them gets a folder with the files of the image that it scans; they are sent their bytes without. */
  readonly files?: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Answers what a worker asks while it scans, with the files that it can be lent, if any. */
export type WorkAnswerer = (
  question: Question,
  signal: AbortSignal,
  files: LentFiles | undefined,
) => AsyncIterable<Uint8Array>;

/** Answers nothing: a worker may only read while it scans. */
const refuseAll: Answerer = () => {
  throw new ChannelError('ANSWER_FAILED', 'Nothing may be read now');
};

/** A folder and all that is in it, or will be: one that is not there yet would be taken for a file. */
function below(folder: string): string[] {
  return [folder, `${folder}/*`];
}

/**
 * A process that scans. It has an environment of its own, in which nothing stands but how Node is to run, a channel to this process and
 * nothing else that it could speak over, and Node keeps it from files that it was not given, and from starting programs.
 */
export class WorkerProcess implements AsyncDisposable {
  readonly #options: WorkerOptions;
  readonly #child: ChildProcess;
  readonly #peer: Peer;
  readonly #over = new AbortController();
  /** Where files are lent to it. */
  readonly #folder: string | undefined;
  #answer: Answerer = refuseAll;
  #killedFor: UnscannableCode | undefined;
  #said = '';
  #bytes = 0;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { program, memoryBytes, readable, writable, cores } = options;
    this.#folder = options.files === undefined ? undefined : join(options.files, randomUUID());
    const heap = Math.max(64, Math.floor(memoryBytes / 2 / 2 ** 20));
    const { flags, script, env } = programCall(program.script, [
      '--no-warnings',
      `--max-old-space-size=${heap}`,
      '--max-semi-space-size=16',
      '--permission',
      '--allow-worker',
      ...program.readable.map((path) => `--allow-fs-read=${path}`),
      ...[...readable, ...writable, ...(this.#folder === undefined ? [] : [this.#folder])]
        .flatMap(below)
        .map((path) => `--allow-fs-read=${path}`),
      ...writable.flatMap(below).map((path) => `--allow-fs-write=${path}`),
    ]);
    const stdio = ['ignore', 'ignore', 'pipe', 'pipe'] as const;
    const own = { ...env, UV_THREADPOOL_SIZE: unpackingThreads(cores, processLimits.unpackingThreads) };
    this.#child = spawn(process.execPath, [...flags, script], { env: own, stdio: [...stdio], windowsHide: true });
    const channel = this.#child.stdio[3] as Duplex;
    this.#peer = new Peer(channel, (question, signal) => this.#answer(question, signal));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = `${this.#said}${text}`.slice(-processLimits.errorBytes);
    });
    this.ended = new Promise((resolve) => {
      const over = (): void => {
        this.#over.abort();
        this.#peer.close();
        resolve();
      };
      this.#child.once('error', over).once('close', over);
    });
    void this.#watchMemory();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Bytes that it held when it was looked at last; 0 where that cannot be told. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Waits until it can be asked. @throws UnscannableError SCAN_CRASHED */
  async start(): Promise<void> {
    await this.use(processLimits.startTime, refuseAll, new AbortController().signal, async () => {
      await readParts(this.#peer.ask({ kind: 'ready' }), 1000);
    });
  }

  /**
   * Lets it work. It is killed when its time is up, when it holds too much memory, and when the signal says so.
   *
   * @param answer what it may ask meanwhile
   * @throws UnscannableError SCAN_TIMEOUT, SCAN_MEMORY, SCAN_CRASHED where it did not end by itself; the signal's reason; what `work` throws
   */
  async use<Result>(
    milliseconds: number,
    answer: WorkAnswerer,
    signal: AbortSignal,
    work: (peer: Peer, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { clock } = this.#options;
    const done = new AbortController();
    const stop = (): void => this.kill('SCAN_STOPPED');
    signal.addEventListener('abort', stop, { once: true });
    void clock.sleep(milliseconds, done.signal).then(
      () => this.kill('SCAN_TIMEOUT'),
      () => undefined,
    );
    // What was asked in one scan, and is answered late, lends nothing in the next one.
    const files = this.#folder === undefined ? undefined : new LentFiles(this.#folder);
    this.#answer = (question, stop) => answer(question, stop, files);
    try {
      signal.throwIfAborted();
      return await work(this.#peer, AbortSignal.any([this.#over.signal, done.signal]));
    } catch (error) {
      if (!this.#isGone(error)) throw error;
      await this.ended;
      signal.throwIfAborted();
      throw this.#whyGone();
    } finally {
      this.#answer = refuseAll;
      done.abort();
      signal.removeEventListener('abort', stop);
      await this.#takeBack(files);
    }
  }

  /** Ends it at once. */
  kill(why: UnscannableCode): void {
    if (this.isOver) return;
    this.#killedFor ??= why;
    this.#child.kill('SIGKILL');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SCAN_STOPPED');
    await this.ended;
  }

  async #takeBack(files: LentFiles | undefined): Promise<void> {
    try {
      await files?.takeBack();
    } catch (error) {
      this.#options.logger.warn('A folder of a process that scans could not be removed', { error });
    }
  }

  /** Whether an error comes of the worker's end, or of its being killed, rather than from the worker. */
  #isGone(error: unknown): boolean {
    if (this.isOver || this.#killedFor !== undefined) return true;
    return error instanceof ChannelError && error.code === 'CHANNEL_CLOSED';
  }

  #whyGone(): UnscannableError {
    const why =
      this.#killedFor ??
      (/heap out of memory|Array buffer allocation failed/i.test(this.#said) ? 'SCAN_MEMORY' : 'SCAN_CRASHED');
    const { memoryBytes, logger } = this.#options;
    if (why === 'SCAN_CRASHED')
      logger.warn('A process that scanned ended', {
        status: this.#child.exitCode,
        signal: this.#child.signalCode,
        said: this.#said,
      });
    const sentences: Partial<Record<UnscannableCode, string>> = {
      SCAN_TIMEOUT: 'The scan took longer than the settings allow',
      SCAN_MEMORY: `The scan needed more than the ${Math.floor(memoryBytes / 2 ** 20)} MiB of memory that the settings allow`,
      SCAN_STOPPED: 'The program was stopped',
    };
    const how = this.#child.signalCode ?? `status ${this.#child.exitCode ?? 'unknown'}`;
    return new UnscannableError(why, sentences[why] ?? `The process that scanned ended (${how})`);
  }

  /** V8 bounds what scripts hold; what lies beside their heaps is seen here alone. */
  async #watchMemory(): Promise<void> {
    const { clock, memoryBytes } = this.#options;
    while (!this.isOver) {
      try {
        const status = await readFile(`/proc/${this.#child.pid}/status`, 'latin1');
        this.#bytes = Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
      } catch {
        // Another system, or it is gone.
        this.#bytes = 0;
      }
      if (this.#bytes > memoryBytes) this.kill('SCAN_MEMORY');
      await clock.sleep(processLimits.memoryTime, this.#over.signal).catch(() => undefined);
    }
  }
}
