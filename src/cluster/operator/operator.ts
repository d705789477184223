import { errorMessage, isSeaworthyError } from '../../base/error.ts';
import type { Logger } from '../../base/logger.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import type { ResourceType } from '../../kubernetes/model.ts';
import type { Clock } from '../../net/clock.ts';
import type { DatabaseWatch } from '../../scan/process/database-watch.ts';
import { permanentFailures, UnscannableError } from '../../scan/process/error.ts';
import { operatorLimits as limits } from './limits.ts';
import type { ReportTarget, RunningImage } from './model.ts';
import { makePlan, type Plan } from './plan.ts';
import { KnownReports } from './report/known-reports.ts';
import { sbomReports, vulnerabilityReports } from './report/report-types.ts';
import { sbomReport } from './report/sbom-report.ts';
import { vulnerabilityReport } from './report/vulnerability-report.ts';
import { ReportWriter, type WriteOutcome } from './report/write-reports.ts';
import { ImageBook } from './scan/image-book.ts';
import type { ImageScanner } from './scan/image-scanner.ts';
import type { KeptImages } from './scan/kept-images.ts';
import { FollowAll, type Followed } from './watch/follow-all.ts';
import { jobs, nodes, pods } from './watch/followed-types.ts';
import { reportTargets, type WantedReports } from './watch/report-targets.ts';
import { JobOwners, NodePlatforms, RunningPods } from './watch/running-pods.ts';

/** What an operator is told. */
export interface OperatorSettings {
  /** Images that are looked at, at a time. */
  readonly width: number;
  /** Milliseconds after which everything is looked up again, and reports say so. */
  readonly age: number;
  readonly sboms: boolean;
  readonly hasNamespace: (namespace: string) => boolean;
  /** Of this program. */
  readonly version: string;
}

/** What an operator works with. */
export interface OperatorParts {
  readonly client: Pick<KubernetesClient, 'list' | 'watch' | 'patch' | 'remove'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly leads: () => boolean;
  readonly scanner: Pick<ImageScanner, 'look' | 'bill'>;
  readonly kept: Pick<KeptImages, 'findings' | 'evict' | 'signature'>;
  readonly database: Pick<DatabaseWatch, 'look' | 'builtAt'>;
  readonly wrote: (type: ResourceType, outcome: WriteOutcome) => void;
  /** An image could not be looked at. */
  readonly failed: (code: string) => void;
}

/** What an operator knows, for whoever tells of it. */
export interface OperatorState {
  readonly wanted: WantedReports;
  readonly book: ImageBook;
  readonly foreign: Plan['foreign'];
  /** Objects that are not looked at, since there are too many. */
  readonly left: number;
  readonly behind: FollowAll['behind'];
  readonly builtAt: number | undefined;
}

/** What an operator holds. */
export type HeldKind =
  | 'pods'
  | 'pod forms'
  | 'jobs'
  | 'nodes'
  | 'reports'
  /** Written, and not told of yet. */
  | 'reports unseen'
  | 'reports to remove'
  | 'writes'
  | 'failed writes'
  | 'images';

const nothing: WantedReports = { targets: new Map(), images: new Map() };

/**
 * Keeps the reports of a cluster as they should be. It follows what runs and which reports there are, and compares them whenever something
 * changed; so whatever was missed or done half is seen the next time. It holds no truth of its own: a start begins with what reports say.
 */
export class Operator {
  readonly #settings: OperatorSettings;
  readonly #parts: OperatorParts;
  readonly #pods = new RunningPods();
  readonly #jobs = new JobOwners();
  readonly #nodes = new NodePlatforms();
  readonly #reports = new KnownReports();
  readonly #sboms = new KnownReports();
  readonly #follow: FollowAll;
  readonly #writer: ReportWriter;
  readonly #book = new ImageBook();
  readonly #looking = new Set<string>();
  readonly #tasks = new Set<Promise<void>>();
  /** Since when reports are about nothing that runs, by type and key. */
  readonly #gone = new Map<string, number>();
  /** While this process leads. */
  #term: AbortController | undefined;
  #wanted = nothing;
  #queue: RunningImage[] = [];
  #foreign: Plan['foreign'] = { reports: 0, sboms: 0 };
  #databaseAt = Number.NEGATIVE_INFINITY;
  #evictedAt = Number.NEGATIVE_INFINITY;
  #isNudged = false;
  #wake: () => void = () => undefined;

