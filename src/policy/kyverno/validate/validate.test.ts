import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { judgedBy, kyvernoPolicies, policyThatValidates, subjectOf } from '../../../../testing/policy/kyverno.ts';
import type { RuleResult } from '../../resource/verdict.ts';
import { exactStyle } from '../style.ts';

function pod(image: string, spec: object = {}, metadata: object = {}): object {
  return { metadata: { name: 'web', ...metadata }, spec: { containers: [{ name: 'app', image }], ...spec } };
}

async function resultOf(
  policy: string,
  object: object,
  more: Parameters<typeof subjectOf>[2] = {},
  settings: Parameters<typeof kyvernoPolicies>[1] = {},
): Promise<RuleResult | undefined> {
  const { verdict } = judgedBy(await kyvernoPolicies(policy, settings), subjectOf('Pod', object, more));
  return verdict.results[0];
}

interface Case {
  readonly what: string;
  readonly validate: string;
  readonly object: object;
  readonly outcome: string;
  readonly message?: string | RegExp;
}

const latest = `
message: An image tag is required
pattern: {spec: {containers: [{image: "*:* & !*:latest"}]}}`;
const registries = `
message: Unknown registry
foreach:
  - list: request.object.spec.[initContainers, containers][]
    deny:
      conditions:
        all:
          - {key: "{{ images.containers.*.registry }}", operator: AnyNotIn, value: [ghcr.io]}`;
const perElement = `
message: "Image {{ element.image }} is not allowed"
foreach:
  - list: "request.object.spec.[initContainers, containers, ephemeralContainers][]"
    pattern: {image: "ghcr.io/*"}`;
const deny = `
message: "{{ request.object.metadata.name }} is denied"
deny:
  conditions:
    any:
      - {key: "{{ request.object.metadata.labels.team || '' }}", operator: Equals, value: "", message: no team}
      - {key: "{{ request.object.metadata.labels.team || '' }}", operator: AnyIn, value: [a, b]}`;
const anyPattern = `
message: One of them
anyPattern:
  - {spec: {hostNetwork: false}}
  - {metadata: {labels: {net: host}}}`;
const cel = `
message: by default
cel:
  variables:
    - {name: images, expression: "object.spec.containers.map(c, c.image)"}
    - {name: bad, expression: "variables.images.filter(i, !i.startsWith('ghcr.io/'))"}
  expressions:
    - {expression: "size(variables.bad) == 0", messageExpression: "'images ' + variables.bad.join(',')"}
    - {expression: "!has(object.spec.priority) || object.spec.priority + 1 < 10", message: too high}
    - {expression: "object.metadata.name != 'root'"}`;

