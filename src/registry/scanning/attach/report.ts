import { createHash } from 'node:crypto';
import type { ScanEvidence } from '../evidence.ts';

/** Media type of a findings report that is attached unsigned. */
export const findingsMediaType = 'application/vnd.seaworthy.findings.v1+json';

/** Media type of a bill of materials. */
export const billMediaType = 'application/vnd.cyclonedx+json';

/** What is known of an image, for people and programs that read it beside the image. */
export function findingsReport(evidence: ScanEvidence): object {
  const { digest, distro, isIncomplete, problems, findings, databaseBuiltAt } = evidence;
  return {
    schemaVersion: 1,
    image: digest,
    ...(distro === undefined ? {} : { distro }),
    ...(databaseBuiltAt === undefined ? {} : { databaseBuiltAt: isoTime(databaseBuiltAt) }),
    incomplete: isIncomplete,
    problems,
    findings,
  };
}

/** The same as a predicate of cosign's type `vuln` (cosign, COSIGN_VULN_ATTESTATION_SPEC.md). */
export function findingsPredicate(evidence: ScanEvidence, version: string): object {
  const { scannedAt, judgedAt = scannedAt, databaseBuiltAt } = evidence;
  return {
    invocation: { parameters: null, uri: '', event_id: '', 'builder.id': '' },
    scanner: {
      uri: 'seaworthy',
      version,
      db: { uri: '', version: '', ...(databaseBuiltAt === undefined ? {} : { lastUpdate: isoTime(databaseBuiltAt) }) },
      result: findingsReport(evidence),
    },
    metadata: { scanStartedOn: isoTime(scannedAt), scanFinishedOn: isoTime(judgedAt) },
  };
}

/**
 * Names what a report says, but for what changes each day without changing what anybody would do: exploit scores, and the time of the
 * database.
 */
export function reportMark({ isIncomplete, problems, findings }: ScanEvidence): string {
  const kept = findings?.map(({ id, package: { purl }, severity, fixedVersions, status, knownExploited }) => [
    id,
    purl,
    severity,
    fixedVersions,
    status,
    knownExploited !== undefined,
  ]);
  return createHash('sha256')
    .update(JSON.stringify([isIncomplete, problems, kept ?? null]))
    .digest('base64url');
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
