import { printable } from '../../base/printable.ts';
import { formatTime } from '../../base/time-text.ts';
import type { EvidenceKind } from '../evidence.ts';
import { policyLimits } from '../limits.ts';
import type {
  AgeFact,
  AttestationFact,
  ConfigFact,
  Fact,
  SbomFact,
  SignatureFact,
  SourceFact,
  UnknownFact,
  VulnerabilityFact,
} from '../verdict.ts';

/** Says in a few words what a fact is, without a full stop. It never speaks of now, so that verdicts stay true. */
export function describeFact(fact: Fact): string {
  switch (fact.kind) {
    case 'vulnerability':
      return describeVulnerability(fact);
    case 'incomplete':
      return `its packages could not all be read (${told(fact.subject)}: ${told(fact.message)})`;
    case 'missing':
      return `it has no ${nouns[fact.what]}`;
    case 'signature':
      return describeSignature(fact);
    case 'sbom':
      return describeSbom(fact);
    case 'attestation':
      return describeAttestation(fact);
    case 'source':
      return describeSource(fact);
    case 'age':
      return describeAge(fact);
    case 'endOfLife':
      return `${told(fact.distribution)} gets no more fixes since ${formatTime(fact.since)}`;
    case 'config':
      return describeConfig(fact);
    case 'digest':
      return 'it is named by a tag, which may stand for another image tomorrow';
    case 'expression':
      return told(fact.why);
    default:
      return describeUnknown(fact);
  }
}

/** A text from outside, as it may stand in a sentence. */
export function told(text: string): string {
  return printable(text, policyLimits.told);
}

const nouns: Readonly<Record<EvidenceKind, string>> = {
  image: 'config',
  firstSeen: 'date of its first pull',
  vulnerabilities: 'scan report',
  sbom: 'bill of materials',
  signatures: 'signature',
  attestations: 'attestation',
};

function describeVulnerability(fact: VulnerabilityFact): string {
  const { id, severity, severitySource, knownExploited, epss, fixedVersions, status } = fact;
  const traits = [
    severitySource === undefined ? severity : `${severity} according to ${told(severitySource)}`,
    ...(knownExploited === undefined ? [] : ['known to be exploited']),
    ...(epss === undefined ? [] : [`EPSS ${epss.score}`]),
    fixedVersions.length === 0
      ? `no fix${status === 'affected' || status === 'unknown' ? ' known' : `: ${status.replaceAll('_', ' ')}`}`
      : `fixed in ${told(fixedVersions.slice(0, 3).join(', '))}`,
  ];
  return `${told(id)} in ${told(fact.package.name)} ${told(fact.package.version)} (${traits.join('; ')})`;
}

function describeSignature({ signer, verified, by = [], why, wanted }: SignatureFact): string {
  if (!verified) return `not signed by ${told(signer)} (${whyText(why, wanted)})`;
  return by.length === 0 ? `signed by ${told(signer)}` : `signed by ${told(signer)} as ${told(by.join(', '))}`;
}

function describeSbom({ accepted, format, digest, why }: SbomFact): string {
  const name = `the bill of materials ${told(digest)} (${told(format)})`;
  return accepted ? `${name} counts` : `${name} does not count: ${whyText(why)}`;
}

function describeAttestation({ predicateType, signer, holds, why, wanted }: AttestationFact): string {
  if (holds) return `${told(signer)} states ${told(predicateType)}`;
  return `no statement ${told(predicateType)} of ${told(signer)} (${whyText(why, wanted)})`;
}

/** Why nothing counts, and what would. */
function whyText(why = 'it is not known why', wanted?: string): string {
  const reason = printable(why, policyLimits.reason);
  return wanted === undefined ? reason : `${reason}; wanted: ${printable(wanted, policyLimits.reason)}`;
}

function describeSource({ source, deniedBy }: SourceFact): string {
  if (deniedBy === undefined) return `${told(source)} is no source that is allowed`;
  return `${told(source)} is a source that "${told(deniedBy)}" denies`;
}

function describeAge({ wrong, time, limit }: AgeFact): string {
  const at = time === undefined ? '' : formatTime(time);
  const until = limit === undefined ? '' : formatTime(limit);
  switch (wrong) {
    case 'unsaid':
      return 'its config does not say when it was made';
    case 'future':
      return `it says that it was made on ${at}, which is still to come`;
    case 'tooOld':
      return `it was made on ${at} and counted until ${until}`;
    default:
      return time === undefined ? 'it was never seen before' : `it was first seen on ${at} and counts from ${until} on`;
  }
}

function describeConfig({ what, name = '', value }: ConfigFact): string {
  switch (what) {
    case 'user':
      return value === undefined || value === '' ? 'it names no user' : `its user is "${told(value)}"`;
    case 'numericUser':
      return `its user is "${told(value ?? '')}", which is no number`;
    case 'environment':
      return `it sets the variable ${told(name)}`;
    case 'port':
      return `it listens at port ${told(value ?? '')}`;
    case 'healthcheck':
      return 'it has no health check';
    default:
      return value === undefined ? `it has no label ${told(name)}` : `its label ${told(name)} is "${told(value)}"`;
  }
}

function describeUnknown({ what, state, signer, predicateType, reason }: UnknownFact): string {
  const noun = predicateType === undefined ? nouns[what] : `${nouns[what]} ${told(predicateType)}`;
  const of = signer === undefined ? '' : ` of ${told(signer)}`;
  if (state === 'pending') return `its ${noun}${of} is still being looked for`;
  if (state === 'notGathered') return `its ${noun}${of} was not looked for`;
  return `its ${noun}${of} could not be looked at (${told(reason ?? 'it is not known why')})`;
}