  constructor(settings: OperatorSettings, parts: OperatorParts) {
    this.#settings = settings;
    this.#parts = parts;
    const { client, clock, logger } = parts;
    this.#writer = new ReportWriter({ client, clock, logger, observe: parts.wrote });
    const of = (
      type: ResourceType,
      facts: Pick<Followed, 'transform'> & { readonly take: Followed['take'] },
      metadataOnly = true,
    ): Followed => ({
      type,
      metadataOnly,
      transform: facts.transform,
      take: (change) => facts.take(change),
    });
    this.#follow = new FollowAll(
      [
        of(pods, this.#pods, false),
        of(jobs, this.#jobs),
        of(nodes, this.#nodes),
        of(vulnerabilityReports, this.#reports),
        ...(settings.sboms ? [of(sbomReports, this.#sboms)] : []),
      ],
      { client, clock, logger, changed: () => this.nudge() },
    );
  }

  /** Why it does nothing yet: what it does not know. */
  get notReady(): readonly string[] {
    return [...this.#follow.unknown, ...(this.#parts.database.builtAt === undefined ? ['database'] : [])];
  }

  get state(): OperatorState {
    return {
      wanted: this.#wanted,
      book: this.#book,
      foreign: this.#foreign,
      left: this.#pods.left + this.#jobs.left + this.#nodes.left,
      behind: this.#follow.behind,
      builtAt: this.#parts.database.builtAt,
    };
  }

  /** How many things are held, by what they are: what only grows here would in time take all memory. */
  get held(): Readonly<Record<HeldKind, number>> {
    return {
      pods: this.#pods.size,
      'pod forms': this.#pods.forms,
      jobs: this.#jobs.size,
      nodes: this.#nodes.size,
      reports: this.#reports.size + this.#sboms.size,
      'reports unseen': this.#reports.unseen + this.#sboms.unseen,
      'reports to remove': this.#gone.size,
      writes: this.#writer.size,
      'failed writes': this.#writer.failed,
      images: this.#book.size,
    };
  }

  /** The report about a container that is there, if it is ours. */
  isReported(key: string): boolean {
    return this.#reports.get(key)?.isOwn === true;
  }

  /** Looks soon whether there is something to do. */
  nudge(): void {
    this.#isNudged = true;
    this.#wake();
  }

  /** Works until the signal is aborted; what is under way is then given up. */
  async run(signal: AbortSignal): Promise<void> {
    const ended = (): void => this.#term?.abort(signal.reason);
    signal.addEventListener('abort', ended, { once: true });
    await Promise.all([this.#follow.run(signal), this.#loop(signal)]);
    await Promise.all(this.#tasks);
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    while (!signal.aborted) {
      this.#lookOver();
      const rest = new AbortController();
      this.#wake = () => rest.abort();
      if (this.#isNudged) rest.abort();
      await clock.sleep(limits.lookTime, AbortSignal.any([signal, rest.signal])).catch(() => undefined);
      this.#isNudged = false;
      await clock.sleep(limits.settleTime, signal).catch(() => undefined);
    }
  }

  #lookOver(): void {
    const { clock, database, leads } = this.#parts;
    if (clock.monotonic() - this.#databaseAt >= limits.databaseTime) {
      this.#databaseAt = clock.monotonic();
      database.look();
    }
    if (!leads()) {
      this.#term?.abort(new Error('another process leads'));
      this.#term = undefined;
      this.#wanted = nothing;
      this.#book.clear();
      this.#queue = [];
      return;
    }
    // What is not known is not nothing.
    if (this.#follow.unknown.length > 0) return;
    this.#term ??= new AbortController();
    this.#act(this.#term.signal);
  }

  #act(signal: AbortSignal): void {
    const { clock, database, kept } = this.#parts;
    const { age, sboms, version, hasNamespace } = this.#settings;
    const now = clock.now();
    this.#wanted = reportTargets({ pods: this.#pods, jobs: this.#jobs, nodes: this.#nodes, hasNamespace });
    this.#book.keepOnly(this.#wanted.images);
    this.#tidy(now);
    const plan = makePlan({
      wanted: this.#wanted,
      book: this.#book,
      reports: this.#reports,
      ...(sboms ? { sboms: this.#sboms } : {}),
      scanSignature: kept.signature,
      scanner: { version },
      builtAt: database.builtAt,
      now,
      age,
    });
    this.#foreign = plan.foreign;
    this.#queue = plan.looks.filter(({ key: image }) => !this.#looking.has(image));
    this.#lookOn(signal);
    for (const key of plan.reports) this.#write(vulnerabilityReports, key, signal);
    for (const key of plan.sboms) this.#write(sbomReports, key, signal);
    // What is not known to be gone may be there.
    if (this.#follow.behind.size > 0) return;
    this.#removeGone(vulnerabilityReports, this.#reports, now, signal);
    if (sboms) this.#removeGone(sbomReports, this.#sboms, now, signal);
  }

  #tidy(now: number): void {
    const { clock, kept } = this.#parts;
    this.#pods.tidy();
    this.#reports.tidy(now);
    this.#sboms.tidy(now);
    this.#writer.tidy();
    if (clock.monotonic() - this.#evictedAt < limits.goneTime) return;
    this.#evictedAt = clock.monotonic();
    this.#begin(kept.evict());
  }

  #begin(task: Promise<void>): void {
    const done = task
      .catch((error: unknown) => this.#parts.logger.error('Something was not done; it is tried again', { error }))
      .finally(() => this.#tasks.delete(done));
    this.#tasks.add(done);
  }

  /** Begins with as many images as may be looked at together. */
  #lookOn(signal: AbortSignal): void {
    while (this.#looking.size < this.#settings.width && !signal.aborted) {
      const image = this.#queue.shift();
      if (image === undefined) return;
      this.#begin(this.#look(image, signal));
    }
  }

  async #look(image: RunningImage, signal: AbortSignal): Promise<void> {
    const { clock, logger, scanner, failed } = this.#parts;
    this.#looking.add(image.key);
    try {
      const { found } = await scanner.look(image, signal);
      this.#book.put(image.key, found);
    } catch (error) {
      if (signal.aborted) return;
      const code = isSeaworthyError(error) ? error.code : 'FAILED';
      const isPermanent = error instanceof UnscannableError && permanentFailures.has(error.code);
      this.#book.fail(image.key, code, clock.now(), { isPermanent, age: this.#settings.age });
      failed(code);
      const { registry, repository } = image.places[0]?.reference ?? { registry: '', repository: '' };
      const name = `${registry}/${repository}@${image.digest}`;
      logger.warn('An image could not be looked at; it is tried again', {
        image: name,
        code,
        reason: errorMessage(error),
      });
    } finally {
      this.#looking.delete(image.key);
      this.#lookOn(signal);
      this.nudge();
    }
  }

  #write(type: ResourceType, key: string, signal: AbortSignal): void {
    if (!this.#writer.isFree(type, key)) return;
    const known = type === sbomReports ? this.#sboms : this.#reports;
    const make = type === sbomReports ? this.#makeSbom : this.#makeReport;
    const made = this.#writer.write(
      type,
      key,
      known,
      async () => {
        if (!this.#parts.leads()) return undefined;
        // What is wanted may be another by now.
        const target = this.#wanted.targets.get(key);
        return target === undefined ? undefined : await make(target, signal);
      },
      signal,
    );
    this.#begin(made.then(() => undefined));
  }

  readonly #makeReport = async (target: ReportTarget): Promise<ReturnType<typeof vulnerabilityReport> | undefined> => {
    const found = this.#book.found(target.image);
    if (found === undefined) return undefined;
    const findings = await this.#parts.kept.findings(target.image);
    if (findings?.revision !== found.revision) {
      // It was kept by another process, or nowhere.
      this.#book.miss(target.image);
      this.nudge();
      return undefined;
    }
    return vulnerabilityReport(target, found, findings, { version: this.#settings.version });
  };

  readonly #makeSbom = async (
    target: ReportTarget,
    signal: AbortSignal,
  ): Promise<ReturnType<typeof sbomReport> | undefined> => {
    const { clock, kept, scanner } = this.#parts;
    const bill = await scanner.bill(target.image, signal);
    if (bill !== undefined) {
      const how = { scanSignature: kept.signature, checkedAt: clock.now() };
      return sbomReport(target, bill, how, { version: this.#settings.version });
    }
    this.#book.miss(target.image);
    this.nudge();
    return undefined;
  };

  /** Reports of what runs nowhere go, but for those of Jobs: what they ran is theirs as long as they are there. */
  #removeGone(type: ResourceType, known: KnownReports, now: number, signal: AbortSignal): void {
    const { targets } = this.#wanted;
    const prefix = `${type.resource} `;
    // Whoever removed them: what is not there any more is no longer waited for.
    for (const name of this.#gone.keys()) {
      if (name.startsWith(prefix) && known.get(name.slice(prefix.length)) === undefined) this.#gone.delete(name);
    }
    for (const [key, { isOwn, owner, uid }] of known.pairs()) {
      const name = `${prefix}${key}`;
      const isKept = !isOwn || targets.has(key) || owner.kind === 'Job' || owner.kind === 'CronJob';
      if (isKept) {
        this.#gone.delete(name);
        continue;
      }
      const since = this.#gone.get(name);
      if (since === undefined) this.#gone.set(name, now);
      else if (now - since >= limits.goneTime && this.#writer.isFree(type, key)) {
        this.#gone.delete(name);
        this.#begin(this.#writer.remove(type, key, uid, signal).then(() => undefined));
      }
    }
  }
}
