import cluster from 'node:cluster';
import type { Logger } from '../../base/logger.ts';
import type { ProgramCall } from '../../base/single-file.ts';
import type { Clock } from '../../net/clock.ts';
import type { RegistryConfig } from '../config/model.ts';
import { listenAt } from '../../net/listen.ts';
import { createMetricsServer } from '../http/metrics-server.ts';
import { type MetricsAnswer, renderSnapshots } from '../metrics/render-metrics.ts';
import { claimAddress } from './claim-address.ts';
import { restartWait, workerLimits } from './limits.ts';
import { CountedBefore } from './counted-before.ts';
import { WorkerProcess } from './worker-process.ts';

/** How processes that serve are started and kept. */
export interface SuperviseOptions {
  /** How each of them is started. */
  readonly program: ProgramCall;
  /** What is handed to each of them besides the configuration: plain data. */
  readonly surroundings: unknown;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A registry of several processes that listen at one address. */
export interface SupervisedRegistry extends AsyncDisposable {
  readonly url: string;
  readonly metricsUrl: string | undefined;
  /** Lets all of them take over what can change while they run. @throws WorkerError WORKER_FAILED */
  apply(config: RegistryConfig): Promise<void>;
  /** Is told that a changed configuration was refused. */
  refused(): void;
}

/**
 * Starts the processes of a registry, and replaces each that ends; this one serves nothing itself. One is started first: it brings the tables up to date, and
 * what is wrong with the configuration is told once.
 *
 * @throws WorkerError WORKER_FAILED when the first cannot start, ListenError when the address cannot be had
 */
export async function superviseWorkers(config: RegistryConfig, options: SuperviseOptions): Promise<SupervisedRegistry> {
  // Where the system cannot spread connections over several sockets, all processes take them from one that is held here. They are not
  // handed out from here: clients were left hanging when processes were killed.
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({
    exec: options.program.script,
    args: [],
    execArgv: [...options.program.flags],
    serialization: 'advanced',
  });
  await using opened = new AsyncDisposableStack();
  const listen = await claimAddress(config.listen);
  const pool = opened.use(new WorkerPool({ ...config, listen }, options));
  const url = await pool.add();
  await Promise.all(Array.from({ length: config.workers - 1 }, () => pool.add()));
  let metricsUrl: string | undefined;
  if (config.metrics !== undefined) {
    const server = createMetricsServer(() => pool.measure());
    const at = config.metrics.listen;
    metricsUrl = await listenAt(at, () => server.listen({ ...at }));
    opened.defer(() => server.close());
  }
  const kept = opened.move();
  return {
    url,
    metricsUrl,
    apply: (next) => pool.apply({ ...next, listen }),
    refused: () => pool.refused(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

class WorkerPool implements AsyncDisposable {
  readonly #options: SuperviseOptions;
  readonly #serving = new Set<WorkerProcess>();
  readonly #all = new Set<WorkerProcess>();
  readonly #over = new AbortController();
  readonly #before = new CountedBefore();
  #config: RegistryConfig;
  /** Processes that ended soon after their start, since one did not. */
  #failures = 0;

  constructor(config: RegistryConfig, options: SuperviseOptions) {
    this.#config = config;
    this.#options = options;
  }

  /** Starts one, and from then on replaces it when it ends; gives how it is reached. */
  async add(): Promise<string> {
    const { clock, surroundings } = this.#options;
    const worker = new WorkerProcess(this.#options.program.env);
    this.#all.add(worker);
    void worker.ended.then(() => this.#all.delete(worker));
    const since = clock.monotonic();
    try {
      const config = this.#config;
      const url = await worker.start(config, surroundings);
      // It may have changed while it started.
      if (config !== this.#config) await worker.apply(this.#config, false);
      this.#serving.add(worker);
      void worker.ended.then((how) => this.#replace(worker, how, clock.monotonic() - since));
      return url;
    } catch (error) {
      worker.kill();
      throw error;
    }
  }

  async apply(config: RegistryConfig): Promise<void> {
    // What one cannot take, none is given.
    const [first, ...others] = this.#serving;
    await first?.apply(config, true);
    this.#config = config;
    await Promise.all(others.map((worker) => worker.apply(config, false)));
  }

  refused(): void {
    const [first] = this.#serving;
    first?.refused();
  }

  /** What all counted together. What is looked up is the same for all, so that one looks. */
  async measure(): Promise<MetricsAnswer> {
    const workers = [...this.#serving];
    const snapshots = await Promise.all(
      workers.map(async (worker, at) => {
        try {
          const snapshot = await worker.measure(at === 0);
          this.#before.remember(worker, snapshot);
          return snapshot;
        } catch {
          return this.#before.latest(worker);
        }
      }),
    );
    return renderSnapshots([...snapshots, this.#before.gone]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    await Promise.all([...this.#all].map((worker) => worker.stop()));
  }

  async #replace(worker: WorkerProcess, how: string, lived: number): Promise<void> {
    const { logger, clock } = this.#options;
    this.#serving.delete(worker);
    await this.#before.end(worker);
    this.#failures = lived < workerLimits.settled ? this.#failures + 1 : 0;
    while (!this.#over.signal.aborted) {
      const wait = restartWait(this.#failures);
      logger.error('A process of the registry ended and is replaced', { process: worker.pid, how, wait });
      try {
        await clock.sleep(wait, this.#over.signal);
        await this.add();
        return logger.info('A process of the registry serves again in place of one that ended');
      } catch (error) {
        if (this.#over.signal.aborted) return;
        this.#failures += 1;
        logger.error('A process of the registry could not start', { error });
      }
    }
  }
}
