import { cleanText } from '../../report/text/clean-text.ts';
import { helpOf } from '../../policy/explain/help-of.ts';
import type { Policy, Rule } from '../../policy/model.ts';
import type { Fact, RuleVerdict } from '../../policy/verdict.ts';

/**
 * What to do about a rule, for people: what the policy says of it, and else what mends such a thing. Undefined where nothing is to be done.
 *
 * @param image what it is called, by its digest
 */
export function adviceOf(
  rule: Rule | undefined,
  verdict: RuleVerdict,
  image: string,
  { exceptionHelp }: Pick<Policy, 'exceptionHelp'>,
): string | undefined {
  const { outcome, kind, facts, ended } = verdict;
  if (outcome !== 'violated' && outcome !== 'undecided') return undefined;
  const usual = outcome === 'violated' ? mending(kind, rule, facts, image) : lookAgain(facts);
  const asked = exceptionHelp === undefined ? [] : [`For an exception: ${exceptionHelp}`];
  const old = ended.length === 0 ? [] : [`Renew the exception ${ended.join(', ')}, or do without`];
  const help = rule === undefined ? undefined : helpOf(rule, verdict);
  const parts = [...(help === undefined ? usual : [help]), ...old, ...asked];
  return parts.length === 0 ? undefined : cleanText(parts.map(withoutStop).join('. '));
}

function mending(kind: Rule['kind'], rule: Rule | undefined, facts: readonly Fact[], image: string): readonly string[] {
  switch (kind) {
    case 'vulnerabilities':
      return updatesOf(facts);
    case 'signatures':
      return [`Let one of its signers sign it: seaworthy sign --key KEY ${image}`];
    case 'attestation': {
      const type = rule?.kind === 'attestation' ? rule.predicateType : 'TYPE';
      return [`Let one of its signers state it: seaworthy attest --key KEY --type ${type} --predicate FILE ${image}`];
    }
    case 'sbom':
      return [`Attach one: seaworthy attest --key KEY --sbom cyclonedx-json ${image}`];
    case 'digest':
      return [`Name it by its digest: ${image}`];
    case 'source':
      return ['Take it from a source that is allowed'];
    case 'endOfLife':
      return ['Build it on a release that still gets fixes'];
    default:
      return [];
  }
}

/** Packages to update, the first few; what cannot be mended that way is left to the policy. */
function updatesOf(facts: readonly Fact[]): readonly string[] {
  const updates = new Map<string, string>();
  for (const fact of facts) {
    if (fact.kind !== 'vulnerability' || fact.fixedVersions.length === 0) continue;
    const { name, version } = fact.package;
    if (!updates.has(name)) updates.set(name, `${name} ${version} to ${fact.fixedVersions.at(-1) ?? ''}`);
  }
  if (updates.size === 0) return ['Nothing mends it yet: take another image, or ask for an exception'];
  const told = [...updates.values()].slice(0, 5);
  return [`Update ${told.join(', ')}${updates.size > 5 ? ` and ${updates.size - 5} more packages` : ''}`];
}

function lookAgain(facts: readonly Fact[]): readonly string[] {
  const isPending = facts.some((fact) => fact.kind === 'unknown' && fact.state === 'pending');
  return [isPending ? 'Try again in a moment' : 'See to it that this can be looked at, and try again'];
}

function withoutStop(text: string): string {
  return text.trim().replace(/\.$/, '');
}
