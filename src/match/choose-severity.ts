import type { CvssRating, Severity } from '../finding/severity.ts';
import type { Rating } from '../vulndb/stored.ts';
import type { Hit } from './hit.ts';

/** How bad a flaw is, with who says so. */
export interface ChosenSeverity {
  readonly severity: Severity;
  readonly severitySource?: string;
  readonly vendorSeverity: Readonly<Record<string, Severity>>;
  readonly cvss: Readonly<Record<string, readonly CvssRating[]>>;
}

/** Whom to believe when neither the matching source nor GitHub nor NVD rates a flaw. The rest follows by name. */
const others: readonly string[] = [
  'redhat',
  'ubuntu',
  'debian',
  'ghsa',
  'govulndb',
  'pypa',
  'ruby-advisory-db',
  'rustsec',
];

/**
 * Chooses the severity to show: what the matching source says of this very package, then of the flaw, then GitHub when the
 * flaw is known by a GHSA id, then NVD, then the others in a fixed order.
 *
 * @param hits the advisories of the flaw, the one that is shown first
 * @param ratings what all sources say of the flaw, wherever it occurs
 */
export function chooseSeverity(id: string, hits: readonly Hit[], ratings: readonly Rating[]): ChosenSeverity {
  const words = new Map<string, Severity>();
  const cvss = new Map<string, readonly CvssRating[]>();
  for (const { detail } of hits) {
    const { source } = detail;
    if (detail.severity !== undefined && !words.has(source.id)) words.set(source.id, detail.severity);
    if (detail.cvss.length > 0 && !cvss.has(source.id)) cvss.set(source.id, detail.cvss);
  }
  for (const rating of ratings) {
    if (rating.severity !== undefined && !words.has(rating.source)) words.set(rating.source, rating.severity);
    if (rating.cvss.length > 0 && !cvss.has(rating.source)) cvss.set(rating.source, rating.cvss);
  }
  const chosen = choose(id, hits, words);
  return {
    severity: chosen?.[1] ?? 'UNKNOWN',
    ...(chosen === undefined ? {} : { severitySource: chosen[0] }),
    vendorSeverity: toRecord(words),
    cvss: toRecord(cvss),
  };
}

function choose(
  id: string,
  hits: readonly Hit[],
  words: ReadonlyMap<string, Severity>,
): readonly [string, Severity] | undefined {
  for (const { severity, detail } of hits) {
    if (severity !== undefined && severity !== 'UNKNOWN') return [detail.source.id, severity];
  }
  const order = [
    ...hits.map(({ detail }) => detail.source.id),
    ...(id.startsWith('GHSA-') ? ['ghsa'] : []),
    'nvd',
    ...others,
    ...[...words.keys()].sort(),
  ];
  for (const source of order) {
    const severity = words.get(source);
    if (severity !== undefined && severity !== 'UNKNOWN') return [source, severity];
  }
  return undefined;
}

/** Sorted by key; the keys are ids of sources, which this program gives. */
function toRecord<Value>(map: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> {
  return Object.fromEntries([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}
