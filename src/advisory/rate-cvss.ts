import type { CvssRating } from '../finding/severity.ts';

/** Scores a CVSS vector of any version; undefined when it is none, or lacks a base metric. */
export type RateCvss = (vector: string) => CvssRating | undefined;

/** Longer than any real vector with every optional metric. */
const maxVectorLength = 300;

/** Metrics and values, which ones is the calculator's matter; it writes to the console about anything else. */
const grammar = /^(?:CVSS:(?:3\.[01]|4\.0)\/)?[A-Za-z]{1,4}:[A-Za-z]{1,8}(?:\/[A-Za-z]{1,4}:[A-Za-z]{1,8})*\/?$/;

/**
 * Loads the CVSS calculator (FIRST's specifications 2.0, 3.0, 3.1, 4.0). Only building a database needs it, so it is
 * loaded on demand.
 */
export async function loadCvssRater(): Promise<RateCvss> {
  // A CommonJS module whose exports Node cannot name: they are all in the default one.
  const { fromVector } = (await import('ae-cvss-calculator')).default;
  const known = new Map<string, CvssRating | undefined>();
  return (vector) => {
    if (vector.length > maxVectorLength || !grammar.test(vector)) return undefined;
    // Vectors repeat a lot: a few thousand serve hundreds of thousands of records.
    if (known.has(vector)) return known.get(vector);
    const rating = rate(vector);
    if (known.size < 20_000) known.set(vector, rating);
    return rating;
  };

  function rate(vector: string): CvssRating | undefined {
    let parsed;
    try {
      parsed = fromVector(vector);
    } catch {
      return undefined;
    }
    if (parsed === null || !parsed.isBaseFullyDefined()) return undefined;
    const score = parsed.calculateScores().base;
    if (score === undefined || !(score >= 0 && score <= 10)) return undefined;
    const version = /^CVSS:(3\.[01]|4\.0)\//.exec(vector)?.[1] ?? '2.0';
    return { version, vector, score };
  }
}
