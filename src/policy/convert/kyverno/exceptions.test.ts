import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { judgesAlike, usualConversion } from '../../../../testing/policy/convert-alike.ts';
import { podKinds } from '../../../../testing/policy/judge-alike.ts';
import { tektonKinds } from '../../../../testing/policy/worlds-of-tekton.ts';
import { convertTexts } from '../convert-texts.ts';
import { policiesAsYaml } from '../write/text.ts';

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });
const pods = 'match: {any: [{resources: {kinds: [Pod]}}]}';
const verification = `{name: signed, ${pods}, verifyImages: [{imageReferences: ["*"], attestors: [{entries: [{keys: {publicKeys: ${JSON.stringify(pem)}}}]}]}]}`;
const pattern = `{name: tags, ${pods}, validate: {pattern: {spec: {containers: [{image: "*:1"}]}}}}`;

function policies(...rules: readonly string[]): string {
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: p}
spec:
  validationFailureAction: Enforce
  rules: [${rules.join(', ')}]
`;
}

function excepting(match: string, { from = '{policyName: p, ruleNames: ["*"]}', more = '' } = {}): string {
  return `---
apiVersion: kyverno.io/v2
kind: PolicyException
metadata: {name: e, namespace: excepted}
spec:
  exceptions: [${from}]
  match: {${match}}
  ${more}
`;
}

const resources = (text: string): string => `any: [{resources: {${text}}}]`;
const signed = '{policyName: p, ruleNames: [signed]}';
const tags = '{policyName: p, ruleNames: [tags]}';

const cases: Readonly<Record<string, readonly [policy: string, ...exceptions: readonly string[]]>> = {
  'a namespace': [policies(verification), excepting(resources('namespaces: [team]'))],
  'some objects by their names': [
    policies(verification),
    excepting(resources('kinds: [Pod, Deployment], namespaces: ["dev-*", team], names: ["tool-*"]')),
  ],
  'one name': [policies(verification), excepting(resources('kinds: [Pod], name: db'))],
  'labels of namespaces': [
    policies(verification),
    excepting(resources('namespaceSelector: {matchLabels: {stage: prod}}')),
  ],
  operations: [policies(verification), excepting(resources('kinds: [Pod], operations: [UPDATE]'))],
  'several filters': [
    policies(verification),
    excepting('any: [{resources: {namespaces: [team]}}, {resources: {kinds: [CronJob], names: [db]}}]'),
  ],
  'the rule alone, and not what it is extended to': [
    policies(verification),
    excepting(resources('namespaces: [team, prod]'), { from: signed }),
  ],
  'what a rule is extended to alone': [
    policies(verification),
    excepting(resources('namespaces: [team, prod]'), { from: '{policyName: p, ruleNames: ["autogen-*"]}' }),
  ],
  'one rule of several': [
    policies(verification, pattern),
    excepting(resources('namespaces: [team, prod]'), { from: tags }),
  ],
  'several exceptions': [
    policies(verification, pattern),
    excepting(resources('namespaces: [team]'), { from: tags }),
    excepting(resources('names: [web]'), { from: signed }).replace('name: e', 'name: f'),
  ],
  'some images': [
    policies(verification),
    excepting(resources('namespaces: [team, prod]'), { more: 'images: ["ghcr.io/org/*"]' }),
  ],
  'some images of one rule': [
    policies(verification),
    excepting(resources('kinds: [Pod]'), {
      from: '{policyName: p, ruleNames: [signed], images: [{imageReferences: ["ghcr.io/org/app*", "registry.example.com:5000/a*"]}]}',
    }),
  ],
  'images of a rule about objects': [
    policies(pattern),
    excepting(resources('namespaces: [team, prod]'), { more: 'images: ["ghcr.io/org/*"]' }),
  ],
  'kinds with images of their own': [
    policies(
      verification
        .replace('kinds: [Pod]', 'kinds: [TaskRun, Pod]')
        .replace('verifyImages', 'imageExtractors: {TaskRun: [{path: /spec/taskRef/bundle}]}, verifyImages'),
    ),
    excepting(resources('kinds: [TaskRun], namespaces: [team, prod]')),
  ],
};

for (const [what, texts] of Object.entries(cases)) {
  test(`a policy of Kyverno with an exception and what it is converted into judge alike: ${what}`, () =>
    judgesAlike(texts.join(''), {
      runs: 120,
      // Capitals in a host are another name to exceptions of Kyverno, and the same registry here.
      names: ['ghcr.io/org/app', 'ghcr.io/org/team/db', 'ghcr.io/org-evil/app', 'nginx', 'registry.example.com:5000/a'],
      ...(what.startsWith('kinds with') ? { kinds: [...podKinds, ...tektonKinds] } : {}),
    }));
}

const unsaid: readonly (readonly [exception: string, path: string])[] = [
  [excepting(resources('namespaces: [team]'), { more: 'conditions: {all: []}' }), 'spec.conditions'],
  [excepting(resources('namespaces: [team]'), { more: 'background: false' }), 'spec.background'],
  [
    excepting(resources('namespaces: [team]'), { from: '{policyName: other, ruleNames: ["*"]}' }),
    'spec.exceptions[0].policyName',
  ],
  [excepting(resources('selector: {matchLabels: {a: b}}')), 'spec.match.any[0].resources.selector'],
  [
    excepting('any: [{resources: {namespaces: [team]}, subjects: [{kind: User, name: a}]}]', {
      more: 'background: false',
    }),
    'spec.match.any[0].subjects',
  ],
  [excepting(resources('namespaces: [team]'), { more: 'images: ["*:dev"]' }), 'spec.exceptions[0].images'],
  [excepting(resources('kinds: ["Deploy*"]')), 'spec.match.any[0].resources.kinds'],
  [excepting(resources('kinds: ["*/scale"]')), 'spec.match.any[0].resources.kinds'],
];

for (const [exception, path] of unsaid) {
  test(`what an exception of an ImagePolicy cannot say is told: ${path}`, async () => {
    const exceptions = { owner: 'a', reason: 'b', until: Date.parse('2027-01-01') };
    const text = `${policies(verification)}${exception}`;
    const { unsaid: told, counts } = await convertTexts([{ file: '/p.yaml', text }], {
      ...usualConversion,
      exceptions,
    });
    assert.ok(
      told.some((each) => each.path === path),
      JSON.stringify(told),
    );
    assert.deepEqual(counts, { wholly: 1, partly: 0, not: 1 });
  });
}

test('who answers for an exception, why, and until when is written as it was said, and asked for otherwise', async () => {
  const text = `${policies(verification)}${excepting(resources('namespaces: [team]'))}`;
  const asked = await convertTexts([{ file: '/p.yaml', text }], usualConversion);
  assert.match(asked.unsaid[0]?.sentence ?? '', /give --exception-owner, --exception-reason and --exception-until$/);
  const exceptions = { owner: 'team', reason: 'it moves', until: Date.parse('2027-01-01') };
  const { policies: written, unsaid: told } = await convertTexts([{ file: '/p.yaml', text }], {
    ...usualConversion,
    exceptions,
  });
  assert.deepEqual(told, []);
  assert.match(
    await policiesAsYaml(written),
    /exceptions:\n {4}- name: e\n {6}rules:\n {8}- signatures\n {8}- digest\n {6}objects:\n {8}- namespaces:\n {12}- team\n {6}owner: team\n {6}reason: it moves\n {6}until: '2027-01-01T00:00:00\.000Z'\n/,
  );
});
