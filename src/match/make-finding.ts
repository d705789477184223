import { compareText } from '../base/compare-text.ts';
import type { FixStatus } from '../finding/advisory.ts';
import type { VulnerabilityFinding } from '../finding/vulnerability.ts';
import type { VersionScheme } from '../version/scheme.ts';
import type { FlawFacts, Rating } from '../vulndb/stored.ts';
import { chooseSeverity } from './choose-severity.ts';
import { isVendorAnnouncement, primaryUrlOf } from './flaw-id.ts';
import type { Flaw } from './group-flaws.ts';
import type { Hit } from './hit.ts';

/** A finding without the package it is about: packages of one source share it. */
export type FlawFinding = Omit<VulnerabilityFinding, 'package'>;

/** How the fixes of several advisories on one flaw go together. */
export type FixJoin =
  /** Each states its own part of the fix, so the highest is needed: a distribution's follow-up updates. */
  | 'highest'
  /** Each describes the same fixes: databases of a language. */
  | 'union';

const mostReferences = 100;

/**
 * Makes the one row of a flaw from everything that speaks of it.
 *
 * @param facts what is known of flaws by their ids, of this one at least
 */
export function makeFinding(
  { id, aliases, vendorIds, members }: Flaw<Hit>,
  scheme: VersionScheme,
  join: FixJoin,
  facts: ReadonlyMap<string, FlawFacts>,
): FlawFinding {
  const hits = [...members].sort((a, b) => rank(a) - rank(b) || compareText(a.detail.id, b.detail.id));
  const primary = (hits[0] as Hit).detail;
  const ratings = ratingsOf(facts, [id, ...aliases]);
  const fixedVersions = joinFixes(hits, scheme, join);
  const { exploited, epss } = facts.get(id) ?? {};
  const published = hits.find(({ detail }) => detail.published !== undefined)?.detail.published;
  const modified = hits.find(({ detail }) => detail.modified !== undefined)?.detail.modified;
  return {
    id,
    aliases,
    vendorIds,
    fixedVersions,
    status: statusOf(hits, fixedVersions),
    ...chooseSeverity(id, hits, ratings),
    cwes: [...new Set(hits.flatMap(({ detail }) => detail.cwes))].sort(),
    title: titleOf(hits, ratings),
    description: hits.find(({ detail }) => detail.details !== '')?.detail.details ?? '',
    primaryUrl: primaryUrlOf(id),
    references: [...new Set(hits.flatMap(({ detail }) => detail.references))].slice(0, mostReferences),
    ...(published === undefined ? {} : { published }),
    ...(modified === undefined ? {} : { modified }),
    dataSource: primary.source,
    ...(exploited === undefined ? {} : { knownExploited: exploited }),
    ...(epss === undefined ? {} : { epss }),
  };
}

/** Records of one flaw before announcements of several; GitHub's reviewed texts before others. */
function rank({ detail }: Hit): number {
  if (isVendorAnnouncement(detail.id)) return 2;
  return detail.source.id === 'ghsa' ? 0 : 1;
}

function titleOf(hits: readonly Hit[], ratings: readonly Rating[]): string {
  for (const { detail } of hits) if (detail.summary !== '') return detail.summary;
  for (const { title } of ratings) if (title !== '') return title;
  return '';
}

/** Each source once: what it says of the shown id counts more than what it says of an alias. */
function ratingsOf(facts: ReadonlyMap<string, FlawFacts>, ids: readonly string[]): Rating[] {
  const found = new Map<string, Rating>();
  for (const id of ids) {
    for (const rating of facts.get(id)?.ratings ?? []) if (!found.has(rating.source)) found.set(rating.source, rating);
  }
  return [...found.values()].sort((a, b) => compareText(a.source, b.source));
}

function statusOf(hits: readonly Hit[], fixedVersions: readonly string[]): FixStatus {
  if (fixedVersions.length > 0) return 'fixed';
  return hits.find(({ status }) => status !== undefined)?.status ?? 'affected';
}

function joinFixes(hits: readonly Hit[], scheme: VersionScheme, join: FixJoin): string[] {
  const [only] = hits;
  if (hits.length === 1 && only !== undefined && join === 'union') return [...only.fixed];
  const valid = (fix: string | undefined): fix is string => fix !== undefined && scheme.isValid(fix);
  const order = (a: string, b: string): number => scheme.compare(a, b) || compareText(a, b);
  if (join === 'highest')
    return hits
      .map(({ fixed }) => fixed[0])
      .filter(valid)
      .sort(order)
      .slice(-1);
  const nearest = new Set(hits.map(({ fixed }) => fixed[0]).filter(valid));
  const rest = new Set(hits.flatMap(({ fixed }) => fixed.slice(1)).filter(valid));
  return distinct([...[...nearest].sort(order), ...[...rest].sort(order)], scheme);
}

/** Drops further spellings of one version: `1.2` and `1.2.0` are one fix. */
function distinct(fixes: readonly string[], scheme: VersionScheme): string[] {
  const kept: string[] = [];
  for (const fix of fixes) if (!kept.some((known) => scheme.compare(known, fix) === 0)) kept.push(fix);
  return kept;
}
