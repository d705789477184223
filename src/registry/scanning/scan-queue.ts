import type { Digest } from '../../oci/digest.ts';
import type { TransactionalJobQueue } from '../../store/job/job-queue.ts';
import {
  addScan,
  findEvidence,
  findScan,
  moveScan,
  postponeScan,
  resetScan,
  type ScanRow,
} from '../../store/metadata/scans.ts';
import type { SqlDatabase, SqlQueries } from '../../store/sql/database.ts';
import type { Clock } from '../../net/clock.ts';
import { permanentFailures, type UnscannableCode } from '../../scan/process/error.ts';
import type { EvidenceCache } from './evidence-cache.ts';
import type { ScanEvidence } from './evidence.ts';
import { scanningLimits } from './limits.ts';

/** Who wants a scan: a client that waits for it, somebody who pushed the image, or this program for its own reasons. */
export type ScanPriority = 'client' | 'push' | 'rescan';

/** What is known of an image. */
export type ScanStatus =
  | { readonly kind: 'known'; readonly evidence: ScanEvidence }
  /** It waits for its scan, or is being scanned. */
  | { readonly kind: 'pending' }
  /** It could not be scanned. */
  | {
      readonly kind: 'failed';
      readonly code: UnscannableCode;
      readonly message: string;
      /** Milliseconds since 1970. */
      readonly at: number;
    }
  /** Nobody asked for its scan. */
  | { readonly kind: 'absent' };

/** The queue of jobs. */
export const scanJobs = 'scan';

/**
 * Jobs are taken by their time, so that one of a higher priority has an earlier one: what waits for longer than the distance, which is
 * more than a hundred days, comes before it.
 */
const advance: Readonly<Record<ScanPriority, number>> = { client: 2e10, push: 1e10, rescan: 0 };

/** What is said of a scan that gave way, and of a place that has the image and not its content, or not yet. */
const slow: UnscannableCode = 'CONTENT_SLOW';
const unavailable: readonly UnscannableCode[] = ['CONTENT_UNAVAILABLE', slow];

/** What the queue needs. */
export interface ScanQueueParts {
  readonly database: SqlDatabase;
  readonly jobs: Pick<TransactionalJobQueue, 'addWithin' | 'wake'>;
  readonly evidence: EvidenceCache;
  readonly clock: Clock;
}

/**
 * Images that are to be scanned: each once, however many ask for it, in however many processes. What was asked for lies in the
 * database and is done, whichever process ends.
 */
export class ScanQueue {
  readonly #parts: ScanQueueParts;
  readonly #asking = new Map<string, Promise<ScanStatus>>();
  readonly #waiting = new Map<Digest, Set<() => void>>();

  constructor(parts: ScanQueueParts) {
    this.#parts = parts;
  }

  /** What is known of an image, by its manifest's digest. @throws StoreError */
  async find(digest: Digest): Promise<ScanStatus> {
    const { database, evidence } = this.#parts;
    const known = await evidence.find(digest);
    if (known !== undefined) return { kind: 'known', evidence: known };
    return statusOf(await findScan(database, digest));
  }

  /**
   * Asks for the scan of an image, unless it is known, or failed in a way that another attempt would not change. The same again changes
   * nothing, but for a higher priority.
   *
   * @param repository where it may be read
   * @throws StoreError
   */
  request(digest: Digest, repository: string, priority: ScanPriority): Promise<ScanStatus> {
    const key = `${priority} ${digest}`;
    let asking = this.#asking.get(key);
    if (asking === undefined) {
      asking = this.#request(digest, repository, priority).finally(() => this.#asking.delete(key));
      this.#asking.set(key, asking);
    }
    return asking;
  }

  /**
   * The same in a transaction of the caller: there is no image that came by it without its scan being asked for. Workers begin when they
   * look next, or are woken.
   *
   * @returns whether it is known already
   */
  async requestWithin(
    queries: SqlQueries,
    digest: Digest,
    repository: string,
    priority: Exclude<ScanPriority, 'rescan'>,
  ): Promise<boolean> {
    if ((await findEvidence(queries, digest)) !== undefined) return true;
    await this.#ask(queries, digest, repository, priority, this.#parts.clock.now());
    return false;
  }

  /**
   * Says of an image that nobody has tried yet that its content does not come, so that whichever process takes it gives it back to those
   * that can be scanned. Nothing is changed for one that is being scanned, or was.
   *
   * @throws StoreError
   */
  async postpone(digest: Digest): Promise<void> {
    const { database, clock } = this.#parts;
    const now = clock.now();
    const message = 'The content of the image does not come, and others go before it';
    const postponed = { code: slow, message, retryAt: now + scanningLimits.slowDelay };
    await database.transaction((queries) => postponeScan(queries, digest, postponed, now), { durable: false });
  }

