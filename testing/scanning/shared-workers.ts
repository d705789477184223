import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { systemClock } from '../../src/net/clock.ts';
import { type PoolWork, ScanPool } from '../../src/scan/process/pool/scan-pool.ts';
import type { WorkerOptions } from '../../src/scan/process/pool/worker-process.ts';
import { workerProgram } from '../../src/scan/process/pool/worker-program.ts';

/** A pool whose processes belong to somebody else. */
class BorrowedPool extends ScanPool {
  readonly #owner: ScanPool;

  constructor(owner: ScanPool, options: WorkerOptions) {
    super(0, options);
    this.#owner = owner;
  }

  override get isWanted(): boolean {
    return this.#owner.isWanted;
  }

  override use<Result>(work: PoolWork<Result>): Promise<Result> {
    return this.#owner.use(work);
  }
}

const files = join(tmpdir(), `seaworthy-scan-files-${process.pid}`);
const options: WorkerOptions = {
  program: workerProgram(),
  memoryBytes: 2 ** 30,
  cores: 2,
  readable: [tmpdir()],
  writable: [],
  files,
  clock: systemClock,
  logger: silentLogger,
};
const owner = new ScanPool(2, options);
after(async () => {
  await owner[Symbol.asyncDispose]();
  await rm(files, { recursive: true, force: true });
});

/** Where a registry's workers come from. */
export type SharedWorkers = () => ScanPool;

/**
 * Lends the same processes to the registries of all tests, one after another, as one registry uses them again: a worker takes far longer to
 * start than to scan what tests scan. They may read whatever tests write; what workers may not read is tested with others.
 */
export const sharedWorkers: SharedWorkers = () => new BorrowedPool(owner, options);
