/** How bad a flaw is, in the words that Trivy's reports use. */
export type Severity = 'UNKNOWN' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';

/** All severities, mildest first. */
export const severities: readonly Severity[] = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

/** Orders severities: negative when `a` is milder. */
export function compareSeverity(a: Severity, b: Severity): number {
  return severities.indexOf(a) - severities.indexOf(b);
}

/** The word for a CVSS base score (CVSS 3.1 §5; 0 is UNKNOWN here, since nobody rated it). */
export function severityOfScore(score: number): Severity {
  if (score >= 9) return 'CRITICAL';
  if (score >= 7) return 'HIGH';
  if (score >= 4) return 'MEDIUM';
  return score > 0 ? 'LOW' : 'UNKNOWN';
}

/** One CVSS rating. */
export interface CvssRating {
  /** `2.0`, `3.0`, `3.1` or `4.0`. */
  readonly version: string;
  readonly vector: string;
  /** Base score, 0 to 10. */
  readonly score: number;
}
