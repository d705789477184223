import type { ResourcePolicy, ResourceRule } from '../../src/policy/resource/policy.ts';

/** A policy of one rule about some kinds, which is about no object. */
export function policyAbout(
  id: string,
  kinds: readonly string[],
  policy: Partial<ResourcePolicy> = {},
  rule: Partial<ResourceRule> = {},
): ResourcePolicy {
  return {
    id,
    dialect: 'seaworthy',
    hash: '0'.repeat(64),
    unknown: 'deny',
    admission: true,
    background: true,
    firstRuleOnly: false,
    matchConditions: [],
    rules: [{ name: 'rule', kinds, judge: () => ({ kind: 'notAbout' }), ...rule }],
    ...policy,
  };
}
