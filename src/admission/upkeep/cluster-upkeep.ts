import { mapBounded } from '../../base/concurrency.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import type { Clock } from '../../net/clock.ts';
import { BackgroundScan } from '../background/background-scan.ts';
import type { EventReference } from '../event/model.ts';
import { EventWriter } from '../event/event-writer.ts';
import { PolicyStatuses } from '../policies/policy-statuses.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { ReportWriter } from '../report/report-writer.ts';
import type { ResourceJudgeParts } from '../resource/judge-resource.ts';
import type { JudgedReview } from '../service/review-judge.ts';
import { describePolicy } from './describe-policy.ts';
import type { UpkeepMetrics } from './metrics.ts';
import type { ResourceSubject } from '../../policy/resource/model.ts';

/** What is done in a cluster beside answers. */
export interface UpkeepSettings {
  readonly reports: boolean;
  readonly events: boolean;
  /** Milliseconds from one look over what runs to the next; nobody looks where it is absent. */
  readonly background?: number;
}

/** What a {@link ClusterUpkeep} works with. */
export interface UpkeepParts {
  readonly client: KubernetesClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: UpkeepMetrics;
  /** Of this process: the name of its Pod. */
  readonly identity: string;
  readonly leads: () => boolean;
}

/** The policies, and the objects that they were read from, where they are objects of the cluster. */
export interface UpkeepPolicies {
  readonly set: Pick<PolicySet, 'policies' | 'mistakes' | 'isLoaded' | 'onChange'>;
  readonly objects: () => Iterable<KubernetesObject>;
  readonly find: (policy: string) => KubernetesObject | undefined;
}

/** How what runs is judged. */
export interface UpkeepJudge {
  readonly resource: ResourceJudgeParts;
  readonly passesOver: (subject: ResourceSubject) => boolean;
}

/**
 * What a webhook does in its cluster beside answers: it says of policies whether they count, reports what breaks them, tells of it by
 * events, and looks over what runs already. No review waits for any of that.
 */
export class ClusterUpkeep {
  readonly #settings: UpkeepSettings;
  readonly #parts: UpkeepParts;
  readonly #events: EventWriter;
  readonly #reports: ReportWriter;
  #policies: UpkeepPolicies | undefined;
  #statuses: PolicyStatuses | undefined;

  constructor(settings: UpkeepSettings, parts: UpkeepParts) {
    const { client, clock, logger, metrics, identity } = parts;
    this.#settings = settings;
    this.#parts = parts;
    this.#events = new EventWriter({
      client,
      clock,
      logger,
      identity,
      findPolicy: (policy) => referenceOf(this.#policies?.find(policy)),
      observe: metrics.told,
    });
    this.#reports = new ReportWriter({
      client,
      clock,
      logger,
      // Until policies are known, none is known to be gone.
      isPolicy: (policy) => this.#policies?.set.policies.some(({ id }) => id === policy) ?? true,
      describe: (policy) => describePolicy(this.#policies?.find(policy)),
      observe: metrics.reported,
    });
  }

  /** Takes what came of a review (`ReviewJudgeParts.onJudged`). */
  judged(judged: JudgedReview): void {
    if (this.#settings.events) this.#events.judged(judged);
    if (this.#settings.reports) this.#reports.judged(judged);
  }

  /** What could not be written before, for one who leads now. */
  nudge(): void {
    this.#statuses?.nudge();
  }

  /** Does all of it until the signal is aborted. */
  async run(policies: UpkeepPolicies, judge: UpkeepJudge, signal: AbortSignal): Promise<void> {
    this.#policies = policies;
    const { reports, events, background } = this.#settings;
    const statuses = this.#openStatuses(policies);
    this.#statuses = statuses;
    const scan = background === undefined ? undefined : this.#openScan(policies, judge, background);
    const end = policies.set.onChange(() => {
      statuses.nudge();
      scan?.policiesChanged();
    });
    try {
      const works = [
        ...(events ? [this.#events] : []),
        ...(reports || scan !== undefined ? [this.#reports] : []),
        ...(scan === undefined ? [] : [scan]),
        statuses,
      ];
      await mapBounded(works, works.length, async (work) => await work.run(signal));
    } finally {
      end();
    }
  }

  #openStatuses({ set, objects }: UpkeepPolicies): PolicyStatuses {
    const { client, clock, logger, leads } = this.#parts;
    return new PolicyStatuses({
      client,
      clock,
      logger,
      leads,
      objects,
      mistakes: () => (set.isLoaded ? set.mistakes : undefined),
    });
  }

  #openScan({ set }: UpkeepPolicies, { resource, passesOver }: UpkeepJudge, interval: number): BackgroundScan {
    const { client, clock, logger, leads, metrics } = this.#parts;
    return new BackgroundScan({
      ...resource,
      client,
      clock,
      logger,
      leads: () => leads() && set.isLoaded,
      policies: () => set.policies,
      passesOver,
      interval,
      reports: this.#settings.reports ? this.#reports : { scanned: () => Promise.resolve() },
      observe: (counts) => metrics.lookedOver(counts, clock.now()),
    });
  }
}

function referenceOf(object: KubernetesObject | undefined): EventReference | undefined {
  if (object === undefined) return undefined;
  const { apiVersion, kind, metadata } = object;
  const { name, namespace, uid } = metadata;
  return {
    apiVersion,
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
}
