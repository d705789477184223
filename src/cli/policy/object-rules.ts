import type { ResourceOutcome, ResourcePolicy } from '../../policy/resource/policy.ts';
import type { ResourceVerdict } from '../../policy/resource/verdict.ts';
import type { RuleReport, UnconcernedRule } from './model.ts';

const outcomes: Readonly<Record<ResourceOutcome, RuleReport['outcome']>> = {
  passed: 'passed',
  failed: 'violated',
  skipped: 'skipped',
  undecided: 'undecided',
};

/** What each rule about objects says of a Pod with an image. */
export function objectRules({ results }: ResourceVerdict, policies: readonly ResourcePolicy[]): RuleReport[] {
  const dialects = new Map(policies.map(({ id, dialect }) => [id, dialect]));
  return results.map(({ policy, rule, action, outcome, denies, message }) => ({
    dialect: dialects.get(policy) ?? 'kyverno',
    policy,
    rule,
    action,
    outcome: outcomes[outcome],
    denies,
    why: message,
    facts: [],
    exceptions: [],
    ended: [],
    signers: [],
  }));
}

/** Rules that are not about a Pod with the image, and why as far as that is known. */
export function unconcernedObjectRules(
  { results }: ResourceVerdict,
  policies: readonly ResourcePolicy[],
): UnconcernedRule[] {
  const told = new Set(results.map(({ policy, rule }) => `${policy}\0${rule}`));
  return policies.flatMap(({ id, admission, rules }) =>
    rules
      .filter(({ name }) => !told.has(`${id}\0${name}`))
      .map(({ name, kinds }) => ({ policy: id, rule: name, why: whyNot(admission, kinds) })),
  );
}

function whyNot(admission: boolean, kinds: readonly string[]): string {
  if (!admission) return 'it looks over what is there already, and not what comes';
  const isForPods = kinds.some((kind) => /(?:^|\/)(?:Pod|\*)$/.test(kind));
  return isForPods
    ? 'it does not match a Pod with this image alone in this namespace, or a rule before it decided'
    : `it is about ${kinds.slice(0, 5).join(', ')}`;
}
