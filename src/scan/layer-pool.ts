import type { MessagePort, Worker } from 'node:worker_threads';
import { startThread } from '../base/single-file.ts';
import { errorMessage } from '../base/error.ts';
import { CodecError, type CodecErrorCode } from '../codec/error.ts';
import { OciError, type OciErrorCode } from '../oci/error.ts';
import { RootfsError, type RootfsErrorCode } from '../rootfs/error.ts';
import { SenderFailed, sendChunks } from './chunk-channel.ts';
import { ScanError } from './error.ts';
import type { LayerResult, LayerTask } from './layer-analysis.ts';
import type { LayerRunner } from './layer-runner.ts';
import { type LayerSource, rangeOf } from './layer-source.ts';
import type { LayerFailure, LayerRequest, LayerResponse } from './layer-worker.ts';
import { tableBytes } from './table/find-tables.ts';

interface Running {
  readonly worker: Worker;
  readonly resolve: (result: LayerResult) => void;
  readonly reject: (error: unknown) => void;
  readonly onBytes: (bytes: number) => void;
}

/**
 * Memory of one thread's heap, in MiB. What goes by is short-lived and large things lie outside the heap, so a small
 * young generation costs no time and keeps the whole process within its bounds.
 */
const workerLimits = { maxYoungGenerationSizeMb: 2, maxOldGenerationSizeMb: 1024 };

/** Worker threads that read layers, started when first needed and at most `width` of them. */
export class LayerPool implements LayerRunner {
  readonly isHere = false;
  readonly #width: number;
  readonly #idle: Worker[] = [];
  readonly #workers = new Set<Worker>();
  readonly #waiting: ((worker: Worker | undefined) => void)[] = [];
  readonly #running = new Map<number, Running>();
  #nextId = 0;
  #isClosed = false;

  constructor(width: number) {
    this.#width = Math.max(1, width);
  }