const cases: readonly Case[] = [
  { what: 'pattern, met', validate: latest, object: pod('nginx:1.2'), outcome: 'passed', message: '' },
  {
    what: 'pattern, not met',
    validate: latest,
    object: pod('nginx:latest'),
    outcome: 'failed',
    message: 'validation error: An image tag is required. rule check failed at path /spec/containers/0/image/',
  },
  {
    what: 'pattern without a message',
    validate: 'pattern: {metadata: {labels: {app: "?*"}}}',
    object: pod('a'),
    outcome: 'failed',
    message: 'validation error: rule check failed at path /metadata/labels/',
  },
  {
    what: 'pattern with a condition that does not hold',
    validate: 'pattern: {spec: {(hostNetwork): true, containers: [{name: x}]}}',
    object: pod('a'),
    outcome: 'skipped',
  },
  {
    what: 'pattern with variables',
    validate: 'pattern: {metadata: {name: "{{ request.namespace }}-*"}}',
    object: pod('a', {}, { name: 'shop-1' }),
    outcome: 'passed',
  },
  { what: 'anyPattern, the first', validate: anyPattern, object: pod('a', { hostNetwork: false }), outcome: 'passed' },
  {
    what: 'anyPattern, the second',
    validate: anyPattern,
    object: pod('a', { hostNetwork: true }, { labels: { net: 'host' } }),
    outcome: 'passed',
  },
  {
    what: 'anyPattern, none',
    validate: anyPattern,
    object: pod('a', { hostNetwork: true }),
    outcome: 'failed',
    message:
      'validation error: One of them. rule check[0] failed at path /spec/hostNetwork/ rule check[1] failed at path /metadata/labels/',
  },
  {
    what: 'anyPattern, one that is not meant and one that is not met',
    validate: 'anyPattern: [{spec: {(hostNetwork): true, a: 1}}, {metadata: {labels: {net: host}}}]',
    object: pod('a'),
    outcome: 'failed',
  },
  {
    what: 'anyPattern, none of which is meant',
    validate: 'anyPattern: [{spec: {(hostNetwork): true, a: 1}}, {spec: {(hostPID): true, a: 1}}]',
    object: pod('a'),
    outcome: 'skipped',
  },
  { what: 'deny, no condition', validate: deny, object: pod('a', {}, { labels: { team: 'c' } }), outcome: 'passed' },
  {
    what: 'deny, with a message of a condition',
    validate: deny,
    object: pod('a'),
    outcome: 'failed',
    message: 'web is denied; no team',
  },
  {
    what: 'deny, the second of any',
    validate: deny,
    object: pod('a', {}, { labels: { team: 'b' } }),
    outcome: 'failed',
    message: 'web is denied',
  },
  {
    what: 'deny all',
    validate: 'deny: {}',
    object: pod('a'),
    outcome: 'failed',
    message: 'validation error: rule check failed',
  },
  {
    what: 'deny, by a variable that gives nothing',
    validate:
      'deny: {conditions: {all: [{key: "{{ request.object.metadata.labels.team }}", operator: Equals, value: x}]}}',
    object: pod('a'),
    outcome: 'undecided',
    message: /gives nothing/,
  },
  {
    what: 'deny, by a list of conditions',
    validate: 'deny: {conditions: [{key: "{{ request.operation }}", operator: Equals, value: CREATE}]}',
    object: pod('a'),
    outcome: 'failed',
  },
  { what: 'foreach and images', validate: registries, object: pod('ghcr.io/a/b'), outcome: 'passed' },
  {
    what: 'foreach and images, denied',
    validate: registries,
    object: pod('a/b'),
    outcome: 'failed',
    message: 'validation failure: Unknown registry',
  },
  {
    what: 'images of one name, none of which hides another',
    validate: 'deny: {conditions: {all: [{key: "{{ images.containers.*.name }}", operator: AnyIn, value: evil}]}}',
    object: { spec: { containers: ['evil', 'good'].map((image) => ({ name: 'a', image })) } },
    outcome: 'failed',
  },
  {
    what: 'images, one of which names none',
    validate: 'deny: {conditions: {all: [{key: "{{ images.containers.*.name }}", operator: AnyIn, value: evil}]}}',
    object: { spec: { containers: [{ name: 'a', image: { b: 1 } }] } },
    outcome: 'undecided',
  },
  { what: 'foreach, elements', validate: perElement, object: pod('ghcr.io/a/b'), outcome: 'passed' },
  {
    what: 'foreach, one of several elements',
    validate: perElement,
    object: pod('ghcr.io/a', {
      initContainers: [
        { name: 'i', image: 'ghcr.io/i' },
        { name: 'j', image: 'evil' },
      ],
    }),
    outcome: 'failed',
    message: 'validation failure: validation error: Image evil is not allowed. rule check failed at path /image/',
  },
  {
    what: 'foreach, containers that are added later',
    validate: perElement,
    object: pod('ghcr.io/a', { ephemeralContainers: [{ name: 'd', image: 'busybox' }] }),
    outcome: 'failed',
  },
  {
    what: 'foreach, a list that is not there',
    validate: 'foreach: [{list: request.object.spec.none, deny: {}}]',
    object: pod('a'),
    outcome: 'skipped',
  },
  {
    what: 'foreach, lists in lists',
    validate: `
message: "{{ element0.name }}.{{ element1.name }} at {{ elementIndex0 }},{{ elementIndex1 }}"
foreach:
  - list: request.object.spec.containers
    foreach:
      - list: element.env
        preconditions: {all: [{key: "{{ element.name }}", operator: NotEquals, value: OK}]}
        deny: {conditions: {all: [{key: "{{ element.value }}", operator: Equals, value: secret}]}}`,
    object: {
      metadata: { name: 'w' },
      spec: {
        containers: [
          {
            name: 'a',
            env: [
              { name: 'OK', value: 'secret' },
              { name: 'K', value: 'secret' },
            ],
          },
        ],
      },
    },
    outcome: 'failed',
    message: 'validation failure: validation failure: a.K at 0,1',
  },
  {
    what: 'foreach, context of an element',
    validate: `
foreach:
  - list: request.object.spec.containers
    context: [{name: short, variable: {jmesPath: "element.image", default: none}}]
    deny: {conditions: {all: [{key: "{{ short }}", operator: Equals, value: none}]}}`,
    object: { metadata: { name: 'w' }, spec: { containers: [{ name: 'a', image: 'x' }, { name: 'b' }] } },
    outcome: 'failed',
  },
  {
    what: 'foreach, an error of one element and a failure of another',
    validate:
      'foreach: [{list: request.object.spec.containers, deny: {conditions: {all: [{key: "{{ element.image }}", operator: Equals, value: evil}]}}}]',
    object: {
      metadata: { name: 'w' },
      spec: { containers: [{ name: 'a' }, { name: 'b', image: 'evil' }, { name: 'c' }] },
    },
    outcome: 'failed',
  },
  {
    what: 'foreach, an error of an element that is not the last',
    validate:
      'foreach: [{list: request.object.spec.containers, deny: {conditions: {all: [{key: "{{ element.image }}", operator: Equals, value: evil}]}}}]',
    object: { metadata: { name: 'w' }, spec: { containers: [{ name: 'a' }, { name: 'b', image: 'good' }] } },
    outcome: 'undecided',
  },
  {
    what: 'foreach, scope of the object',
    validate:
      'foreach: [{list: request.object.spec.containers, elementScope: false, pattern: {metadata: {name: "{{ element.name }}"}}}]',
    object: pod('a', {}, { name: 'app' }),
    outcome: 'passed',
  },
  {
    what: 'foreach, scope of an element that is no object',
    validate: 'foreach: [{list: "request.object.spec.containers[].image", elementScope: true, pattern: "a*"}]',
    object: pod('a'),
    outcome: 'undecided',
    message: /elementScope/,
  },
  { what: 'cel, true', validate: cel, object: pod('ghcr.io/a', { priority: 3 }), outcome: 'passed' },
  {
    what: 'cel, messageExpression',
    validate: cel,
    object: pod('docker.io/a'),
    outcome: 'failed',
    message: 'images docker.io/a',
  },
  {
    what: 'cel, whole numbers',
    validate: cel,
    object: pod('ghcr.io/a', { priority: 9 }),
    outcome: 'failed',
    message: 'too high',
  },
  {
    what: 'cel, the message of the rule',
    validate: cel,
    object: pod('ghcr.io/a', {}, { name: 'root' }),
    outcome: 'failed',
    message: 'by default',
  },
  {
    what: 'cel, no answer',
    validate: 'cel: {expressions: [{expression: object.spec.nope == 1}]}',
    object: pod('a'),
    outcome: 'undecided',
  },
];

