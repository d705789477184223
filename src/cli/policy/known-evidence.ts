import type { PlatformEvidence } from '../../admission/image/model.ts';
import { formatTime } from '../../base/time-text.ts';
import type { Gathered, ImageFacts, SbomFacts, VulnerabilityFacts } from '../../policy/evidence.ts';
import type { KnownEvidence } from './model.ts';

/** What is known of an image besides its signatures and statements, in words. */
export function knownEvidence(platforms: readonly PlatformEvidence[]): KnownEvidence[] {
  return platforms.flatMap(({ platform, evidence: { image, vulnerabilities, sbom, firstSeen } }) => {
    const of = platform === undefined ? {} : { platform };
    return [
      ...(image === undefined ? [] : [{ ...of, what: 'image' as const, text: tell(image, configText) }]),
      ...(vulnerabilities === undefined
        ? []
        : [{ ...of, what: 'vulnerabilities' as const, text: tell(vulnerabilities, scanText) }]),
      ...(sbom === undefined ? [] : [{ ...of, what: 'sbom' as const, text: tell(sbom, sbomText) }]),
      ...(firstSeen === undefined ? [] : [{ ...of, what: 'firstSeen' as const, text: tell(firstSeen, formatTime) }]),
    ];
  });
}

function tell<Value>(gathered: Gathered<Value>, say: (value: Value) => string): string {
  switch (gathered.state) {
    case 'known':
      return say(gathered.value);
    case 'absent':
      return 'there is none';
    case 'pending':
      return 'it is still being looked for';
    default:
      return `it could not be looked at: ${gathered.reason}`;
  }
}

function configText({ created, user = '', labels }: ImageFacts): string {
  const made = created === undefined ? 'its config does not say when it was made' : `made on ${formatTime(created)}`;
  return `${made}, user ${user === '' ? '(none)' : user}, labels ${Object.keys(labels).sort().join(', ') || '(none)'}`;
}

function scanText({
  findings,
  incomplete,
  databaseBuiltAt,
  databaseWholeAt,
  distribution,
}: VulnerabilityFacts): string {
  const worst = findings.filter(({ severity }) => severity === 'CRITICAL').length;
  return [
    `${findings.length} findings, ${worst} of them critical`,
    ...(databaseBuiltAt === undefined ? [] : [`by the database of ${formatTime(databaseBuiltAt)}`]),
    ...(databaseWholeAt === undefined ? [] : [`which could not get a feed since ${formatTime(databaseWholeAt)}`]),
    ...(distribution === undefined ? [] : [`on ${distribution.name}`]),
    ...incomplete.map(({ subject, message }) => `not all of it could be read (${subject}: ${message})`),
  ].join(', ');
}

function sbomText(sboms: readonly SbomFacts[]): string {
  return sboms
    .map(({ format, digest, signatures }) => {
      const by = Object.entries(signatures).flatMap(([signer, check]) =>
        check.state === 'known' && check.value.verified ? [signer] : [],
      );
      return `${format} ${digest}, signed by ${by.join(', ') || 'nobody that was asked for'}`;
    })
    .join('; ');
}
