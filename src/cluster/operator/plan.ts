import type { KnownReport } from './report/known-reports.ts';
import type { Scanner } from './report/report-object.ts';
import { sbomFingerprint } from './report/sbom-report.ts';
import { vulnerabilityFingerprint } from './report/vulnerability-report.ts';
import type { Freshness, ImageBook } from './scan/image-book.ts';
import type { FoundInImage, ReportTarget, RunningImage } from './model.ts';
import type { WantedReports } from './watch/report-targets.ts';

/** What there is, and what there is to be. */
export interface PlanFacts extends Freshness {
  readonly wanted: WantedReports;
  readonly book: ImageBook;
  readonly reports: { readonly get: (key: string) => KnownReport | undefined };
  /** Absent where there are to be none. */
  readonly sboms?: { readonly get: (key: string) => KnownReport | undefined };
  readonly scanSignature: string;
  readonly scanner: Scanner;
}

/** What is to be done. */
export interface Plan {
  /** Those of which nothing is known first. */
  readonly looks: readonly RunningImage[];
  /** Keys of reports that are to be written. */
  readonly reports: readonly string[];
  readonly sboms: readonly string[];
  /** Reports of somebody else that stand where ours would. */
  readonly foreign: { readonly reports: number; readonly sboms: number };
}

/** Compares what there is with what there is to be: whatever was missed, or done half, is in it. */
export function makePlan(facts: PlanFacts): Plan {
  const { wanted, book, reports, sboms, scanSignature, scanner } = facts;
  adopt(facts);
  const due = [...wanted.images.values()].filter(({ key }) => book.isDue(key, facts));
  const [later, first] = [due.filter(({ key }) => book.found(key)), due.filter(({ key }) => !book.found(key))];
  const plan = { reports: [] as string[], sboms: [] as string[], foreign: { reports: 0, sboms: 0 } };
  for (const [key, target] of wanted.targets) {
    const found = book.found(target.image);
    const known = reports.get(key);
    if (known?.isOwn === false) plan.foreign.reports += 1;
    else if (found !== undefined && isOld(known, target, found, facts)) plan.reports.push(key);
    const sbom = sboms?.get(key);
    if (sboms === undefined || found === undefined) continue;
    if (sbom?.isOwn === false) plan.foreign.sboms += 1;
    else if (sbom?.fingerprint !== sbomFingerprint(target, scanSignature, scanner)) plan.sboms.push(key);
  }
  return { looks: [...first, ...later], ...plan };
}

/** Whether a report is not what it should be, or says so with a time that is too long ago. */
function isOld(
  known: KnownReport | undefined,
  target: ReportTarget,
  found: FoundInImage,
  { scanner, age }: PlanFacts,
): boolean {
  if (known?.fingerprint !== vulnerabilityFingerprint(target, found, scanner)) return true;
  return found.checkedAt - known.checkedAt >= age;
}

/**
 * After a start, reports that are there say what was found before: where all of one image say the same, and of this database, nothing
 * is looked at again. What one says alone may have been written by whoever may change reports in its namespace.
 */
function adopt({ wanted, book, reports, builtAt, now, age }: PlanFacts): void {
  const claims = new Map<string, FoundInImage | 'several'>();
  for (const [key, { image }] of wanted.targets) {
    if (!book.isNew(image)) continue;
    const known = reports.get(key);
    const found = known?.image === image ? known.found : undefined;
    if (found === undefined || found.builtAt !== builtAt || now - found.checkedAt >= age) continue;
    const claim = claims.get(image);
    if (claim === undefined) claims.set(image, found);
    else if (claim !== 'several' && claim.revision !== found.revision) claims.set(image, 'several');
  }
  for (const [image, found] of claims) if (found !== 'several') book.put(image, found);
}
