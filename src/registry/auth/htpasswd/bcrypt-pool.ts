import type { Worker } from 'node:worker_threads';
import { startThread } from '../../../base/single-file.ts';
import { RegistryAuthError } from '../error.ts';
import type { BcryptAnswer, BcryptQuestion } from './bcrypt-worker.ts';
import { htpasswdLimits } from './limits.ts';

interface Waiting {
  readonly question: BcryptQuestion;
  readonly resolve: (matches: boolean) => void;
  readonly reject: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Threads that compare passwords with hashes: a comparison takes a tenth of a second and more of a processor, which must
 * never be that of the requests. They are started when first needed, and keep no process alive while they are idle.
 */
export class BcryptPool implements AsyncDisposable {
  readonly #width: number;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Waiting>();
  readonly #queue: Waiting[] = [];
  #nextId = 0;
  #isClosed = false;

  /** @param width threads at most */
  constructor(width: number) {
    this.#width = Math.max(1, width);
  }

  /**
   * Whether a password has a hash.
   *
   * @throws RegistryAuthError AUTH_UNAVAILABLE when too many wait or a thread was lost, or the signal's reason
   */
  matches(password: string, hash: string, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      if (this.#isClosed) return reject(unavailable('The threads that verify passwords were ended'));
      if (this.#queue.length >= htpasswdLimits.queue) {
        return reject(unavailable('Too many passwords wait to be verified; try again in a moment'));
      }
      this.#queue.push({ question: { id: this.#nextId, password, hash }, resolve, reject, signal });
      this.#nextId += 1;
      this.#next();
    });
  }

  /** Ends the threads; what still waits is refused. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const workers = [...this.#idle.splice(0), ...this.#busy.keys()];
    for (const { reject } of this.#queue.splice(0)) reject(unavailable('The threads that verify passwords were ended'));
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #next(): void {
    while (!this.#isClosed && this.#queue.length > 0) {
      const worker = this.#idle.pop() ?? (this.#busy.size < this.#width ? this.#start() : undefined);
      if (worker === undefined) return;
      const waiting = this.#queue.shift();
      // Whoever left while waiting costs nothing; a comparison that began is finished.
      if (waiting === undefined || waiting.signal?.aborted === true) {
        waiting?.reject(waiting.signal?.reason);
        this.#idle.push(worker);
        continue;
      }
      this.#busy.set(worker, waiting);
      worker.ref();
      worker.postMessage(waiting.question, []);
    }
  }

  #start(): Worker {
    const worker = startThread(workerUrl(), {
      resourceLimits: { maxOldGenerationSizeMb: htpasswdLimits.threadMegabytes },
      // Nothing of the environment is needed, and it may hold secrets.
      env: {},
    });
    worker.on('message', ({ id, matches }: BcryptAnswer) => {
      const waiting = this.#busy.get(worker);
      if (waiting?.question.id !== id) return;
      this.#busy.delete(worker);
      worker.unref();
      this.#idle.push(worker);
      if (matches === undefined) waiting.reject(unavailable('A hash of the password file cannot be read'));
      else waiting.resolve(matches);
      this.#next();
    });
    worker.on('error', (cause) => this.#lost(worker, cause));
    worker.on('exit', () => this.#lost(worker, undefined));
    worker.unref();
    return worker;
  }

  #lost(worker: Worker, cause: unknown): void {
    const at = this.#idle.indexOf(worker);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#busy.get(worker)?.reject(unavailable('A thread that verified a password ended early', cause));
    this.#busy.delete(worker);
    this.#next();
  }
}

/** Beside this file, in source as in the bundle. */
function workerUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './bcrypt-worker.ts' : './bcrypt-worker.js', import.meta.url);
}

function unavailable(message: string, cause?: unknown): RegistryAuthError {
  return new RegistryAuthError('AUTH_UNAVAILABLE', message, {
    retryAfterSeconds: 1,
    ...(cause === undefined ? {} : { cause }),
  });
}