describe('validate', () => {
  for (const { what, validate, object, outcome, message } of cases) {
    test(what, async () => {
      const result = await resultOf(policyThatValidates(validate), object);
      assert.equal(result?.outcome, outcome, result?.message);
      if (typeof message === 'string') assert.equal(result?.message, message);
      if (message instanceof RegExp) assert.match(result?.message ?? '', message);
      assert.equal(result?.denies, outcome === 'failed' || outcome === 'undecided');
    });
  }
});

test('patterns say nothing of what is deleted, and conditions do', async () => {
  const deleted = { operation: 'DELETE' } as const;
  assert.equal(await resultOf(policyThatValidates(latest), pod('a:latest'), deleted), undefined);
  assert.equal((await resultOf(policyThatValidates(perElement), pod('evil'), deleted))?.outcome, 'skipped');
  assert.equal((await resultOf(policyThatValidates(deny), pod('a'), deleted))?.outcome, 'failed');
});

test('cel looks at the labels of the namespace', async () => {
  const policies = await kyvernoPolicies(
    policyThatValidates("cel: {expressions: [{expression: \"namespaceObject.metadata.labels['env'] == 'dev'\"}]}"),
  );
  const key = 'namespaceLabels shop';
  const outcomeWith = (labels: NonNullable<Parameters<typeof judgedBy>[2]>[string]): string | undefined =>
    judgedBy(policies, subjectOf('Pod', pod('a')), { [key]: labels }).verdict.results[0]?.outcome;
  assert.equal(outcomeWith({ env: 'dev' }), 'passed');
  assert.equal(outcomeWith({ env: 'prod' }), 'failed');
  assert.equal(outcomeWith({ state: 'unavailable', reason: 'no answer' }), 'undecided');
});

describe('an object that broke the rule before', () => {
  const update = (oldObject: object) =>
    ({ operation: 'UPDATE', oldObject: subjectOf('Pod', oldObject).object }) as const;
  const before = pod('a:latest', { replicas: 1 });
  test('may have other labels and another scale', async () => {
    const result = await resultOf(
      policyThatValidates(latest),
      pod('a:latest', { replicas: 2 }, { labels: { a: 'b' } }),
      update(before),
    );
    assert.equal(result?.outcome, 'skipped');
    assert.match(result?.message ?? '', /^it broke the rule before/);
  });
  test('may not have another image', async () => {
    const evil = pod('evil:latest', { replicas: 1 });
    assert.equal((await resultOf(policyThatValidates(latest), evil, update(before)))?.outcome, 'failed');
    const exact = { style: exactStyle };
    assert.equal((await resultOf(policyThatValidates(latest), evil, update(before), exact))?.outcome, 'skipped');
  });
  test('is told from one that did not', async () => {
    const result = await resultOf(policyThatValidates(latest), pod('a:latest'), update(pod('a:1')), {
      style: exactStyle,
    });
    assert.equal(result?.outcome, 'failed');
  });
  test('may not be changed where the rule says so', async () => {
    const result = await resultOf(
      policyThatValidates(`allowExistingViolations: false\n${latest.trim()}`),
      before,
      update(before),
    );
    assert.equal(result?.outcome, 'failed');
  });
});
