import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import {
  compiledKyverno,
  judgedBy,
  kyvernoMistakes,
  kyvernoPolicies,
  signedByTester,
  subjectOf,
} from '../../../../testing/policy/kyverno.ts';

const policies = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: verify}
spec:
  validationFailureAction: Enforce
  rules:
    - name: signed
      match: {any: [{resources: {kinds: [Pod]}}]}
      ${signedByTester}
---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: tags}
spec:
  validationFailureAction: Enforce
  rules:
    - name: no-latest
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {pattern: {spec: {containers: [{image: "!*:latest"}]}}}
`;

function exceptionOf(more: string, match = '{any: [{resources: {kinds: [Pod], names: [web*]}}]}'): string {
  return `---
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: e${more.length}, namespace: exceptions}
spec:
  match: ${match}
${more
  .split('\n')
  .map((line) => `  ${line}`)
  .join('\n')}
`;
}

const both = 'exceptions: [{policyName: verify, ruleNames: ["*"]}, {policyName: tags, ruleNames: [no-latest]}]';
const settings = { exceptionNamespace: 'exceptions' };

function pod(...images: readonly string[]): object {
  return { metadata: { name: 'web-1' }, spec: { containers: images.map((image, at) => ({ name: `c${at}`, image })) } };
}

async function outcomes(
  exceptions: string,
  object: object,
  more: Parameters<typeof subjectOf>[2] = {},
): Promise<string> {
  const compiled = await kyvernoPolicies(policies + exceptions, settings);
  const { verdict } = judgedBy(compiled, subjectOf('Pod', object, { name: 'web-1', ...more }));
  return verdict.results.map(({ policy, outcome }) => `${policy} ${outcome}`).join(', ');
}

describe('exceptions', () => {
  const evil = pod('evil:latest');
  const cases: readonly (readonly [
    what: string,
    exceptions: string,
    object: object,
    expected: string,
    more?: Parameters<typeof subjectOf>[2],
  ])[] = [
    ['none', '', evil, 'tags failed, verify failed'],
    ['from both', exceptionOf(both), evil, 'tags skipped, verify skipped'],
    [
      'from one rule',
      exceptionOf('exceptions: [{policyName: tags, ruleNames: [no-*]}]'),
      evil,
      'tags skipped, verify failed',
    ],
    [
      'from another rule',
      exceptionOf('exceptions: [{policyName: tags, ruleNames: [x]}]'),
      evil,
      'tags failed, verify failed',
    ],
    [
      'from another policy',
      exceptionOf('exceptions: [{policyName: "*", ruleNames: ["*"]}]'),
      evil,
      'tags failed, verify failed',
    ],
    ['for another object', exceptionOf(both), evil, 'tags failed, verify failed', { name: 'db' }],
    [
      'with conditions that hold',
      exceptionOf(`${both}\nconditions: {all: [{key: "{{ request.namespace }}", operator: Equals, value: shop}]}`),
      evil,
      'tags skipped, verify skipped',
    ],
    [
      'with conditions that do not',
      exceptionOf(`${both}\nconditions: {all: [{key: "{{ request.namespace }}", operator: Equals, value: x}]}`),
      evil,
      'tags failed, verify failed',
    ],
    [
      'with conditions that cannot be told',
      exceptionOf(`${both}\nconditions: {all: [{key: "{{ request.object.x }}", operator: Equals, value: x}]}`),
      evil,
      'tags failed, verify failed',
    ],
    [
      'not for what is there already',
      exceptionOf(`${both}\nbackground: false`),
      evil,
      'tags failed, verify failed',
      { operation: 'audit' },
    ],
    ['images, all of them', exceptionOf(`${both}\nimages: ["docker.io/evil:*"]`), evil, 'tags skipped, verify skipped'],
    [
      'images, one of two',
      exceptionOf(`${both}\nimages: ["docker.io/evil:*"]`),
      pod('evil:latest', 'unsigned:latest'),
      'tags failed, verify failed',
    ],
    [
      'images, the other one signed',
      exceptionOf(`${both}\nimages: ["docker.io/evil:*"]`),
      pod('evil:latest', 'signed:1'),
      'tags failed, verify passed',
    ],
    [
      'images of one policy',
      exceptionOf(
        'exceptions: [{policyName: verify, ruleNames: ["*"], images: [{imageReferences: ["docker.io/evil:*"]}]}]',
      ),
      pod('evil:latest', 'signed:1'),
      'tags failed, verify passed',
    ],
    [
      'images of two exceptions, each for its own',
      exceptionOf(`${both}\nimages: ["docker.io/a:*"]`) + exceptionOf(`${both}\nimages: ["docker.io/b:*"] # other`),
      pod('a:latest', 'b:latest'),
      // About images, each is excepted by one; about the object as a whole, neither is about all of it.
      'tags failed, verify skipped',
    ],
    [
      'labels of a namespace that nobody can look up',
      exceptionOf(both, '{any: [{resources: {kinds: [Pod], namespaceSelector: {matchLabels: {a: b}}}}]}'),
      evil,
      'tags failed, verify failed',
      { namespaceLabels: { state: 'unavailable', reason: 'no answer' } },
    ],
  ];
  for (const [what, exceptions, object, expected, more] of cases) {
    test(what, async () => assert.equal(await outcomes(exceptions, object, more), expected));
  }
});

test('images that are excepted are told beside the others', async () => {
  const compiled = await kyvernoPolicies(policies + exceptionOf(`${both}\nimages: ["docker.io/evil:*"]`), settings);
  const { verdict } = judgedBy(compiled, subjectOf('Pod', pod('evil:1', 'signed:1'), { name: 'web-1' }));
  const images = verdict.results.find(({ policy }) => policy === 'verify')?.images ?? [];
  assert.deepEqual(
    images.map(({ name, outcome }) => [name, outcome]),
    [
      ['docker.io/signed:1', 'passed'],
      ['docker.io/evil:1', 'skipped'],
    ],
  );
  assert.match(images[1]?.message ?? '', /^exception exceptions\/e\d+ is about it$/);
});

test('exceptions count in one namespace alone, and nowhere unless that is said', async () => {
  const text = policies + exceptionOf(both);
  assert.match((await kyvernoMistakes(text))[0] ?? '', /does not count: none do/);
  assert.match(
    (await kyvernoMistakes(text, { exceptionNamespace: 'other' }))[0] ?? '',
    /does not count: those of namespace other/,
  );
  const { policies: compiled } = await compiledKyverno(text);
  assert.equal(judgedBy(compiled, subjectOf('Pod', pod('evil:latest'), { name: 'web-1' })).verdict.allowed, false);
});

test('what is not carried out is told by line', async () => {
  const text = exceptionOf(
    'podSecurity: []\nexceptions: [{policyName: a, ruleNames: [b], reportAs: skip, values: [], images: [{}]}]',
  );
  const found = await kyvernoMistakes(text, settings);
  assert.deepEqual(
    found.map((each) => each.replace(/^(\d+):\d+: ([^:]+): .*/, '$1 $2')),
    [
      '7 spec.podSecurity',
      '8 spec.exceptions[0].reportAs',
      '8 spec.exceptions[0].values',
      '8 spec.exceptions[0].images[0]',
    ],
  );
});
