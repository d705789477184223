import { compareText } from '../base/compare-text.ts';
import type { Digest } from '../oci/digest.ts';
import { type EvidenceKind, evidenceKinds } from './evidence.ts';
import type { Decision, UsedException, Verdict } from './verdict.ts';

/** The verdict of one platform of an index. */
export interface PlatformVerdict {
  /** As it is written, for people: `linux/arm64`; absent where the index does not say. */
  readonly platform?: string;
  /** Of the platform's manifest. */
  readonly digest: Digest;
  readonly verdict: Verdict;
}

/** The verdict of an index: that of its worst platform. */
export interface IndexVerdict extends Omit<Verdict, 'rules'> {
  /** By digest. */
  readonly platforms: readonly PlatformVerdict[];
}

/**
 * The verdict of an index from those of the platforms that were asked for: it is allowed when they all are. Where none was asked for
 * nothing is known, so that nothing passes.
 *
 * @param policyHash of the policy that they were all judged by
 */
export function verdictOfIndex(given: readonly PlatformVerdict[], policyHash: string): IndexVerdict {
  const platforms = [...given].sort(
    (a, b) => compareText(a.digest, b.digest) || compareText(a.platform ?? '', b.platform ?? ''),
  );
  const verdicts = platforms.map(({ verdict }) => verdict);
  const decision = worst(verdicts);
  const ends = verdicts.flatMap(({ validUntil }) => (validUntil === undefined ? [] : [validUntil]));
  const messages = platforms
    .filter(({ verdict }) => verdict.decision === decision && verdict.message !== '')
    .map(({ platform, verdict: { message } }) => (platform === undefined ? message : `${platform}: ${message}`));
  const nothing = 'None of its platforms was judged, so that it cannot be let pass.';
  return {
    decision,
    platforms,
    message: verdicts.length === 0 ? nothing : messages.join('\n'),
    warnings: distinct(verdicts.flatMap(({ warnings }) => warnings)),
    exceptions: distinctExceptions(verdicts),
    opened: distinct(verdicts.flatMap(({ opened }) => opened)),
    pin: verdicts.some(({ pin }) => pin),
    pending: pendingOf(verdicts),
    ...(ends.length === 0 ? {} : { validUntil: Math.min(...ends) }),
    policyHash,
  };
}

function worst(verdicts: readonly Verdict[]): Decision {
  if (verdicts.some(({ decision }) => decision === 'deny')) return 'deny';
  return verdicts.length > 0 && verdicts.every(({ decision }) => decision === 'allow') ? 'allow' : 'undecided';
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}

function distinctExceptions(verdicts: readonly Verdict[]): UsedException[] {
  const byName = new Map(verdicts.flatMap(({ exceptions }) => exceptions).map((each) => [each.name, each]));
  return [...byName.values()].sort((a, b) => compareText(a.name, b.name));
}

function pendingOf(verdicts: readonly Verdict[]): EvidenceKind[] {
  return evidenceKinds.filter((kind) => verdicts.some(({ pending }) => pending.includes(kind)));
}
