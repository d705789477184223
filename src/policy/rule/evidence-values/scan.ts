import { compareText } from '../../../base/compare-text.ts';
import type { FlawList } from '../../../finding/vulnerability.ts';
import type { VulnerabilityFacts } from '../../evidence.ts';
import type { UnknownFact } from '../../verdict.ts';
import { missingList } from '../missing-list.ts';
import type { PreparedFinding } from '../prepare-findings.ts';
import { NotKnown } from './known.ts';
import { lazyRecord } from './lazy.ts';

/** What a scan found, as expressions see it: worst first. */
export function scanValue(
  { incomplete, databaseBuiltAt, databaseWholeAt = databaseBuiltAt, distribution }: VulnerabilityFacts,
  findings: readonly PreparedFinding[],
  scannedAt: number,
): Readonly<Record<string, unknown>> {
  return {
    findings: findings.map(findingValue),
    incomplete: incomplete
      .map(({ code, subject, message }) => ({ code, subject, message }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
    scannedAt: new Date(scannedAt),
    ...(databaseBuiltAt === undefined ? {} : { databaseBuiltAt: new Date(databaseBuiltAt) }),
    // Where all feeds were had it is the same, so that whoever asks by it needs to know nothing else.
    ...(databaseWholeAt === undefined ? {} : { databaseWholeAt: new Date(databaseWholeAt) }),
    ...(distribution === undefined ? {} : { distribution: distributionValue(distribution) }),
  };
}

/** Whether a scan leaves open what expressions may take for nothing: what was not read, and lists that were not asked. */
export function hasGaps({ incomplete, lacking = [] }: VulnerabilityFacts): boolean {
  return incomplete.length > 0 || lacking.length > 0;
}

/**
 * The same, where nothing stands for what is not known: it throws when it is asked for.
 *
 * @param asksWhatIsMissing whether whoever asks looks at `incomplete`, and so decides what is made of it
 */
export function certainScanValue(
  facts: VulnerabilityFacts,
  findings: readonly PreparedFinding[],
  scannedAt: number,
  asksWhatIsMissing: boolean,
): Readonly<Record<string, unknown>> {
  const value = scanValue(facts, findings, scannedAt);
  const { distribution, lacking = [] } = facts;
  const isHidden = facts.incomplete.length > 0 && !asksWhatIsMissing;
  const members = Object.entries(value).map(([name, member]) => [name, () => member] as const);
  return lazyRecord({
    ...Object.fromEntries(members),
    ...(isHidden && distribution === undefined ? { distribution: () => notKnown(unread(facts)) } : {}),
    findings: () => {
      if (isHidden) notKnown(unread(facts));
      return lacking.length === 0 ? value['findings'] : findings.map((each) => certainFinding(each, lacking));
    },
  });
}

function certainFinding(finding: PreparedFinding, lacking: readonly FlawList[]): Readonly<Record<string, unknown>> {
  const members = Object.entries(findingValue(finding)).map(([name, member]) => [name, () => member] as const);
  const { knownExploited, epss } = finding.fact;
  const isOpen = (list: FlawList): boolean =>
    lacking.includes(list) && (list === 'epss' ? epss : knownExploited) === undefined;
  const open = (['exploited', 'epss'] as const).filter(isOpen);
  return lazyRecord({
    ...Object.fromEntries(members),
    ...Object.fromEntries(open.map((list) => [list, () => notKnown([missingList(list)])] as const)),
  });
}

/** In an order that hangs on what they say alone. */
function unread({ incomplete }: Pick<VulnerabilityFacts, 'incomplete'>): readonly UnknownFact[] {
  return incomplete
    .map(({ subject, message }) => `its packages could not all be read (${subject}: ${message})`)
    .sort(compareText)
    .map((reason) => ({ kind: 'unknown', what: 'vulnerabilities', state: 'unavailable', reason }));
}

function notKnown(facts: readonly UnknownFact[]): never {
  throw new NotKnown(facts);
}

function findingValue({ fact, published, knownSince, vendorIds }: PreparedFinding): Readonly<Record<string, unknown>> {
  const { id, aliases, severity, status, fixedVersions, knownExploited, epss } = fact;
  return {
    id,
    aliases,
    vendorIds: [...vendorIds].sort(),
    severity,
    status,
    fixedVersions,
    package: { ...fact.package },
    exploited: knownExploited !== undefined,
    ...(epss === undefined ? {} : { epss: epss.score }),
    ...(published === undefined ? {} : { published: new Date(published) }),
    ...(knownSince === undefined ? {} : { knownSince: new Date(knownSince) }),
  };
}

function distributionValue({ name, supportEnd }: NonNullable<VulnerabilityFacts['distribution']>): object {
  return { name, ...(typeof supportEnd === 'number' ? { supportEnd: new Date(supportEnd) } : {}) };
}
