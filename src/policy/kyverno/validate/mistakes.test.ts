import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { kyvernoMistakes, policyThatValidates } from '../../../../testing/policy/kyverno.ts';

const wrong: readonly (readonly [what: string, validate: string, mistakes: readonly RegExp[], rule?: string])[] = [
  ['no form', 'message: x', [/validate: takes exactly one of pattern, anyPattern, deny, foreach/]],
  ['two forms', 'pattern: {}\ndeny: {}', [/takes exactly one/]],
  [
    'podSecurity',
    'podSecurity: {level: baseline}',
    [/^11:\d+: spec\.rules\[0\]\.validate\.podSecurity: is not supported/],
  ],
  ['manifests', 'manifests: {}', [/manifests: is not supported/]],
  ['assert', 'assert: {}', [/assert: is not supported/]],
  [
    'an expression',
    'deny: {conditions: {all: [{key: "{{ a ||| }}", operator: Equals, value: 1}]}}',
    [/all\[0\]\.key: cannot be used/],
  ],
  ['an operator', 'deny: {conditions: {all: [{key: a, value: 1}]}}', [/operator: is missing/]],
  ['a list in braces', 'foreach: [{list: "{{ request.object.spec }}", deny: {}}]', [/list: is an expression already/]],
  ['a reference', 'pattern: {spec: {a: "$(./../b)"}}', [/pattern: has \$\(…\)/]],
  ['the value here', 'pattern: {spec: {a: "{{ @ }}x"}}', [/\{\{ @ \}\} is not supported/]],
  ['no end', 'pattern: {spec: {a: "{{ b"}}', [/pattern: cannot be used/]],
  ['cel', 'cel: {expressions: [{expression: "object.spec. =="}]}', [/expressions\[0\]\.expression: cannot be used/]],
  [
    'cel, an authorizer',
    "cel: {expressions: [{expression: \"authorizer.group('').resource('pods') == 1\"}]}",
    [/cannot be used: .+authorizer/],
  ],
  [
    'cel, parameters',
    'cel: {paramKind: {kind: A}, paramRef: {name: a}, expressions: [{expression: "true"}]}',
    [/paramKind: is not supported/, /paramRef: is not supported/],
  ],
  ['cel and another form', 'cel: {expressions: [{expression: "true"}]}\ndeny: {}', [/cel: takes no other form/]],
  [
    'celPreconditions',
    'deny: {}',
    [/celPreconditions: is for rules with validate\.cel/],
    'celPreconditions: [{name: a, expression: "true"}]',
  ],
];

describe('what is told when a policy is loaded', () => {
  for (const [what, validate, mistakes, rule] of wrong) {
    test(what, async () => {
      const found = await kyvernoMistakes(policyThatValidates(validate, rule));
      assert.equal(found.length, mistakes.length, found.join('\n'));
      for (const [at, each] of mistakes.entries()) assert.match(found[at] ?? '', each);
    });
  }
});
