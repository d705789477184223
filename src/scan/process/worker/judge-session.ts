import { openDatabase, type Database } from '../../../vulndb/database.ts';
import { databaseGaps } from '../../../vulndb/database-gaps.ts';
import { encodeParts } from '../channel/parts.ts';
import { assembleEvidence, judgeRecords, type RecordVerdict } from '../judge-records.ts';
import type { PackageRecord } from '../package-record.ts';
import { pack } from './pack.ts';
import type { AssembledImages, AssembleTask, ImageFacts, JudgeTask } from './tasks.ts';

/** Judges stored packages with one state of the database, and puts evidence together of what it remembers of them. */
export class JudgeSession implements Disposable {
  readonly #database: Database;
  /** Packages about which there is something to say; of all others it is known that they were judged. */
  readonly #verdicts = new Map<number, RecordVerdict>();

  /** @throws VulndbError */
  constructor(folder: string) {
    this.#database = openDatabase(folder);
  }

  /** Milliseconds since 1970. */
  get builtAt(): number {
    return Date.parse(this.#database.manifest.builtAt);
  }

  /** Judges packages, and gives the ids of the flaws of each that has any. @throws VulndbError DATABASE_CORRUPT */
  *judge({ packages }: JudgeTask): Generator<Uint8Array> {
    const records = packages.map(([, text]) => JSON.parse(text) as PackageRecord);
    const flaws: [number, readonly string[]][] = [];
    for (const [at, verdict] of judgeRecords(records, this.#database).entries()) {
      const id = packages[at]?.[0] as number;
      this.#verdicts.set(id, verdict.findings === '' && verdict.skips.length === 0 ? nothing : verdict);
      if (verdict.flaws.length > 0) flaws.push([id, verdict.flaws]);
    }
    yield* encodeParts(flaws);
  }

  /** The evidence of images. @throws RangeError for a package that was not judged */
  async *assemble({ images }: AssembleTask): AsyncGenerator<Uint8Array> {
    const texts: string[] = [];
    const told: { scan: number; isIncomplete: boolean }[] = [];
    for (const [scan, text] of images) {
      const { packages, ...facts } = JSON.parse(text) as ImageFacts;
      const { text: evidence, isIncomplete } = assembleEvidence(
        facts,
        packages.map((id) => this.#verdictOf(id)),
        databaseGaps(this.#database.manifest),
      );
      texts.push(evidence);
      told.push({ scan, isIncomplete });
    }
    yield* encodeParts(told satisfies AssembledImages, await Promise.all(texts.map(pack)));
  }

  [Symbol.dispose](): void {
    this.#database[Symbol.dispose]();
  }

  #verdictOf(id: number): RecordVerdict {
    const verdict = this.#verdicts.get(id);
    if (verdict === undefined) throw new RangeError(`The package ${id} was not judged`);
    return verdict;
  }
}

const nothing: RecordVerdict = { findings: '', skips: [], flaws: [] };
