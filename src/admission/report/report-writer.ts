import { untilAborted } from '../../base/shared-calls.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError, KubernetesError } from '../../kubernetes/error.ts';
import { RateLimit } from '../../net/rate-limit.ts';
import type { Clock } from '../../net/clock.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';
import type { RuleResult } from '../../policy/resource/verdict.ts';
import type { JudgedReview } from '../service/review-judge.ts';
import { reportLimits as limits } from './limits.ts';
import type { PolicyDescription, ReportResult } from './model.ts';
import { type PendingReport, PendingReports } from './pending-reports.ts';
import { reportResults } from './report-results.ts';
import { reportTargetOf } from './report-target.ts';
import { findReportTypes, type ReportTypes } from './report-types.ts';
import { type ReportOutcomeOfWrite, writeReport } from './write-report.ts';

/** What became of results: as they were written, or that they were not, since there was no room or the cluster did not take them. */
export type ReportWritten = ReportOutcomeOfWrite | 'dropped' | 'failed';

/** What a {@link ReportWriter} works with. */
export interface ReportWriterParts {
  readonly client: Pick<KubernetesClient, 'get' | 'create' | 'replace' | 'remove' | 'discover'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether there is a policy of that id. */
  readonly isPolicy: (policy: string) => boolean;
  /** What a policy says of itself, by its id. */
  readonly describe?: (policy: string) => PolicyDescription | undefined;
  readonly observe?: (outcome: ReportWritten) => void;
}

/** What looking over an object brought. */
export interface ScannedObject {
  readonly subject: ResourceSubject;
  /** Every policy that was asked, or that is no more, by its id. */
  readonly asked: readonly string[];
  readonly results: readonly RuleResult[];
}

/**
 * Writes reports about objects, one for each, beside whatever judges them: nothing waits for it but who wants to. Results wait in memory,
 * bounded; those for which there is no room are counted. In a cluster without reports it does nothing.
 */
export class ReportWriter {
  readonly #parts: ReportWriterParts;
  readonly #pending = new PendingReports();
  readonly #rate: RateLimit;
  readonly #told = new Set<string>();
  readonly #waiting = new Set<() => void>();
  #wake: (() => void) | undefined;
  /** Undefined until it is known whether the cluster has reports. */
  #types: { readonly found: ReportTypes | undefined; readonly until: number } | undefined;
  #failures = 0;

  constructor(parts: ReportWriterParts) {
    this.#parts = parts;
    this.#rate = new RateLimit({ qps: limits.perSecond, burst: limits.burst }, parts.clock);
  }

  /** Objects that wait. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * Takes what came of a review (`ReviewJudgeParts.onJudged`). An object that was denied is not there, or is as it was; before the
   * last review, others may change it yet, and it has no uid.
   */
  judged({ subject, verdict, phase, dryRun }: JudgedReview): void {
    if (dryRun || subject.dryRun === true || !verdict.allowed || phase !== 'validate') return;
    if (subject.operation !== 'CREATE' && subject.operation !== 'UPDATE') return;
    const asked = [...new Set(verdict.results.map(({ policy }) => policy))];
    if (asked.length > 0) this.#put({ subject, asked, results: verdict.results });
  }

