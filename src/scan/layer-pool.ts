import { Worker, type MessagePort } from 'node:worker_threads';
import { CodecError, type CodecErrorCode } from '../codec/error.ts';
import { OciError, type OciErrorCode } from '../oci/error.ts';
import type { FileReading } from '../catalog/file-reading.ts';
import { sendChunks } from './chunk-channel.ts';
import { ScanError } from './error.ts';
import type { LayerAnalysis, LayerTask } from './layer-analysis.ts';
import type { LayerFailure, LayerRequest, LayerResponse } from './layer-worker.ts';

interface Running {
  readonly worker: Worker;
  readonly resolve: (result: LayerAnalysis | readonly FileReading[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Memory of one thread's heap, in MiB. What goes by is short-lived and large things lie outside the heap, so a small
 * young generation costs no time and keeps the whole process within its bounds.
 */
const workerLimits = { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 1024 };

/** Worker threads that read layers, started when first needed and at most `width` of them. */
export class LayerPool implements AsyncDisposable {
  readonly #width: number;
  readonly #idle: Worker[] = [];
  readonly #workers = new Set<Worker>();
  readonly #waiting: ((worker: Worker) => void)[] = [];
  readonly #running = new Map<number, Running>();
  #nextId = 0;

  constructor(width: number) {
    this.#width = Math.max(1, width);
  }

  /** Starts threads before the first bytes are there, since one takes tens of milliseconds. */
  warm(count: number): void {
    while (this.#workers.size < Math.min(count, this.#width)) this.#idle.push(this.#start());
  }

  /**
   * Reads a layer on a thread.
   *
   * @param open gives the layer's bytes when the task names no file range
   * @throws what reading the layer threw, as the same class of error
   */
  async run(task: LayerTask, open: () => AsyncIterable<Uint8Array>): Promise<LayerAnalysis | readonly FileReading[]> {
    const worker = await this.#acquire();
    worker.ref();
    const id = this.#nextId;
    this.#nextId += 1;
    try {
      const result = new Promise<LayerAnalysis | readonly FileReading[]>((resolve, reject) => {
        this.#running.set(id, { worker, resolve, reject });
      });
      if (task.range !== undefined) {
        send(worker, { id, task });
        return await result;
      }
      const { port, done } = sendChunks(open());
      send(worker, { id, task, port }, [port]);
      // When the source failed, its own error tells more than the reader's.
      const [sent, read] = await Promise.allSettled([done, result]);
      if (sent.status === 'rejected') throw sent.reason;
      if (read.status === 'rejected') throw read.reason;
      return read.value;
    } finally {
      this.#running.delete(id);
      this.#release(worker);
    }
  }

  /** Ends the threads, whatever they do. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
    this.#workers.clear();
  }

  async #acquire(): Promise<Worker> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#workers.size < this.#width) return this.#start();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** An idle thread keeps no process alive; a busy one does. */
  #release(worker: Worker): void {
    worker.unref();
    const next = this.#waiting.shift();
    const healthy = this.#workers.has(worker);
    if (next !== undefined) next(healthy ? worker : this.#start());
    else if (healthy) this.#idle.push(worker);
  }

  #start(): Worker {
    const worker = new Worker(workerUrl(), { resourceLimits: workerLimits });
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
    if (response.kind === 'analysis') running.resolve(response.analysis);
    else if (response.kind === 'readings') running.resolve(response.readings);
    else running.reject(revive(response.failure));
  }

  #lost(worker: Worker, cause: unknown): void {
    this.#workers.delete(worker);
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    for (const running of this.#running.values()) {
      if (running.worker !== worker) continue;
      running.reject(
        new ScanError('WORKER_FAILED', 'A thread that read a layer ended early; it may have run out of memory', {
          cause,
        }),
      );
    }
  }
}

function send(worker: Worker, request: LayerRequest, transfer: readonly MessagePort[] = []): void {
  worker.postMessage(request, [...transfer]);
}

/** Beside this file, in source as in the bundle. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './layer-worker.ts' : './layer-worker.js', import.meta.url);
}

/** Makes the error again that was thrown on the other thread. */
function revive({ name, code, message }: LayerFailure): Error {
  if (name === 'OciError') return new OciError(code as OciErrorCode, message);
  if (name === 'CodecError') return new CodecError(code as CodecErrorCode, message);
  return new ScanError('WORKER_FAILED', `A layer could not be read: ${message}`);
}
