import type { Finding } from '../../../../codec/yaml/mistake.ts';
import { checkVerification } from '../verification/check.ts';
import { checkMatch } from '../match/check.ts';
import type { KyvernoPolicy, KyvernoRule } from './model.ts';

type Path = readonly (string | number)[];

/** What a rule does; exactly one of these. */
const actions = ['verifyImages', 'validate', 'mutate', 'generate'] as const;

/** Finds what Kyverno refuses though each field is of its type (kyverno.io/docs; its own checks when a policy is admitted). */
export function checkKyvernoPolicy(policy: KyvernoPolicy): readonly Finding[] {
  const found: Finding[] = [];
  const names = new Set<string>();
  for (const [at, rule] of policy.spec.rules.entries()) {
    const path: Path = ['spec', 'rules', at];
    if (names.has(rule.name))
      found.push({ path: [...path, 'name'], sentence: 'is the name of a rule before; each has its own' });
    names.add(rule.name);
    found.push(...checkActions(rule, path), ...checkMatch(policy, rule, path));
    for (const [index, entry] of (rule.verifyImages ?? []).entries()) {
      found.push(...checkVerification(policy, rule, entry, [...path, 'verifyImages', index]));
    }
  }
  const { admission } = policy.spec;
  if (admission === false && policy.spec.rules.some(({ verifyImages }) => verifyImages !== undefined)) {
    found.push({ path: ['spec', 'admission'], sentence: 'cannot be false in a policy that verifies images' });
  }
  return found;
}

function checkActions(rule: KyvernoRule, path: Path): readonly Finding[] {
  const there = actions.filter((each) => rule[each] !== undefined);
  if (there.length === 1) return [];
  const sentence =
    there.length === 0 ? `needs one of ${actions.join(', ')}` : `has ${there.join(' and ')}; make a rule of each`;
  return [{ path: [...path, ...there.slice(1, 2)], sentence }];
}
