import type { VulnerabilityFacts } from '../../evidence.ts';
import type { PreparedFinding } from '../prepare-findings.ts';

/** What a scan found, as expressions see it: worst first. */
export function scanValue(
  { incomplete, databaseBuiltAt, distribution }: VulnerabilityFacts,
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
    ...(distribution === undefined ? {} : { distribution: distributionValue(distribution) }),
  };
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
