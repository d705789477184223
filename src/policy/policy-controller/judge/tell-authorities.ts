import { describeFact, told } from '../../explain/describe-fact.ts';
import { policyLimits } from '../../limits.ts';
import type { Fact, RuleVerdict, Verdict } from '../../verdict.ts';
import type { CompiledImagePolicy } from './compiled-policy.ts';

/** Why no authority is satisfied, of each of them. */
export function tellAuthorities({ authorities }: CompiledImagePolicy, verdict: Verdict | undefined): string {
  const rules = verdict?.rules ?? [];
  const texts = authorities.flatMap((authority) => {
    if (authority.kind === 'static') {
      const own = authority.message === '' ? '' : `: ${told(authority.message)}`;
      return [`${told(authority.name)}: disallowed by static policy${own}`];
    }
    const own = rules.filter(({ rule }) => rule === authority.name || rule.startsWith(`${authority.name}: `));
    return own.filter(({ outcome }) => outcome !== 'passed').map(tellRule);
  });
  return texts.length === 0 ? told(verdict?.message ?? 'none of its authorities is satisfied') : texts.join('; ');
}

function tellRule({ rule, facts }: RuleVerdict): string {
  const reasons = [...new Set(facts.map(reasonOf))].slice(0, policyLimits.toldFacts);
  return `${told(rule)}: ${reasons.join(', ')}`;
}

function reasonOf(fact: Fact): string {
  if (fact.kind === 'signature') return told(fact.why ?? 'it is signed');
  if (fact.kind !== 'attestation') return describeFact(fact);
  return `${told(fact.why ?? 'it is stated')} of type ${told(fact.predicateType)}`;
}
