import type { VersionScheme } from '../version/scheme.ts';
import { schemeOf } from '../version/list.ts';
import type { Database } from '../vulndb/database.ts';
import type { AdvisoryDetail, StoredAdvisory } from '../vulndb/stored.ts';
import { evaluateAffected, type Affection, type Installed } from './evaluate.ts';
import { cveOf } from './flaw-id.ts';
import { groupFlaws, type Flaw } from './group-flaws.ts';
import type { Hit } from './hit.ts';
import { makeFinding, type FixJoin, type FlawFinding } from './make-finding.ts';

/** A question to the database: is this version of this name affected? */
export interface Question extends Omit<Installed, 'version'> {
  readonly name: string;
  /** Undefined when the package tells none that could be compared. */
  readonly version: string | undefined;
  /** Questions with equal keys have equal answers. */
  readonly key: string;
}

/** The answer to a {@link Question}. */
export interface Answer {
  readonly findings: readonly FlawFinding[];
  /** Whether there are advisories which the version could not be compared with. */
  readonly unreadable: boolean;
}

/**
 * Answers questions about packages of one ecosystem.
 *
 * @param releases later ones overrule earlier ones on the same flaw of the same package, when `overrule` says so
 */
export function answerQuestions(
  questions: readonly Question[],
  where: {
    readonly ecosystem: string;
    readonly releases: readonly string[];
    readonly overrule: boolean;
    readonly join: FixJoin;
  },
  database: Database,
): Map<string, Answer> {
  const scheme = schemeOf(where.ecosystem);
  if (scheme === undefined) throw new TypeError(`no version scheme for ${where.ecosystem}`);
  const names = new Set(questions.map(({ name }) => name));
  const byRelease = where.releases.map((release) => database.query(where.ecosystem, release, names));
  const questionsByKey = new Map(questions.map((question) => [question.key, question]));
  const heardByKey = new Map<string, readonly StoredAdvisory[]>();
  for (const { key, name } of questionsByKey.values()) {
    const candidates = byRelease.map((found) => found.get(name) ?? []);
    heardByKey.set(key, where.overrule ? withoutOverruled(candidates, database) : candidates.flat());
  }
  const touchedByKey = new Map<string, Touched>();
  for (const question of questionsByKey.values()) {
    touchedByKey.set(question.key, touchedBy(question, heardByKey.get(question.key) ?? [], scheme));
  }
  // Texts and flaws are read in one go each: one by one, the way into the database costs more than the reading.
  const details = database.details([...touchedByKey.values()].flatMap(({ hits }) => hits.map(({ stored }) => stored)));
  const flawsByKey = new Map<string, Flaw<Hit>[]>();
  for (const [key, { hits }] of touchedByKey) {
    const full = hits.map(({ stored, affection }) => ({ detail: details.get(stored) as AdvisoryDetail, ...affection }));
    flawsByKey.set(
      key,
      groupFlaws(full, ({ detail }) => detail),
    );
  }
  const facts = database.flaws([...flawsByKey.values()].flat().flatMap(({ id, aliases }) => [id, ...aliases]));
  const answers = new Map<string, Answer>();
  for (const [key, flaws] of flawsByKey) {
    const findings = flaws.map((flaw) => makeFinding(flaw, scheme, where.join, facts));
    answers.set(key, { findings, unreadable: touchedByKey.get(key)?.unreadable === true });
  }
  return answers;
}

interface Touched {
  readonly hits: readonly { readonly stored: StoredAdvisory; readonly affection: Affection }[];
  readonly unreadable: boolean;
}

function touchedBy(question: Question, candidates: readonly StoredAdvisory[], scheme: VersionScheme): Touched {
  const hits: { readonly stored: StoredAdvisory; readonly affection: Affection }[] = [];
  let unreadable = false;
  const { version } = question;
  if (version === undefined) return { hits, unreadable: candidates.length > 0 };
  for (const stored of candidates) {
    const affection = evaluateAffected(scheme, { ...question, version }, stored.affected);
    if (affection === 'unreadable') unreadable = true;
    else if (affection !== undefined) hits.push({ stored, affection });
  }
  return { hits, unreadable };
}

/** Leaves out what an earlier release says of flaws that a later one speaks of, whether or not it says "affected". */
function withoutOverruled(candidates: readonly (readonly StoredAdvisory[])[], database: Database): StoredAdvisory[] {
  // Usually only one release speaks of a package.
  if (candidates.filter((advisories) => advisories.length > 0).length < 2) return candidates.flat();
  const details = database.details(candidates.flat());
  const kept: StoredAdvisory[][] = [];
  const settled = new Set<string>();
  for (const advisories of candidates.toReversed()) {
    const heard = advisories.filter((stored) => {
      const flaws = flawsOf(details.get(stored) as AdvisoryDetail);
      return flaws.length === 0 || !flaws.every((flaw) => settled.has(flaw));
    });
    for (const stored of heard) for (const flaw of flawsOf(details.get(stored) as AdvisoryDetail)) settled.add(flaw);
    kept.push(heard);
  }
  return kept.flat();
}

function flawsOf({ id, aliases, upstream }: AdvisoryDetail): string[] {
  const cves = [id, ...aliases, ...upstream].map(cveOf).filter((cve) => cve !== undefined);
  return cves.length > 0 ? [...new Set(cves)] : [id];
}
