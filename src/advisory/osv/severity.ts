import type { CvssRating, Severity } from '../../finding/severity.ts';
import { severityOfScore } from '../../finding/severity.ts';
import type { FixStatus } from '../../finding/advisory.ts';
import { checkShape } from '../check-shape.ts';
import type { RateCvss } from '../rate-cvss.ts';
import { osvRating, type OsvAffected, type OsvRating, type OsvRecord } from './schema.ts';

/** The words that databases use, lower-case: GitHub, Red Hat and its rebuilds, Ubuntu, Debian's urgencies. */
const words: ReadonlyMap<string, Severity> = new Map<string, Severity>([
  ['critical', 'CRITICAL'],
  ['important', 'HIGH'],
  ['high', 'HIGH'],
  ['moderate', 'MEDIUM'],
  ['medium', 'MEDIUM'],
  ['low', 'LOW'],
  ['negligible', 'LOW'],
  ['unimportant', 'LOW'],
  ['not yet assigned', 'UNKNOWN'],
  ['end-of-life', 'UNKNOWN'],
  ['untriaged', 'UNKNOWN'],
  ['none', 'UNKNOWN'],
]);

/** A severity word as {@link Severity}; undefined for words nobody uses. */
function severityOfWord(word: string | null | undefined): Severity | undefined {
  if (word == null) return undefined;
  // Debian marks provisional urgencies with stars.
  return words.get(word.toLowerCase().replace(/\*+$/, '').trim());
}

/** The entries of a `severity` list that are ratings. */
function ratingsOf(list: readonly unknown[] | null | undefined): OsvRating[] {
  return (list ?? []).flatMap((entry) => {
    const { value } = checkShape(osvRating, entry);
    return value === undefined ? [] : [value];
  });
}

/** Every CVSS rating that a record states, its own and those of its packages, each vector once. */
export function cvssOf(record: OsvRecord, affected: readonly OsvAffected[], rate: RateCvss): CvssRating[] {
  const found = new Map<string, CvssRating>();
  for (const list of [record.severity, ...affected.map(({ severity }) => severity)]) {
    for (const { type, score } of ratingsOf(list)) {
      if (!type.startsWith('CVSS_') || found.has(score)) continue;
      const rating = rate(score);
      if (rating !== undefined) found.set(score, rating);
    }
  }
  return [...found.values()].sort((a, b) =>
    a.version === b.version ? b.score - a.score : a.version < b.version ? 1 : -1,
  );
}

/**
 * The record's severity: the database's own word, else the worst rating of the newest CVSS version, else a bare score.
 *
 * @param cvss newest version first, as {@link cvssOf} gives them
 */
export function severityOfRecord(record: OsvRecord, cvss: readonly CvssRating[]): Severity | undefined {
  const stated = severityOfWord(record.database_specific?.severity) ?? wordRating(record.severity) ?? prefixed(record);
  if (stated !== undefined) return stated;
  const [best] = cvss;
  if (best !== undefined) return severityOfScore(best.score);
  const score = record.database_specific?.cvss_v3_score ?? record.database_specific?.cvss_v2_score;
  return score == null ? undefined : severityOfScore(score);
}

/** The word that a database gives for one package, where it does: Debian's urgency, Ubuntu's priority. */
export function severityOfAffected(affected: OsvAffected): Severity | undefined {
  const { ecosystem_specific: own, database_specific: database } = affected;
  return (
    severityOfWord(own?.urgency) ??
    severityOfWord(own?.severity) ??
    severityOfWord(database?.urgency) ??
    severityOfWord(database?.severity) ??
    wordRating(affected.severity)
  );
}

/** The state that a database gives for one package: Debian writes its end of support into the urgency. */
export function statusOfAffected(affected: OsvAffected): FixStatus | undefined {
  const urgency = affected.ecosystem_specific?.urgency ?? affected.database_specific?.urgency;
  return urgency === 'end-of-life' ? 'end_of_life' : undefined;
}

function wordRating(list: readonly unknown[] | null | undefined): Severity | undefined {
  for (const { type, score } of ratingsOf(list)) {
    // `Ubuntu: medium` and the like (OSV schema, `severity[].type`).
    const severity = type.startsWith('CVSS_') ? undefined : severityOfWord(score);
    if (severity !== undefined) return severity;
  }
  return undefined;
}

/** The rebuilds of Red Hat's distribution put its word first in the title: `Important: firefox security update`. */
function prefixed(record: OsvRecord): Severity | undefined {
  if (!/^(?:ALSA|RLSA|RXSA|RHSA|ELSA)-/.test(record.id)) return undefined;
  return severityOfWord(/^(\w{1,20}):/.exec(record.summary ?? '')?.[1]);
}
