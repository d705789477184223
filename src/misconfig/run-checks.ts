import type { CheckedFile, CheckInfo, Misconfiguration } from '../finding/misconfiguration.ts';
import type { Breach, Check } from './check.ts';

/** What checks are run over, and how. */
export interface CheckRun<Document> {
  readonly checks: readonly Check<Document>[];
  /** What a file holds. */
  readonly documents: readonly Document[];
  /** Ids and aliases, in lower case, of checks that are not run. */
  readonly skipped: ReadonlySet<string>;
  /** Where it is said that a breach is to be set aside; undefined where nobody says so. */
  readonly setAside: (info: CheckInfo, breach: Breach) => string | undefined;
  /** What of the file could not be read: then no check counts as passed. */
  readonly unread: readonly string[];
  /** Breaches that are told, of one check and of all: more would tell nothing new. */
  readonly most: { readonly ofCheck: number; readonly ofFile: number };
}

type Checked = Pick<CheckedFile, 'failures' | 'ignored' | 'passed' | 'problems'>;

/** Runs checks. A check is passed where it was looked at and found nothing, and where all could be read: else there is no saying. */
export function runChecks<Document>(run: CheckRun<Document>): Checked {
  const { checks, skipped, setAside, unread, most } = run;
  const failures: Misconfiguration[] = [];
  const ignored: CheckedFile['ignored'][number][] = [];
  const passed: CheckInfo[] = [];
  const problems = [...unread];
  let found = 0;
  for (const check of checks) {
    const { info } = check;
    if (namesOf(info).some((name) => skipped.has(name))) continue;
    let count = 0;
    for (const breach of breachesIn(check, run.documents)) {
      count += 1;
      found += 1;
      if (found > most.ofFile) {
        problems.push(`More than ${most.ofFile} places break rules, and further ones are not told; split the file`);
        return { failures, ignored, passed: [], problems };
      }
      if (count > most.ofCheck) {
        problems.push(`${info.id} is broken in more than ${most.ofCheck} places, and further ones are not told`);
        break;
      }
      const failure = { check: info, ...breach };
      const by = setAside(info, breach);
      if (by === undefined) failures.push(failure);
      else ignored.push({ failure, by });
    }
    if (count === 0 && unread.length === 0) passed.push(info);
  }
  return { failures, ignored, passed, problems };
}

function* breachesIn<Document>(check: Check<Document>, documents: readonly Document[]): Generator<Breach> {
  for (const document of documents) yield* check.find(document);
}

/** Every name of a check, in lower case. */
export function namesOf({ id, aliases }: CheckInfo): string[] {
  return [id, ...aliases].map((name) => name.toLowerCase());
}
