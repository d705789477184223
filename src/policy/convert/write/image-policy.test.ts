import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { evidence, policy } from '../../../../testing/policy/arbitrary.ts';
import { compilePolicy } from '../../compile.ts';
import { evaluate } from '../../evaluate.ts';
import type { Policy, Rule } from '../../model.ts';
import { readPolicy } from '../../seaworthy/read-policy.ts';
import type { Verdict } from '../../verdict.ts';
import { convertOlderPolicy } from '../seaworthy/convert-policy.ts';
import { policiesAsYaml } from './text.ts';
import { writeImagePolicy } from './image-policy.ts';

/** What a reader makes of what was written. */
async function again(given: Policy): Promise<Policy> {
  const { drafts, unsaid } = convertOlderPolicy(given, 'p');
  assert.deepEqual(unsaid, []);
  const policies = drafts.map((draft) => ({
    name: draft.name,
    document: writeImagePolicy(draft, (path) => path),
    comments: [],
    file: 'p',
  }));
  const reading = await readPolicy([{ file: '/p', text: await policiesAsYaml(policies) }]);
  assert.deepEqual(reading.mistakes, undefined);
  assert.ok(reading.policy !== undefined);
  return reading.policy;
}

/** All that a verdict says but the names of rules, which have that of their document before them. */
function told({ decision, rules, pin, exceptions, opened, pending, validUntil }: Verdict): unknown {
  const plain = (name: string): string => name.replace(/^p(?:-\d+)?\//, '');
  return {
    decision,
    pin,
    exceptions,
    pending,
    validUntil,
    opened: opened.map(plain).sort(),
    rules: rules
      .map(({ rule, action, outcome, facts, total }) => ({ rule: plain(rule), action, outcome, facts, total }))
      .sort((a, b) => (a.rule < b.rule ? -1 : 1)),
  };
}

/** Whether a document could have a rule: those that ask for nothing are mistakes there. */
function isWritable(rule: Rule): boolean {
  switch (rule.kind) {
    case 'source':
      return (
        [rule.allow, rule.deny].some((list) => list !== undefined) &&
        rule.allow?.length !== 0 &&
        rule.deny?.length !== 0
      );
    case 'age':
      return (rule.maxSinceCreated ?? rule.minSinceFirstSeen) !== undefined;
    case 'vulnerabilities':
      return rule.ignoreStatuses?.length !== 0;
    case 'config':
      return (
        [rule.nonRoot, rule.healthcheck].includes(true) || (rule.labels ?? rule.forbiddenEnvironment) !== undefined
      );
    default:
      return true;
  }
}

/** What of a policy documents could have. Paths of files in them are read as whole ones. */
function writable(given: Policy): Policy {
  const rules = given.rules.filter(isWritable);
  const names = new Set(rules.map(({ name }) => name));
  return {
    ...given,
    rules,
    signers: given.signers.map((signer) => ({ ...signer, keys: [{ file: `/${signer.name}.pub` }] })),
    exceptions: given.exceptions.flatMap((each) => {
      if (each.rules === undefined) return [each];
      const own = each.rules.filter((name) => names.has(name));
      return own.length === 0 ? [] : [{ ...each, rules: own }];
    }),
  };
}

test('what is written judges as the policy does, whatever the policy and the evidence', async () => {
  await fc.assert(
    fc.asyncProperty(policy, fc.array(evidence, { minLength: 8, maxLength: 8 }), async (given, all) => {
      const whole = writable(given);
      const [before, after] = [compilePolicy(whole), compilePolicy(await again(whole))];
      for (const about of all) assert.deepEqual(told(evaluate(after, about)), told(evaluate(before, about)));
    }),
    { numRuns: 60 },
  );
});
