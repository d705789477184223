import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentOf, mistakesOf } from '../../../testing/policy/policy-text.ts';

const signer = 'signers: [{name: s, keys: [{file: k}]}]\n';

const mistakes: readonly (readonly [what: string, text: string, expected: readonly (string | RegExp)[]])[] = [
  ['nothing', '', ['0:1:1: This holds no policy']],
  ['no YAML', '[', [/^0:1:\d+: This is not YAML/]],
  ['a list', '- a', ['0:1:1: A policy takes names with values']],
  [
    'another form',
    'apiVersion: seaworthy.dev/v2\nkind: Polity\nspec: {}',
    [
      /^0:1:1: apiVersion: cannot be "seaworthy.dev\/v2"; write seaworthy.dev\/v1alpha1/,
      /^0:2:1: kind: .*did you mean Policy/,
    ],
  ],
  ['no spec', 'apiVersion: seaworthy.dev/v1alpha1\nkind: Policy', ['0:1:1: spec: is missing; add it']],
  ['an unknown name', documentOf('rulse: []'), ['0:4:3: spec.rulse: is no setting; did you mean rules?']],
  [
    'an unknown name in a rule',
    documentOf('rules:\n  - name: a\n    vulnerabilities:\n      severety: HIGH'),
    ['0:7:9: spec.rules[0].vulnerabilities.severety: is no setting; did you mean severity?'],
  ],
  [
    'wrong values, all at once',
    documentOf(
      'unknown: open\nrules:\n  - name: "\\e"\n    action: refuse\n    vulnerabilities: {severity: BAD, epss: 2, grace: soon}',
    ),
    [
      /^0:4:3: spec.unknown: cannot be "open"; write deny or allow/,
      /^0:6:7: spec.rules\[0\].name: cannot be/,
      /^0:7:7: spec.rules\[0\].action: cannot be "refuse"; write deny, warn or audit/,
      /^0:8:25: .*severity: cannot be "BAD"; write UNKNOWN, LOW, MEDIUM, HIGH or CRITICAL/,
      /^0:8:40: .*epss: cannot be "2"; write a number from 0 to 1/,
      /^0:8:49: .*grace: cannot be "soon"; write a duration/,
    ],
  ],
  [
    'a rule about nothing',
    documentOf('rules:\n  - name: a'),
    [/^0:5:7: spec.rules\[0\]: is about nothing; add one of vuln/],
  ],
  [
    'a rule about two things',
    documentOf('rules:\n  - name: a\n    endOfLife: {}\n    source: {allow: [a]}'),
    [/is about source and endOfLife; write a rule for each/],
  ],
  ['a source that forbids nothing', documentOf('rules: [{name: a, source: {}}]'), [/source: forbids nothing/]],
  ['an age that forbids nothing', documentOf('rules: [{name: a, age: {}}]'), [/age: forbids nothing/]],
  [
    'a config that forbids nothing',
    documentOf('rules: [{name: a, config: {nonRoot: false}}]'),
    [/config: forbids nothing/],
  ],
  [
    'grace that is none',
    documentOf('rules: [{name: a, vulnerabilities: {graceSince: known}}]'),
    [/vulnerabilities: has a graceSince and no grace/],
  ],
  [
    'a pattern that can match nothing',
    documentOf('rules: [{name: a, match: {repositories: [Team/*]}, endOfLife: {}}]'),
    [/repositories\[0\]: cannot be "Team\/\*": names of repositories have small letters/],
  ],
  [
    'a tag behind a source',
    documentOf("rules: [{name: a, source: {allow: ['docker.io/nginx:*']}}]"),
    [/allow\[0\]: cannot be "docker.io\/nginx:\*"/],
  ],
  [
    'patterns of no form',
    documentOf("rules: [{name: a, source: {allow: [{glop: a}, {regex: '('}, {regex: a, glob: b}, [a], '']}}]"),
    [
      /allow\[0\]: takes a pattern/,
      /allow\[1\]: cannot be used/,
      /allow\[2\]: takes/,
      /allow\[3\]: takes/,
      /allow\[4\]: .*empty/,
    ],
  ],
  [
    'a condition that cannot be read',
    documentOf(
      `${signer}rules:\n  - {name: a, attestation: {predicateType: spdx, signers: [s], condition: predikate.x}}`,
    ),
    [/^0:6:\d+: .*condition: is no condition: the condition cannot be read/],
  ],
  [
    'a predicate type of no form',
    documentOf(`${signer}rules: [{name: a, attestation: {predicateType: provenance, signers: [s]}}]`),
    [/predicateType: cannot be "provenance"; write a predicate type/],
  ],
  [
    'a key that is none',
    documentOf('signers: [{name: s, keys: [{pem: x}]}]'),
    [/keys\[0\].pem: is no key that can be used/],
  ],
  ['a key that is nothing', documentOf('signers: [{name: s, keys: [{}]}]'), [/keys\[0\]: takes one of pem and file/]],
  [
    'an identity that anybody has',
    documentOf('signers: [{name: s, identities: [{issuer: a}]}]'),
    [/identities\[0\]: takes one of subject and subjectRegex/],
  ],
  [
    'an expression that is none',
    documentOf("signers: [{name: s, identities: [{issuer: a, subjectRegex: '('}]}]"),
    [/subjectRegex: cannot be used/],
  ],
  [
    'a signer who is nobody',
    documentOf('signers:\n  - name: s'),
    [/^0:5:7: spec.signers\[0\]: has neither keys nor identities/],
  ],
  [
    'a signer that there is not',
    documentOf(`${signer}rules:\n  - name: a\n    signatures:\n      signers: [t]`),
    ['0:8:19: spec.rules[0].signatures.signers[0]: is "t", and there is no such signer; did you mean s?'],
  ],
  [
    'two rules of one name',
    documentOf('rules:\n  - {name: a, endOfLife: {}}\n  - {name: a, endOfLife: {}}'),
    [/^0:6:8: spec.rules\[1\].name: is "a", which another has too/],
  ],
  [
    'an exception without an owner, a reason and an end',
    documentOf('exceptions: [{name: e, ids: [CVE-1]}]'),
    [/owner: is missing/, /reason: is missing/, /until: is missing/],
  ],
  [
    'an exception that never ends',
    documentOf('exceptions: [{name: e, owner: o, reason: r, until: never, ids: [CVE-1]}]'),
    [/until: cannot be "never"; write a day/],
  ],
  [
    'an exception until a day that there is not',
    documentOf('exceptions: [{name: e, owner: o, reason: r, until: 2026-02-30, ids: [CVE-1]}]'),
    [/until: cannot be "2026-02-30"/],
  ],
  [
    'an exception from everything',
    documentOf('exceptions:\n  - {name: e, owner: o, reason: r, until: 2026-01-01, repositories: [a]}'),
    [/^0:5:7: spec.exceptions\[0\]: would let everything pass; name rules, ids or packages/],
  ],
  ['an alias, once', documentOf('unknown: &a deny\nexceptionHelp: *a'), [/^0:5:18: Aliases are not taken/]],
  ['a name twice', documentOf('unknown: deny\nunknown: allow'), [/^0:5:3: "unknown" stands twice/]],
  ['a prototype', documentOf('__proto__: {}'), [/spec.__proto__: is no setting/]],
];

for (const [what, text, expected] of mistakes) {
  test(`readPolicy() tells of ${what}`, async () => {
    const told = await mistakesOf(text);
    assert.equal(told.length, expected.length, told.join('\n'));
    for (const [index, wanted] of expected.entries()) {
      if (typeof wanted === 'string') assert.equal(told[index], wanted);
      else assert.match(told[index] ?? '', wanted);
    }
  });
}
