import { BoundedCalls } from '../../../base/concurrency.ts';
import { errorMessage } from '../../../base/error.ts';
import type { Logger } from '../../../base/logger.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isKubernetesError } from '../../../kubernetes/error.ts';
import type { KubernetesObject, ResourceType } from '../../../kubernetes/model.ts';
import type { Clock } from '../../../net/clock.ts';
import { RateLimit } from '../../../net/rate-limit.ts';
import { operatorLimits as limits } from '../limits.ts';
import { pauseAfterFailures } from '../pause.ts';
import { type KnownReports } from './known-reports.ts';
import { fieldManager } from './report-object.ts';

/** What became of a report. `foreign`: there is one of somebody else, which is left alone. */
export type WriteOutcome = 'written' | 'removed' | 'foreign' | 'failed';

/** What writing takes. */
export interface WriterParts {
  readonly client: Pick<KubernetesClient, 'patch' | 'remove'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observe: (type: ResourceType, outcome: WriteOutcome) => void;
}

/** Writes reports, and removes them: each by one request at a time, and all no faster than the cluster should bear. */
export class ReportWriter {
  readonly #parts: WriterParts;
  readonly #calls = new BoundedCalls(limits.writes.width);
  readonly #rate: RateLimit;
  readonly #underWay = new Set<string>();
  readonly #failed = new Map<string, { readonly failures: number; readonly until: number }>();
  readonly #told = new Set<string>();

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#rate = new RateLimit(limits.writes, parts.clock);
  }

  /** Reports that are being written or wait for it. */
  get size(): number {
    return this.#underWay.size;
  }

  /** Reports of which it is remembered that they could not be written or removed. */
  get failed(): number {
    return this.#failed.size;
  }

  /** Forgets failures that nobody came back to: what they are about is not wanted any more. */
  tidy(): void {
    const now = this.#parts.clock.now();
    for (const [name, { until }] of this.#failed) if (until + limits.mostPause < now) this.#failed.delete(name);
  }

  /** Whether something may be done about a report now: nothing is under way, nor did it fail a moment ago. */
  isFree(type: ResourceType, key: string): boolean {
    const name = nameOf(type, key);
    const failed = this.#failed.get(name);
    return !this.#underWay.has(name) && (failed === undefined || failed.until <= this.#parts.clock.now());
  }

  /**
   * Applies a report.
   *
   * @param make gives it when it is its turn; undefined where it is not wanted any more
   * @returns whether it was written; failures are told and tried again later, when whoever wants it asks for it
   */
  async write(
    type: ResourceType,
    key: string,
    known: KnownReports,
    make: () => Promise<KubernetesObject | undefined>,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { client, clock } = this.#parts;
    return await this.#do(type, key, signal, async () => {
      const object = await make();
      if (object === undefined) return undefined;
      // Where another one's is there, its fields are not taken: the cluster refuses that.
      const force = known.get(key)?.isOwn === true;
      await this.#rate.take(signal);
      const { name, namespace } = object.metadata;
      const written = await client.patch(
        type,
        name,
        { kind: 'apply', body: object, force },
        { namespace, fieldManager, signal },
      );
      known.wrote(key, written, clock.now() + limits.goneTime);
      return 'written';
    });
  }

  /** Removes a report of ours, if it is still that one. */
  async remove(type: ResourceType, key: string, uid: string, signal: AbortSignal): Promise<boolean> {
    const { client } = this.#parts;
    return await this.#do(type, key, signal, async () => {
      await this.#rate.take(signal);
      const slash = key.indexOf('/');
      const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
      await client.remove(type, name, { namespace, preconditions: { uid }, signal });
      return 'removed';
    });
  }

  async #do(
    type: ResourceType,
    key: string,
    signal: AbortSignal,
    act: () => Promise<WriteOutcome | undefined>,
  ): Promise<boolean> {
    const name = nameOf(type, key);
    this.#underWay.add(name);
    try {
      const outcome = await this.#calls.run(async () => {
        signal.throwIfAborted();
        return await act();
      });
      this.#failed.delete(name);
      if (outcome !== undefined) this.#parts.observe(type, outcome);
      return outcome !== undefined;
    } catch (error) {
      if (signal.aborted) return false;
      if (!isKubernetesError(error)) throw error;
      const isForeign = isKubernetesError(error, 'CONFLICT');
      this.#fail(name);
      this.#parts.observe(type, isForeign ? 'foreign' : 'failed');
      this.#tell(type, key, isForeign ? 'Somebody else writes a report of that name' : errorMessage(error), error.code);
      return false;
    } finally {
      this.#underWay.delete(name);
    }
  }

  #fail(name: string): void {
    const failures = (this.#failed.get(name)?.failures ?? 0) + 1;
    const { clock } = this.#parts;
    this.#failed.delete(name);
    this.#failed.set(name, { failures, until: clock.now() + pauseAfterFailures(failures) });
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > limits.reports && oldest !== undefined) this.#failed.delete(oldest);
  }

  /** Once for each namespace and reason: where one may not be written, none may. */
  #tell(type: ResourceType, key: string, reason: string, code: string): void {
    const what = `${type.kind} ${key.slice(0, key.indexOf('/'))} ${code}`;
    if (this.#told.has(what)) return;
    if (this.#told.size > 1000) this.#told.clear();
    this.#told.add(what);
    this.#parts.logger.warn('A report was not written; it is tried again', { kind: type.kind, report: key, reason });
  }
}

function nameOf({ resource }: ResourceType, key: string): string {
  return `${resource} ${key}`;
}