  /**
   * Waits until an image is known or has failed, whichever process scans it.
   *
   * @throws the signal's reason; StoreError
   */
  async wait(digest: Digest, signal: AbortSignal): Promise<ScanStatus> {
    for (;;) {
      signal.throwIfAborted();
      const told = this.#hear(digest);
      try {
        const status = await this.find(digest);
        if (status.kind !== 'pending') return status;
        await this.#askAgain(digest);
        const over = new AbortController();
        const pause = this.#parts.clock.sleep(scanningLimits.waitTime, AbortSignal.any([signal, over.signal]));
        await Promise.race([told.promise, pause.catch(() => undefined)]);
        over.abort();
      } finally {
        told.stop();
      }
    }
  }

  /** Lets those go on who wait for an image, and looks for what came of it. */
  tell(digest: Digest): void {
    for (const wake of this.#waiting.get(digest) ?? []) wake();
  }

  /** Adds the job of a scan, in a transaction of the caller. */
  async addJob(
    queries: SqlQueries,
    scan: Pick<ScanRow, 'claims'>,
    digest: Digest,
    priority: ScanPriority,
    at: number = this.#parts.clock.now(),
  ): Promise<void> {
    // After each attempt a new job may be added, even while that of a process that is gone has not expired.
    const key = `${priority}:${scan.claims}:${digest}`;
    await this.#parts.jobs.addWithin(
      queries,
      scanJobs,
      { digest },
      { key, runAt: Math.max(0, at - advance[priority]) },
    );
  }

  /** A scan that gave way to others comes back behind all that nobody waits for; whoever does asks for it when it may begin. */
  async #askAgain(digest: Digest): Promise<void> {
    const { database, clock } = this.#parts;
    const scan = await findScan(database, digest);
    if (scan?.state !== 'waiting' || scan.code !== slow || scan.retryAt > clock.now()) return;
    await this.request(digest, scan.repository, 'client');
  }

  async #request(digest: Digest, repository: string, priority: ScanPriority): Promise<ScanStatus> {
    const { database, jobs, evidence, clock } = this.#parts;
    const known = await evidence.find(digest);
    if (known !== undefined && priority !== 'rescan') return { kind: 'known', evidence: known };
    const now = clock.now();
    const wanted = await database.transaction((queries) => this.#ask(queries, digest, repository, priority, now));
    if (wanted) jobs.wake(scanJobs);
    return known === undefined ? statusOf(await findScan(database, digest)) : { kind: 'known', evidence: known };
  }

  /** @returns whether a job was added */
  async #ask(
    queries: SqlQueries,
    digest: Digest,
    repository: string,
    priority: ScanPriority,
    now: number,
  ): Promise<boolean> {
    await addScan(queries, digest, repository, now);
    // One place that has not what the image names must keep nobody from it who asks for it elsewhere.
    if (priority !== 'rescan') {
      for (const code of unavailable) await moveScan(queries, digest, repository, code, now);
    }
    let scan = (await findScan(queries, digest)) as ScanRow;
    if (scan.state === 'done' || scan.state === 'failed') {
      if (!mayRetry(scan, priority, now)) return false;
      await resetScan(queries, digest, repository, now);
      scan = (await findScan(queries, digest)) as ScanRow;
    }
    if (scan.state === 'running' && scan.leaseUntil > now) return false;
    if (scan.retryAt > now) return false;
    // Before a scan that gave way go those that nobody has tried yet, so that many slow images hold up a new one once and not again and again.
    await this.addJob(queries, scan, digest, scan.code === slow && priority === 'client' ? 'push' : priority, now);
    return true;
  }

  #hear(digest: Digest): { readonly promise: Promise<void>; readonly stop: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const listeners = this.#waiting.get(digest) ?? new Set();
    this.#waiting.set(digest, listeners.add(resolve));
    return {
      promise,
      stop: () => {
        listeners.delete(resolve);
        if (listeners.size === 0 && this.#waiting.get(digest) === listeners) this.#waiting.delete(digest);
      },
    };
  }
}

/** Whether somebody who asks gets another scan of what was done or failed. */
function mayRetry({ state, code, updatedAt }: ScanRow, priority: ScanPriority, now: number): boolean {
  // Without evidence, or for a new version of this program.
  if (state === 'done' || priority === 'rescan') return true;
  if (code === 'IMAGE_GONE') return true;
  const known = code as UnscannableCode;
  const time = unavailable.includes(known) ? scanningLimits.unavailableTime : scanningLimits.failureTime;
  return !permanentFailures.has(known) && now - updatedAt >= time;
}

function statusOf(scan: ScanRow | undefined): ScanStatus {
  if (scan === undefined) return { kind: 'absent' };
  if (scan.state !== 'failed') return { kind: 'pending' };
  const { code, message, updatedAt } = scan;
  return { kind: 'failed', code: code as UnscannableCode, message: message ?? '', at: updatedAt };
}
