import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import type { RegistryConfig } from '../config/model.ts';
import { WorkerError } from './error.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import { workerLimits } from './limits.ts';

interface Question {
  readonly resolve: (answer: FromWorker) => void;
  readonly reject: (error: WorkerError) => void;
}

/** One of the processes that serve, as the first process sees it. */
export class WorkerProcess {
  readonly #worker: Worker;
  readonly #questions = new Map<number, Question>();
  #asked = 0;
  #isOver = false;
  /** Resolves when the process is gone, and says how. */
  readonly ended: Promise<string>;

  /** Starts one. What it runs was told to `node:cluster` before. @param env laid over the environment of this process */
  constructor(env: Readonly<Record<string, string>>) {
    this.#worker = cluster.fork(env);
    // A message to a process that just ended fails; that it ended is heard of anyway.
    this.#worker.on('error', () => undefined);
    this.ended = once(this.#worker, 'exit').then(([status, signal]) => {
      const how = signal === null ? `with status ${String(status)}` : `by ${String(signal)}`;
      this.#fail(`A process of the registry ended ${how}`);
      return how;
    });
    this.#worker.on('message', (message: FromWorker) => {
      if (message.kind === 'awake' || message.kind === 'serving') this.#settle(0, message);
      else this.#settle(message.id ?? 0, message);
    });
  }

  get pid(): number | undefined {
    return this.#worker.process.pid;
  }

  /** Lets it serve; gives how it is reached. @throws WorkerError WORKER_FAILED */
  async start(config: RegistryConfig, surroundings: unknown): Promise<string> {
    await this.#hear(0, workerLimits.startTime);
    const serving = this.#hear(0, workerLimits.startTime);
    this.#send({ kind: 'start', config, surroundings });
    const answer = await serving;
    return answer.kind === 'serving' ? answer.url : '';
  }

  /** Lets it take another configuration. @throws WorkerError WORKER_FAILED */
  async apply(config: RegistryConfig, isFirst: boolean): Promise<void> {
    await this.#ask((id) => ({ kind: 'apply', id, config, isFirst }), workerLimits.applyTime);
  }

  /** Lets it count a configuration that was refused. */
  refused(): void {
    this.#send({ kind: 'refused' });
  }

  /** What it counted. @param lookUp whether with what is looked up, which is the same for all */
  async measure(lookUp: boolean): Promise<readonly object[]> {
    const answer = await this.#ask((id) => ({ kind: 'measure', id, lookUp }), workerLimits.measureTime);
    return answer.kind === 'done' ? (answer.snapshot ?? []) : [];
  }

  /** Lets running requests end, and waits until it is gone. */
  async stop(): Promise<void> {
    const timer = setTimeout(() => this.kill(), workerLimits.stopTime);
    this.#send({ kind: 'stop' });
    await this.ended;
    clearTimeout(timer);
  }

  kill(): void {
    this.#worker.process.kill('SIGKILL');
  }

  #ask(message: (id: number) => ToWorker, time: number): Promise<FromWorker> {
    this.#asked += 1;
    const answer = this.#hear(this.#asked, time);
    this.#send(message(this.#asked));
    return answer;
  }

  #hear(id: number, time: number): Promise<FromWorker> {
    if (this.#isOver) throw new WorkerError('WORKER_FAILED', 'A process of the registry ended');
    return new Promise((resolve, reject) => {
      const late = new WorkerError('WORKER_FAILED', 'A process of the registry does not answer; look at its machine');
      const timer = setTimeout(() => this.#questions.get(id)?.reject(late), time);
      const over = (): void => {
        clearTimeout(timer);
        this.#questions.delete(id);
      };
      this.#questions.set(id, {
        resolve: (answer) => {
          over();
          resolve(answer);
        },
        reject: (error) => {
          over();
          reject(error);
        },
      });
    });
  }

  #settle(id: number, answer: FromWorker): void {
    const question = this.#questions.get(id);
    if (answer.kind === 'failed') question?.reject(new WorkerError('WORKER_FAILED', answer.message));
    else question?.resolve(answer);
  }

  #fail(message: string): void {
    this.#isOver = true;
    for (const { reject } of this.#questions.values()) reject(new WorkerError('WORKER_FAILED', message));
  }

  #send(message: ToWorker): void {
    if (this.#worker.isConnected()) this.#worker.send(message);
  }
}
