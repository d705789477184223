import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kyvernoPolicies, policyThatValidates } from '../../../../testing/policy/kyverno.ts';
import { compileTexts } from '../../../policy/dialects/compile-texts.ts';
import { usualNaming } from '../../../policy/kyverno/image-name.ts';
import { strictStyle } from '../../../policy/kyverno/style.ts';
import { evaluateResource } from '../../../policy/resource/evaluate-resource.ts';
import { podOfImage } from '../../../policy/resource/pod-of-image.ts';
import { rulesAboutImage } from './rules-about-image.ts';

const tag = 'message: refused\npattern: {spec: {containers: [{image: "!*:latest"}]}}';

/** What rules say of an image with no Pod around it, and of one that has what they want. */
const rules: readonly (readonly [what: string, validate: string, latest: boolean, other: boolean])[] = [
  ['a pattern of the image', tag, false, true],
  [
    'a condition on images',
    '{message: refused, deny: {conditions: {any: [{key: latest, operator: AnyIn, value: "{{ images.containers.*.tag }}"}]}}}',
    false,
    true,
  ],
  [
    'each of the containers',
    'foreach: [{list: request.object.spec.containers, pattern: {image: "!*:latest"}}]',
    false,
    true,
  ],
  [
    'an expression on the image',
    'cel: {expressions: [{expression: "object.spec.containers.all(c, !c.image.endsWith(\':latest\'))"}]}',
    false,
    true,
  ],
  ['what no image meets', 'message: refused\npattern: {spec: {containers: [{image: "corp.example/*"}]}}', false, false],
  ['labels of the Pod', 'message: refused\npattern: {metadata: {labels: {team: "?*"}}}', true, true],
  [
    'limits of the container',
    'message: refused\npattern: {spec: {containers: [{resources: {limits: {memory: "?*"}}}]}}',
    true,
    true,
  ],
  [
    'a condition on labels',
    '{message: refused, deny: {conditions: {any: [{key: "{{ request.object.metadata.labels.team || \'\' }}", operator: Equals, value: ""}]}}}',
    true,
    true,
  ],
  [
    'the image and labels',
    'message: refused\npattern: {metadata: {labels: {team: "?*"}}, spec: {containers: [{image: "!*:latest"}]}}',
    false,
    false,
  ],
  // Expressions are given the whole object, so that nobody can tell what they look at.
  ['an expression on labels', 'cel: {expressions: [{expression: "has(object.metadata.labels)"}]}', false, false],
];

async function judge(validate: string, image: string): Promise<boolean | undefined> {
  const policies = rulesAboutImage(await kyvernoPolicies(policyThatValidates(validate)), image, 'team');
  const subject = podOfImage(image, 'team');
  const input = { subject, now: 0, pins: false, lookups: new Map(), images: new Map() };
  return evaluateResource(policies, input).verdict?.allowed;
}

for (const [what, validate, latest, other] of rules) {
  test(`a rule about ${what} is asked about the image, and not about the Pod that nobody knows`, async () => {
    assert.deepEqual([await judge(validate, 'nginx:latest'), await judge(validate, 'nginx:1')], [latest, other]);
  });
}

test('what could not be decided is not taken for met, though nobody looked at the image yet', async () => {
  const context = 'context: [{name: keys, configMap: {name: keys, namespace: team}}]';
  const text = policyThatValidates(
    tag,
    `${context}\npreconditions: {all: [{key: "{{ keys.data.x }}", operator: Equals, value: y}]}`,
  );
  const policies = rulesAboutImage(await kyvernoPolicies(text), 'nginx:latest', 'team');
  const subject = podOfImage('nginx:latest', 'team');
  const asked = { subject, now: 0, pins: false, lookups: new Map(), images: new Map() };
  const { needs } = evaluateResource(policies, asked);
  const [lookup] = needs?.lookups ?? [];
  assert.ok(lookup);
  const lookups = new Map([[lookup.key, { state: 'unavailable', reason: 'no answer' } as const]]);
  const { verdict } = evaluateResource(policies, { ...asked, lookups });
  assert.deepEqual([verdict?.allowed, verdict?.results[0]?.outcome], [false, 'undecided']);
});

test('a policy that may not be about the namespace is not taken for met where that cannot be told', async () => {
  const text = `apiVersion: seaworthy.dev/v1
kind: ImagePolicy
metadata: {name: sources}
spec:
  match: {namespaceSelector: {matchLabels: {stage: production}}}
  sources: {allow: ["corp.example/**"]}
`;
  const kyverno = { style: strictStyle, naming: usualNaming, namespace: 'kyverno' };
  const { policies } = await compileTexts([{ file: 'p.yaml', text }], { kyverno });
  const about = rulesAboutImage(policies, 'nginx:1', 'team');
  const asked = { subject: podOfImage('nginx:1', 'team'), now: 0, pins: false, lookups: new Map(), images: new Map() };
  const [lookup] = evaluateResource(about, asked).needs?.lookups ?? [];
  assert.ok(lookup);
  const lookups = new Map([[lookup.key, { state: 'unavailable', reason: 'no answer' } as const]]);
  const { verdict } = evaluateResource(about, { ...asked, lookups });
  assert.deepEqual([verdict?.allowed, verdict?.results[0]?.outcome], [false, 'undecided']);
});

test('where the first rule is the only one, it is so as well for a Pod that meets it', async () => {
  const patterns = ['{metadata: {labels: {team: "?*"}}}', '{spec: {containers: [{image: "!*:latest"}]}}'];
  const text = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: first}
spec:
  validationFailureAction: Enforce
  applyRules: One
  rules:
${patterns.map((pattern, at) => `    - {name: r${at}, match: {any: [{resources: {kinds: [Pod]}}]}, validate: {message: refused, pattern: ${pattern}}}`).join('\n')}
`;
  const policies = rulesAboutImage(await kyvernoPolicies(text), 'nginx:latest', 'team');
  const input = {
    subject: podOfImage('nginx:latest', 'team'),
    now: 0,
    pins: false,
    lookups: new Map(),
    images: new Map(),
  };
  const { verdict } = evaluateResource(policies, input);
  assert.deepEqual(
    verdict?.results.map(({ rule, outcome }) => [rule, outcome]),
    [['r0', 'passed']],
  );
});