  /** Starts threads before the first bytes are there, since one takes tens of milliseconds. */
  warm(count: number): void {
    while (!this.#isClosed && this.#workers.size < Math.min(count, this.#width)) this.#idle.push(this.#start());
  }

  /**
   * Reads a layer on a thread. When it is aborted, the thread is ended first: whoever waited may then close the file
   * that the thread read.
   *
   * @throws what reading the layer threw, as the same class of error; the signal's reason; ScanError WORKER_FAILED
   */
  async run(
    task: Omit<LayerTask, 'range'>,
    source: LayerSource,
    signal: AbortSignal,
    onBytes: (bytes: number) => void = () => undefined,
  ): Promise<LayerResult> {
    const worker = await this.#acquire(signal);
    worker.ref();
    const id = this.#nextId;
    this.#nextId += 1;
    const stop = (): void => void worker.terminate();
    signal.addEventListener('abort', stop);
    try {
      signal.throwIfAborted();
      const range = await rangeOf(source, signal);
      // Whoever asked may have gone meanwhile, and the thread with it; nobody would answer then.
      signal.throwIfAborted();
      if (!this.#workers.has(worker)) throw ended();
      const result = new Promise<LayerResult>((resolve, reject) => {
        this.#running.set(id, { worker, resolve, reject, onBytes });
      });
      if (range === undefined) return await this.#feed(worker, { id, task }, source, result, signal);
      send(worker, { id, task: { ...task, range } });
      return await result;
    } catch (error) {
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#running.delete(id);
      if (signal.aborted) await worker.terminate();
      this.#release(worker);
    }
  }

  /**
   * Ends the threads that have nothing to do: what they read left garbage outside their heaps, which nothing else frees.
   * Later work starts new ones.
   */
  async endIdle(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((worker) => this.#end(worker)));
  }

  async #end(worker: Worker): Promise<void> {
    this.#workers.delete(worker);
    await worker.terminate();
  }

  /** Ends the threads, whatever they do; what still waits is refused. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    for (const next of this.#waiting.splice(0)) next(undefined);
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
    this.#workers.clear();
    this.#idle.length = 0;
  }

  async #feed(
    worker: Worker,
    request: LayerRequest,
    source: LayerSource,
    result: Promise<LayerResult>,
    signal: AbortSignal,
  ): Promise<LayerResult> {
    const unread = new AbortController();
    // A source may wait long for its next bytes; nobody needs them once the reader gave up, or has what it wants.
    const stop = (): void => unread.abort();
    result.then(stop, stop);
    const { port, done } = sendChunks(source.open(AbortSignal.any([signal, unread.signal])));
    send(worker, { ...request, port }, [port]);
    const [sent, read] = await Promise.allSettled([done, result]);
    if (read.status === 'fulfilled') return read.value;
    // When the source failed, its own error tells more than the reader's.
    throw sent.status === 'rejected' && read.reason instanceof SenderFailed ? sent.reason : read.reason;
  }

  async #acquire(signal: AbortSignal): Promise<Worker> {
    signal.throwIfAborted();
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (!this.#isClosed && this.#workers.size < this.#width) return this.#start();
    const worker = this.#isClosed ? undefined : await this.#turn(signal);
    if (worker === undefined) throw ended();
    return worker;
  }

  async #turn(signal: AbortSignal): Promise<Worker | undefined> {
    let stop = (): void => undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.push(resolve);
        stop = () => {
          const at = this.#waiting.indexOf(resolve);
          if (at >= 0) this.#waiting.splice(at, 1);
          reject(signal.reason);
        };
        signal.addEventListener('abort', stop);
      });
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  /** An idle thread keeps no process alive; a busy one does. */
  #release(worker: Worker): void {
    worker.unref();
    if (this.#isClosed) return;
    const next = this.#waiting.shift();
    const healthy = this.#workers.has(worker);
    if (next !== undefined) next(healthy ? worker : this.#start());
    else if (healthy) this.#idle.push(worker);
  }

  #start(): Worker {
    const worker = startThread(workerUrl(), { resourceLimits: workerLimits });
    this.#workers.add(worker);
    worker.on('message', (response: LayerResponse) => this.#settle(response));
    worker.on('error', (error) => this.#lost(worker, error));
    worker.on('exit', () => this.#lost(worker, undefined));
    worker.unref();
    return worker;
  }

  #settle(response: LayerResponse): void {
    const running = this.#running.get(response.id);
    if (running === undefined) return;
    if (response.kind === 'progress') running.onBytes(response.bytes);
    else if (response.kind === 'result') running.resolve(response.result);
    else running.reject(revive(response.failure));
  }

  #lost(worker: Worker, cause: unknown): void {
    this.#workers.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    for (const running of this.#running.values()) {
      if (running.worker !== worker) continue;
      const why = cause === undefined ? '' : ` (${errorMessage(cause)})`;
      const message = `A thread that read a layer ended early${why}; it may have run out of memory`;
      running.reject(new ScanError('WORKER_FAILED', message, { cause }));
    }
  }
}

function ended(): ScanError {
  return new ScanError('WORKER_FAILED', 'The threads that read layers were ended');
}

function send(worker: Worker, request: LayerRequest, ports: readonly MessagePort[] = []): void {
  worker.postMessage(request, [...ports, ...tableBytes(request.task.compare ?? [])]);
}

/** Beside this file, in source as in the bundle. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './layer-worker.ts' : './layer-worker.js', import.meta.url);
}

/** Makes the error again that was thrown on the other thread. */
function revive({ name, code, message }: LayerFailure): Error {
  if (name === 'OciError') return new OciError(code as OciErrorCode, message);
  if (name === 'SenderFailed') return new SenderFailed(message);
  if (name === 'RootfsError') return new RootfsError(code as RootfsErrorCode, message);
  if (name === 'CodecError') return new CodecError(code as CodecErrorCode, message);
  return new ScanError('WORKER_FAILED', `A layer could not be read: ${message}`);
}
