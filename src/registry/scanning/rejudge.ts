import type { Logger } from '../../base/logger.ts';
import type { Clock } from '../../net/clock.ts';
import { addFlaws, flawsOf, forgetFlaws, type PackageFlaw, removeFlaws } from '../../store/metadata/package-flaws.ts';
import { countToJudge, imagesToJudge, packageRecords, replaceEvidence } from '../../store/metadata/scan-packages.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { readParts } from '../../scan/process/channel/parts.ts';
import type { Peer } from '../../scan/process/channel/peer.ts';
import type { Question } from '../../scan/process/channel/question.ts';
import { scanningLimits } from './limits.ts';
import { processLimits } from '../../scan/process/limits.ts';
import type { ScanPool } from '../../scan/process/pool/scan-pool.ts';
import type { AssembledImages, WorkerTask } from '../../scan/process/worker/tasks.ts';

/** What judging anew needs. */
export interface RejudgeParts {
  readonly database: SqlDatabase;
  readonly pool: ScanPool;
  /** Folder of the vulnerability database. */
  readonly folder: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Is told how many images are still to be judged. */
  readonly observe: (left: number) => void;
}

/** What was done. */
export interface RejudgeReport {
  /** When the database was built that was asked, in milliseconds since 1970. */
  readonly builtAt: number;
  readonly packages: number;
  readonly images: number;
  readonly milliseconds: number;
}

/** Packages of one question, and of images; statements of one transaction. */
const packagesTogether = 4000;
const imagesTogether = 250;
const writesTogether = 50;
/** A day: the bound is for a worker that hangs, and each question has its answer long before. */
const longest = 3_600_000;

/**
 * Judges all stored images with the vulnerability database as it is now, without reading any layer. Each distinct package is judged
 * once, however many images have it. What was found before counts for each image until the new is there as a whole.
 *
 * @throws UnscannableError; ChannelError with the reason of the database; StoreError; the signal's reason
 */
export function rejudge(parts: RejudgeParts, signal: AbortSignal): Promise<RejudgeReport> {
  return parts.pool.use({ time: longest, signal, run: (peer) => new Rejudging(parts, peer, signal).run() });
}

class Rejudging {
  readonly #parts: RejudgeParts;
  readonly #peer: Peer;
  readonly #signal: AbortSignal;
  readonly #stale: PackageFlaw[] = [];
  /** The last package that was judged. */
  #last = 0;
  #packages = 0;

  constructor(parts: RejudgeParts, peer: Peer, signal: AbortSignal) {
    this.#parts = parts;
    this.#peer = peer;
    this.#signal = signal;
  }

  async run(): Promise<RejudgeReport> {
    const { database, folder, clock, observe } = this.#parts;
    const since = clock.monotonic();
    const { value } = await this.#ask({ kind: 'open-judge', database: folder });
    const { builtAt } = value as { readonly builtAt: number };
    await this.#judgePackages();
    let left = await countToJudge(database, builtAt);
    observe(left);
    let images = 0;
    // The next page is read and put together while this one is written.
    let page = this.#assemblePage(builtAt, 0);
    for (;;) {
      const { written, next } = await page;
      if (written.length === 0) break;
      page = this.#assemblePage(builtAt, next);
      page.catch(() => undefined);
      for (let at = 0; at < written.length; at += writesTogether) {
        const part = written.slice(at, at + writesTogether);
        await database.transaction(async (queries) => {
          for (const image of part) await replaceEvidence(queries, image, builtAt, clock.now());
        });
      }
      images += written.length;
      left = Math.max(0, left - written.length);
      observe(left);
    }
    // Nothing is found by flaws that no image has any more.
    for (let at = 0; at < this.#stale.length; at += 500) {
      const part = this.#stale.slice(at, at + 500);
      await database.transaction((queries) => removeFlaws(queries, part, clock.now()));
    }
    await this.#forgetOld();
    observe(0);
    return { builtAt, packages: this.#packages, images, milliseconds: Math.round(clock.monotonic() - since) };
  }

  /** Judges all packages that were not; those of images that are scanned meanwhile, too. */
  async #judgePackages(): Promise<void> {
    const { database, clock } = this.#parts;
    for (;;) {
      this.#signal.throwIfAborted();
      const rows = await packageRecords(database, this.#last, packagesTogether);
      const [first] = rows;
      const last = rows.at(-1);
      if (first === undefined || last === undefined) return;
      const packages = rows.map(({ id, record }) => [id, record] as const);
      const answer = this.#ask({ kind: 'judge', packages });
      const before = new Set((await flawsOf(database, first.id, last.id)).map(keyOf));
      const { value } = await answer;
      const flaws = (value as [number, string[]][]).flatMap(([id, ids]) => ids.map((flaw) => ({ flaw, package: id })));
      const now = new Set(flaws.map(keyOf));
      const added = flaws.filter((flaw) => !before.has(keyOf(flaw)));
      for (let at = 0; at < added.length; at += 2000) {
        const part = added.slice(at, at + 2000);
        await database.transaction((queries) => addFlaws(queries, part, clock.now()));
      }
      for (const key of before) if (!now.has(key)) this.#stale.push(flawOf(key));
      this.#last = last.id;
      this.#packages += rows.length;
      if (rows.length < packagesTogether) return;
    }
  }

  /** Flaws that no package had for long. */
  async #forgetOld(): Promise<void> {
    const { database, clock } = this.#parts;
    const before = clock.now() - scanningLimits.goneTime;
    const most: number = scanningLimits.removedTogether;
    for (let forgotten = most; forgotten === most;) {
      this.#signal.throwIfAborted();
      forgotten = await database.transaction((queries) => forgetFlaws(queries, before, most));
    }
  }

  async #assemblePage(
    builtAt: number,
    after: number,
  ): Promise<{ readonly written: readonly Parameters<typeof replaceEvidence>[1][]; readonly next: number }> {
    this.#signal.throwIfAborted();
    const rows = await imagesToJudge(this.#parts.database, builtAt, after, imagesTogether);
    if (rows.length === 0) return { written: [], next: after };
    // Packages are there before the image that has them.
    await this.#judgePackages();
    const images = rows.map(({ scan, facts }) => [scan, facts] as const);
    const { value, parts } = await this.#ask({ kind: 'assemble', images });
    const written = (value as AssembledImages).map(({ scan, isIncomplete }, at) => {
      const { facts } = rows[at] as (typeof rows)[number];
      return { scan, isIncomplete, content: parts[at] as Buffer, facts };
    });
    return { written, next: rows.at(-1)?.scan ?? after };
  }

  #ask(task: WorkerTask): ReturnType<typeof readParts> {
    const answer = readParts(this.#peer.ask(task as unknown as Question, this.#signal), processLimits.resultBytes);
    // It is waited for later, by which time it may have failed.
    answer.catch(() => undefined);
    return answer;
  }
}

function keyOf({ flaw, package: id }: PackageFlaw): string {
  return `${id} ${flaw}`;
}

function flawOf(key: string): PackageFlaw {
  const blank = key.indexOf(' ');
  return { package: Number(key.slice(0, blank)), flaw: key.slice(blank + 1) };
}
