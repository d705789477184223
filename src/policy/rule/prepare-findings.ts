import { compareText } from '../../base/compare-text.ts';
import { severities } from '../../finding/severity.ts';
import type { FindingFacts, VulnerabilityFacts } from '../evidence.ts';
import type { VulnerabilityFact } from '../verdict.ts';

/** A finding, ready for many rules: what each of them asks is computed once. */
export interface PreparedFinding {
  readonly fact: VulnerabilityFact;
  /** Greater is worse. */
  readonly rank: number;
  /** The flaw's own ids, in upper case: what an exception may call it. */
  readonly ids: readonly string[];
  /** Ids of announcements that are about it, besides. */
  readonly vendorIds: readonly string[];
  /** Milliseconds since 1970; undefined where it is not known, or no time. */
  readonly published: number | undefined;
  readonly knownSince: number | undefined;
}

/** Upper case, since ids are written in either. */
export function foldId(id: string): string {
  return id.toUpperCase();
}

/**
 * Makes findings ready, worst first and in an order that does not hang on the given one: exploited ones, then by severity, id and
 * package.
 */
export function prepareFindings({ findings }: VulnerabilityFacts): readonly PreparedFinding[] {
  return findings.map(prepare).sort(compare);
}

function prepare(finding: FindingFacts): PreparedFinding {
  const { id, severity, severitySource, status, knownExploited, epss, published, knownSince } = finding;
  const { type, name, version, purl } = finding.package;
  const aliases = finding.aliases.length > 1 ? [...finding.aliases].sort() : finding.aliases;
  const time = published === undefined ? Number.NaN : Date.parse(published);
  return {
    fact: {
      kind: 'vulnerability',
      id,
      aliases,
      package: { type, name, version, purl },
      fixedVersions: finding.fixedVersions,
      status,
      severity,
      ...(severitySource === undefined ? {} : { severitySource }),
      ...(published === undefined ? {} : { published }),
      ...(knownExploited === undefined ? {} : { knownExploited }),
      ...(epss === undefined ? {} : { epss }),
    },
    rank: severities.indexOf(severity) + (knownExploited === undefined ? 0 : severities.length),
    ids: [id, ...aliases].map(foldId),
    vendorIds: finding.vendorIds.map(foldId),
    published: Number.isNaN(time) ? undefined : time,
    knownSince,
  };
}

function compare(a: PreparedFinding, b: PreparedFinding): number {
  return (
    b.rank - a.rank ||
    compareText(a.fact.id, b.fact.id) ||
    compareText(a.fact.package.name, b.fact.package.name) ||
    compareText(a.fact.package.version, b.fact.package.version) ||
    compareText(a.fact.package.purl, b.fact.package.purl) ||
    // What is left are copies, or contradictions of a source: any order will do that is always the same.
    compareText(JSON.stringify(a), JSON.stringify(b))
  );
}
