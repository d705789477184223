import { formatReference, type Reference } from '../../oci/reference.ts';
import { isDecidedByName, namedSubject } from '../../policy/by-name.ts';
import type { CompiledPolicy } from '../../policy/compile.ts';
import { evaluate } from '../../policy/evaluate.ts';
import type { Evidence, Gathered, Subject } from '../../policy/evidence.ts';
import { requirementsOf } from '../../policy/requirements.ts';
import { mergedRules, unconcernedBy } from './image-rules.ts';
import type { OwnReport } from './judge-by-own.ts';
import { nothingSaid } from './session-parts.ts';

/** Whether a policy can be asked about an image without its registry. Who is to name it by its digest is told the digest, which is asked for. */
export function isNameEnough(policy: CompiledPolicy, reference: Reference): boolean {
  const subject = namedSubject(reference, 'ci', false);
  return policy.rules.every((rule) => !rule.covers(subject) || isDecidedByName(rule, policy, true));
}

/**
 * What our own policies say of an image by what it is called: all that they say, or what is left of it when its registry cannot be asked.
 *
 * @param unseen why its registry told nothing, for people and without a full stop; undefined where it need not
 */
export function judgeByName(
  policy: CompiledPolicy | undefined,
  reference: Reference,
  unseen: string | undefined,
  now: number,
): OwnReport {
  if (policy === undefined) return { ...nothingSaid, platforms: [] };
  const subject = namedSubject(reference, 'ci', false);
  const verdict = evaluate(policy, evidenceOf(policy, subject, unseen, now));
  // Rules that may be left undecided say that nothing is wrong with an image that nobody saw.
  const decision = unseen !== undefined && verdict.decision === 'allow' ? 'undecided' : verdict.decision;
  return {
    decision,
    ...(unseen === undefined || decision === 'deny' ? {} : { why: unseen }),
    rules: mergedRules(policy, formatReference(reference), [[undefined, verdict]]),
    notAbout: unconcernedBy(policy, [subject]),
    warnings: verdict.warnings,
    platforms: [],
    verdict,
  };
}

/** Nothing was seen, which is not the same as that nothing is there. */
function evidenceOf(policy: CompiledPolicy, subject: Subject, unseen: string | undefined, now: number): Evidence {
  if (unseen === undefined) return { subject, now };
  const state: Gathered<never> = { state: 'unavailable', reason: unseen };
  const { signers, attestations } = requirementsOf(policy, subject);
  const each = (names: readonly string[]): Readonly<Record<string, Gathered<never>>> =>
    Object.fromEntries(names.map((name) => [name, state]));
  return {
    subject,
    now,
    image: state,
    firstSeen: state,
    vulnerabilities: state,
    sbom: state,
    signatures: each(signers),
    attestations: Object.fromEntries(attestations.map((one) => [one.predicateType, each(one.signers)])),
  };
}
