import type { Problem } from '../../base/problem.ts';
import type { DatabaseGaps } from '../../finding/database-gaps.ts';
import { compareSeverity } from '../../finding/severity.ts';
import { judgePackages } from '../../match/judge-packages.ts';
import type { FlawFinding } from '../../match/make-finding.ts';
import { type Skip, Skipped } from '../../match/skipped.ts';
import type { Distro } from '../../package/distro.ts';
import type { Database } from '../../vulndb/database.ts';
import type { EvidenceContent, ScanFinding } from './evidence-content.ts';
import type { PackageRecord } from './package-record.ts';

/** What is known of one distinct package: the same in every image that has it. */
export interface RecordVerdict {
  /** Its findings as they stand in evidence: JSON, each followed by a comma. Empty for most packages. */
  readonly findings: string;
  readonly skips: readonly Skip[];
  /** Every id of its flaws, sorted. */
  readonly flaws: readonly string[];
}

/** Records judged at once: the advisories of all of them are held meanwhile. */
const together = 2000;

/** Judges distinct packages, of whatever images. @returns in the order of the records @throws VulndbError DATABASE_CORRUPT */
export function judgeRecords(records: readonly PackageRecord[], database: Database): RecordVerdict[] {
  const verdicts = Array.from<RecordVerdict>({ length: records.length });
  const byDistro = Map.groupBy(records.keys(), (at) => JSON.stringify(records[at]?.distro ?? null));
  for (const places of byDistro.values()) {
    for (let from = 0; from < places.length; from += together) {
      const part = places.slice(from, from + together);
      const packages = part.map((at) => (records[at] as PackageRecord).package);
      const judgements = judgePackages(packages, records[part[0] as number]?.distro, database);
      for (const [index, { findings, skips }] of judgements.entries()) {
        const at = part[index] as number;
        verdicts[at] = verdictOf(records[at] as PackageRecord, findings, skips);
      }
    }
  }
  return verdicts;
}

/** What was read of an image besides its packages. */
export interface ImageFindings {
  readonly distro?: Distro;
  readonly problems: readonly Problem[];
}

/**
 * Puts the evidence of an image together: the JSON of an {@link EvidenceContent}, made of pieces that all images share.
 *
 * @param verdicts of its packages, in their order; undefined where there is no database, with the reason as a problem
 * @param gaps of that database
 */
export function assembleEvidence(
  { distro, problems }: ImageFindings,
  verdicts: readonly RecordVerdict[] | undefined,
  gaps: DatabaseGaps = {},
): { readonly text: string; readonly isIncomplete: boolean } {
  const skipped = new Skipped();
  for (const { skips } of verdicts ?? []) for (const { code, subject, name } of skips) skipped.add(code, subject, name);
  const all = [...problems, ...skipped.problems()];
  const head: Omit<EvidenceContent, 'findings'> = {
    ...(distro === undefined ? {} : { distro }),
    problems: all,
    ...gaps,
  };
  const findings =
    verdicts === undefined
      ? 'null'
      : `[${verdicts
          .map((one) => one.findings)
          .join('')
          .slice(0, -1)}]`;
  const text = `${JSON.stringify(head).slice(0, -1)},"findings":${findings}}`;
  return { text, isIncomplete: verdicts === undefined || all.some(({ incomplete }) => incomplete === true) };
}

function verdictOf(
  { package: pkg, purl }: PackageRecord,
  found: readonly FlawFinding[],
  skips: readonly Skip[],
): RecordVerdict {
  if (found.length === 0) return { findings: '', skips, flaws: [] };
  const { type, name, version } = pkg;
  const sorted = [...found].sort((a, b) => compareSeverity(b.severity, a.severity) || (a.id < b.id ? -1 : 1));
  const findings = sorted.map((flaw): ScanFinding => compact(flaw, { type, name, version, purl }));
  return {
    findings: findings.map((finding) => `${JSON.stringify(finding)},`).join(''),
    skips,
    flaws: [...new Set(found.flatMap(({ id, aliases, vendorIds }) => [id, ...aliases, ...vendorIds]))].sort(),
  };
}

function compact(flaw: FlawFinding, pkg: ScanFinding['package']): ScanFinding {
  const { id, aliases, vendorIds, fixedVersions, status, severity, severitySource, published, dataSource } = flaw;
  const { knownExploited, epss } = flaw;
  return {
    id,
    aliases,
    vendorIds,
    package: pkg,
    fixedVersions,
    status,
    severity,
    ...(severitySource === undefined ? {} : { severitySource }),
    ...(knownExploited === undefined ? {} : { knownExploited }),
    ...(epss === undefined ? {} : { epss }),
    ...(published === undefined ? {} : { published }),
    dataSource,
  };
}