  /** Takes what looking over an object brought, when there is room for it. @throws the signal's reason */
  async scanned(scanned: ScannedObject, signal: AbortSignal): Promise<void> {
    while (!this.#pending.hasRoom && !this.#hasNone) {
      await untilAborted(new Promise<void>((resolve) => void this.#waiting.add(resolve)), signal);
    }
    this.#put(scanned);
  }

  /** Writes until the signal is aborted. What waits then is lost: the next look over the cluster finds it again. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (this.#pending.size === 0) {
        const woken = new Promise<void>((resolve) => void (this.#wake = resolve));
        await untilAborted(woken, signal).catch(() => undefined);
        continue;
      }
      const pause = await this.flush(signal);
      if (pause > 0) await this.#parts.clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  /** Writes what waits. @returns milliseconds after which it is to be tried again; none where nothing waits any more */
  async flush(signal: AbortSignal): Promise<number> {
    while (this.#pending.size > 0 && !signal.aborted) {
      let pending: PendingReport | undefined;
      try {
        const types = await this.#findTypes(signal);
        if (types === undefined) return 0;
        await this.#rate.take(signal);
        pending = this.#pending.take();
        if (pending === undefined) return 0;
        await this.#write(types, pending, signal);
        this.#failures = 0;
      } catch (error) {
        if (signal.aborted) return 0;
        if (!isKubernetesError(error)) throw error;
        const pause = this.#recover(error, pending);
        if (pause > 0) return pause;
      } finally {
        this.#release();
      }
    }
    return 0;
  }

  get #hasNone(): boolean {
    const types = this.#types;
    return types !== undefined && types.found === undefined && this.#parts.clock.now() < types.until;
  }

  #put({ subject, asked, results }: ScannedObject): void {
    if (this.#hasNone) return;
    const target = reportTargetOf(subject);
    if (target === undefined) return;
    const { clock, describe, observe } = this.#parts;
    const byPolicy = groupResults(asked, reportResults(target, results, { now: clock.now(), describe }));
    if (this.#pending.put({ target, results: byPolicy })) this.#wake?.();
    else {
      observe?.('dropped');
      this.#tell('full', 'Results wait for their reports faster than they can be written; some are left out');
    }
  }

  async #write(types: ReportTypes, pending: PendingReport, signal: AbortSignal): Promise<void> {
    const { client, isPolicy, observe } = this.#parts;
    const outcome = await writeReport({ client, types, isPolicy }, pending, signal);
    observe?.(outcome);
  }

  async #findTypes(signal: AbortSignal): Promise<ReportTypes | undefined> {
    const { client, clock } = this.#parts;
    if (this.#types !== undefined && clock.now() < this.#types.until) return this.#types.found;
    const found = findReportTypes(await client.discover(signal));
    if (found === 'unknown') {
      // What was known before counts on, and nothing is lost by waiting where nothing was.
      if (this.#types?.found !== undefined) return this.#types.found;
      throw new KubernetesError(
        'SERVER_FAILED',
        'The cluster does not tell whether it has reports; see to the server of that group',
      );
    }
    this.#types = { found, until: clock.now() + limits.typesTime };
    if (found === undefined) {
      this.#pending.clear();
      this.#tell('none', 'The cluster has no kind of reports; install wgpolicyk8s.io or openreports.io to have them');
    }
    return found;
  }

  /** What may pass is tried again later; what may not is given up. @returns milliseconds to wait */
  #recover(error: KubernetesError, pending: PendingReport | undefined): number {
    const { observe, clock } = this.#parts;
    // A kind that is gone and a namespace that is gone say the same: which it was is looked up again.
    if (error.code === 'NOT_FOUND') this.#types = undefined;
    const isPassing = passing.has(error.code);
    if (pending !== undefined) {
      pending.tries += 1;
      if (isPassing && pending.tries < limits.failureTries) this.#pending.putBack(pending);
      else observe?.('failed');
    }
    this.#tell(error.code, 'A report cannot be written', error);
    // What is wrong before there is a report at hand is wrong with all of them.
    if (!isPassing && pending !== undefined) return 0;
    this.#failures += 1;
    const own = 1000 * 2 ** Math.min(this.#failures, 10) * (0.5 + clock.random() / 2);
    return Math.min(limits.longestPause, Math.max(own, error.retryAfterMs ?? 0));
  }

  /** Once for each reason, since what is wrong with one report mostly is wrong with all; the counters tell how many. */
  #tell(reason: string, message: string, error?: KubernetesError): void {
    const { logger } = this.#parts;
    const fields = error === undefined ? {} : { error };
    if (this.#told.has(reason)) logger.debug(message, fields);
    else logger.warn(message, fields);
    this.#told.add(reason);
  }

  #release(): void {
    if (!this.#pending.hasRoom) return;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Failures after which the same may succeed. */
const passing: ReadonlySet<KubernetesError['code']> = new Set([
  'UNREACHABLE',
  'UNAUTHORIZED',
  'THROTTLED',
  'SERVER_FAILED',
  'CREDENTIAL_FAILED',
  'CONFLICT',
  'ALREADY_EXISTS',
]);

function groupResults(
  asked: readonly string[],
  results: readonly ReportResult[],
): ReadonlyMap<string, readonly ReportResult[]> {
  const groups = new Map<string, ReportResult[]>(asked.map((policy) => [policy, []]));
  for (const result of results) groups.get(result.policy)?.push(result);
  return groups;
}
