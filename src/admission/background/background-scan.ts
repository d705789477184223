import { mapBounded } from '../../base/concurrency.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isKubernetesError } from '../../kubernetes/error.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/model.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';
import type { ReportWriter } from '../report/report-writer.ts';
import { judgeResource, type ResourceJudgeParts } from '../resource/judge-resource.ts';
import { backgroundLimits as limits } from './limits.ts';
import { runningSubject } from './running-subject.ts';
import { scannedTypes } from './scanned-types.ts';

/** What one look over all found. */
export interface ScanCounts {
  /** Objects that were judged, and those that could not be. */
  readonly seen: number;
  readonly failures: number;
  /** Objects that break a policy, by its id, and those that break any. */
  readonly failing: ReadonlyMap<string, number>;
  readonly failingObjects: number;
}

/** What a {@link BackgroundScan} works with. */
export interface BackgroundScanParts extends ResourceJudgeParts {
  readonly client: Pick<KubernetesClient, 'list'>;
  readonly logger: Logger;
  /** The policies that count now. */
  readonly policies: () => readonly ResourcePolicy[];
  readonly passesOver: (subject: ResourceSubject) => boolean;
  /** Whether this process looks for all. */
  readonly leads: () => boolean;
  readonly reports: Pick<ReportWriter, 'scanned'>;
  /** Milliseconds from one look over all to the next. */
  readonly interval?: number;
  /** Is told what a whole look found. */
  readonly observe?: (counts: ScanCounts) => void;
}

interface Round {
  readonly failing: Map<string, number>;
  failingObjects: number;
  seen: number;
  failures: number;
  /** Where it goes on: the kind, and the last object of it that is done, as the API server sorts them. */
  kind: number;
  after: string;
}

/**
 * Looks over what there is in a cluster, page by page, so that no more than a page is held. One process does it, the leader: one that
 * ceases to lead stops, and goes on where it stopped when it leads again; another begins anew, since where it stopped is in its memory.
 */
export class BackgroundScan {
  readonly #parts: BackgroundScanParts;
  readonly #told = new Set<string>();
  #round: Round | undefined;
  #nextAt = 0;
  #isChanged = false;

  constructor(parts: BackgroundScanParts) {
    this.#parts = parts;
  }

  /** Looks again and again until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const pause = await this.step(signal);
      await this.#parts.clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  /** Other policies count: all is looked over again soon, mostly by what is known of its images, and what is under way is done first. */
  policiesChanged(): void {
    this.#nextAt = 0;
    this.#isChanged = this.#round !== undefined;
  }

  /** Does what is due. @returns milliseconds until the next time */
  async step(signal: AbortSignal): Promise<number> {
    const { clock, interval = limits.interval, leads, observe, logger } = this.#parts;
    if (!leads() || (this.#round === undefined && clock.now() < this.#nextAt)) return limits.look;
    this.#round ??= { failing: new Map(), failingObjects: 0, seen: 0, failures: 0, kind: 0, after: '' };
    try {
      if (!(await this.#goOn(this.#round, signal))) return limits.look;
    } catch (error) {
      if (signal.aborted) return limits.look;
      if (!isKubernetesError(error)) throw error;
      logger.warn('The cluster cannot be looked over now; it goes on where it stopped', { error });
      return Math.max(limits.pause, error.retryAfterMs ?? 0);
    }
    observe?.(this.#round);
    this.#round = undefined;
    this.#nextAt = this.#isChanged ? 0 : clock.now() + interval * (1 + limits.jitter * (clock.random() - 0.5));
    this.#isChanged = false;
    return limits.look;
  }

  /** @returns whether all was looked over */
  async #goOn(round: Round, signal: AbortSignal): Promise<boolean> {
    for (; round.kind < scannedTypes.length; round.kind += 1, round.after = '') {
      const type = scannedTypes[round.kind] as ResourceType;
      try {
        if (!(await this.#lookOver(type, round, signal))) return false;
        this.#told.delete(type.resource);
      } catch (error) {
        // What may not be listed hinders nothing else, and is told.
        if (!isKubernetesError(error, 'FORBIDDEN', 'NOT_FOUND')) throw error;
        if (!this.#told.has(type.resource))
          this.#parts.logger.warn('A kind of objects cannot be looked over', { resource: type.resource, error });
        this.#told.add(type.resource);
      }
    }
    return true;
  }

  async #lookOver(type: ResourceType, round: Round, signal: AbortSignal): Promise<boolean> {
    const { client, leads } = this.#parts;
    // A list that grew too old on the way begins anew by itself: what is done already is passed over.
    for await (const { objects } of client.list(type, { pageSize: limits.pageSize, signal })) {
      if (!leads()) return false;
      const fresh = objects.filter((object) => placeOf(object) > round.after);
      await mapBounded(fresh, limits.width, async (object) => await this.#judge(object, type, round, signal));
      const last = fresh.at(-1);
      if (last !== undefined) round.after = placeOf(last);
    }
    return true;
  }

  async #judge(object: KubernetesObject, type: ResourceType, round: Round, signal: AbortSignal): Promise<void> {
    const { reports, passesOver, logger } = this.#parts;
    const subject = runningSubject(object, type);
    // What a controller made is judged by the controller and by its Pods.
    if ((type.kind === 'ReplicaSet' || type.kind === 'Job') && isControlled(object)) return;
    if (passesOver(subject)) return;
    const policies = this.#parts.policies().filter(({ background }) => background);
    if (policies.length === 0) return;
    try {
      const inTime = AbortSignal.any([signal, AbortSignal.timeout(limits.judgeTime)]);
      const question = { policies, subject, gate: 'audit', pins: false } as const;
      const { results } = await judgeResource(this.#parts, question, inTime);
      round.seen += 1;
      const broken = new Set(results.flatMap(({ outcome, policy }) => (outcome === 'failed' ? [policy] : [])));
      if (broken.size > 0) round.failingObjects += 1;
      for (const policy of broken) round.failing.set(policy, (round.failing.get(policy) ?? 0) + 1);
      await reports.scanned({ subject, asked: policies.map(({ id }) => id), results }, signal);
    } catch (error) {
      signal.throwIfAborted();
      round.failures += 1;
      const { kind, namespace, name } = subject;
      logger.warn('An object cannot be looked over', { kind, namespace, name, error });
    }
  }
}

/** As API servers sort lists: by the key under which objects are kept. */
function placeOf({ metadata: { namespace = '', name } }: KubernetesObject): string {
  return `${namespace}/${name}`;
}

function isControlled({ metadata: { ownerReferences } }: KubernetesObject): boolean {
  return ownerReferences?.some(({ controller }) => controller === true) === true;
}
