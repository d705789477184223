import type { CheckedFile, CheckInfo, Misconfiguration } from '../finding/misconfiguration.ts';
import type { Breach, Check } from './check.ts';
import type { CheckOptions } from './format.ts';

/** Breaches of one check in one file that are told: more would tell nothing new. */
const mostBreaches = 1000;

/** Every name of a check, in lower case. */
export function namesOf({ id, aliases }: CheckInfo): string[] {
  return [id, ...aliases].map((name) => name.toLowerCase());
}

/**
 * Runs checks over a document.
 *
 * @param setAside where it is said that a breach is to be set aside; undefined where nobody says so
 */
export function runChecks<Document>(
  checks: readonly Check<Document>[],
  document: Document,
  { skipped }: Pick<CheckOptions, 'skipped'>,
  setAside: (info: CheckInfo, breach: Breach) => string | undefined,
): Pick<CheckedFile, 'failures' | 'ignored' | 'passed' | 'problems'> {
  const failures: Misconfiguration[] = [];
  const ignored: { readonly failure: Misconfiguration; readonly by: string }[] = [];
  const passed: CheckInfo[] = [];
  const problems: string[] = [];
  for (const check of checks) {
    if (namesOf(check.info).some((name) => skipped.has(name))) continue;
    let count = 0;
    for (const breach of check.find(document)) {
      count += 1;
      if (count > mostBreaches) {
        problems.push(`${check.info.id} is broken in more than ${mostBreaches} places, and further ones are not told`);
        break;
      }
      const failure = { check: check.info, ...breach };
      const by = setAside(check.info, breach);
      if (by === undefined) failures.push(failure);
      else ignored.push({ failure, by });
    }
    if (count === 0) passed.push(check.info);
  }
  return { failures, ignored, passed, problems };
}
