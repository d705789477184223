import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import type { KyvernoPolicy, KyvernoRule } from '../document/policy/model.ts';
import { autogenAnnotation, autogenKinds } from './controllers.ts';
import { extendRule } from './extend-rule.ts';

const match = { any: [{ resources: { kinds: ['Pod'] } }] };
const all = [
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'apps/v1/ReplicaSet',
  'apps/v1/StatefulSet',
  'batch/v1/Job',
  'v1/ReplicationController',
];

function policyOf(rules: readonly Partial<KyvernoRule>[], annotation?: string): KyvernoPolicy {
  return {
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: 'p', ...(annotation === undefined ? {} : { annotations: { [autogenAnnotation]: annotation } }) },
    spec: { rules: rules.map((rule, at) => ({ name: `r${at}`, match, ...rule })) },
  };
}

describe('autogenKinds()', () => {
  const cases: readonly (readonly [
    what: string,
    policy: KyvernoPolicy,
    controllers: readonly string[],
    cronJobs: boolean,
  ])[] = [
    ['pods', policyOf([{}]), all, true],
    ['pods, in the old form', policyOf([{ match: { resources: { kinds: ['Pod'] } } }]), all, true],
    ['namespaces', policyOf([{ match: { any: [{ resources: { kinds: ['Pod'], namespaces: ['a'] } }] } }]), all, true],
    ['a name', policyOf([{ match: { any: [{ resources: { kinds: ['Pod'], name: 'a' } }] } }]), [], false],
    ['names', policyOf([{ match: { any: [{ resources: { kinds: ['Pod'], names: ['a'] } }] } }]), [], false],
    ['labels', policyOf([{ match: { any: [{ resources: { kinds: ['Pod'], selector: {} } }] } }]), [], false],
    [
      'annotations',
      policyOf([{ match: { all: [{ resources: { kinds: ['Pod'], annotations: { a: 'b' } } }] } }]),
      [],
      false,
    ],
    ['labels of what is excluded', policyOf([{ exclude: { any: [{ resources: { selector: {} } }] } }]), [], false],
    ['pods and others', policyOf([{ match: { any: [{ resources: { kinds: ['Pod', 'Deployment'] } }] } }]), [], false],
    ['others', policyOf([{ match: { any: [{ resources: { kinds: ['ConfigMap'] } }] } }]), [], false],
    [
      'one rule of several with names',
      policyOf([{}, { match: { any: [{ resources: { kinds: ['ConfigMap'], name: 'a' } }] } }]),
      [],
      false,
    ],
    ['one rule that generates', policyOf([{}, { generate: {} }]), [], false],
    ['none', policyOf([{}], 'none'), [], false],
    ['some', policyOf([{}], 'Deployment, CronJob'), ['apps/v1/Deployment'], true],
    ['cron jobs alone', policyOf([{}], 'CronJob'), [], true],
    ['all', policyOf([{}], 'all'), all, true],
  ];
  for (const [what, policy, controllers, cronJobs] of cases) {
    test(what, () => {
      assert.deepEqual(autogenKinds(policy), { controllers, cronJobs: cronJobs ? ['batch/v1/CronJob'] : [] });
    });
  }
});

const kinds = autogenKinds(policyOf([{}], 'Deployment,CronJob'));

function extended(rule: Partial<KyvernoRule>): readonly KyvernoRule[] {
  return extendRule({ name: 'check', match, ...rule }, kinds);
}

describe('extendRule()', () => {
  test('is about what makes pods', () => {
    const [own, cron] = extended({ validate: { pattern: { spec: { hostNetwork: false }, metadata: { name: 'a*' } } } });
    assert.deepEqual(own, {
      name: 'autogen-check',
      match: { any: [{ resources: { kinds: ['apps/v1/Deployment'] } }] },
      validate: { pattern: { spec: { template: { spec: { hostNetwork: false }, metadata: { name: 'a*' } } } } },
    });
    assert.deepEqual(cron, {
      name: 'autogen-cronjob-check',
      match: { any: [{ resources: { kinds: ['batch/v1/CronJob'] } }] },
      validate: {
        pattern: {
          spec: { jobTemplate: { spec: { template: { spec: { hostNetwork: false }, metadata: { name: 'a*' } } } } },
        },
      },
    });
  });
  test('leads variables to templates, and leaves images alone', () => {
    const [own, cron] = extended({
      context: [{ name: 'n', variable: { jmesPath: 'request.object.spec.containers | length(@)' } }],
      preconditions: { all: [{ key: "{{ request.oldObject.spec.nodeName || '' }}", operator: 'Equals', value: '' }] },
      validate: {
        message: '{{ request.object.metadata.name }} of {{ request.object.kind }}',
        foreach: [
          {
            list: 'request.object.spec.containers',
            deny: {
              conditions: {
                all: [{ key: '{{ images.containers."{{element.name}}".tag }}', operator: 'Equals', value: 'latest' }],
              },
            },
          },
        ],
      },
    });
    assert.equal(own?.context?.[0]?.variable?.jmesPath, 'request.object.spec.template.spec.containers | length(@)');
    assert.match(JSON.stringify(own?.preconditions), /request\.oldObject\.spec\.template\.spec\.nodeName/);
    assert.equal(
      own?.validate?.message,
      '{{ request.object.spec.template.metadata.name }} of {{ request.object.kind }}',
    );
    assert.equal(own?.validate?.foreach?.[0]?.list, 'request.object.spec.template.spec.containers');
    assert.match(JSON.stringify(own?.validate?.foreach), /images\.containers\.\\"\{\{element\.name\}\}\\"\.tag/);
    assert.equal(cron?.validate?.foreach?.[0]?.list, 'request.object.spec.jobTemplate.spec.template.spec.containers');
  });
  test('leads expressions of CEL to templates', () => {
    const expression = 'object.spec.containers.all(c, has(c.image)) && oldObject.spec != request.object.metadata';
    const [own] = extended({ validate: { cel: { expressions: [{ expression }] } } });
    assert.equal(
      own?.validate?.cel?.expressions?.[0]?.expression,
      'object.spec.template.spec.containers.all(c, has(c.image)) && oldObject.spec.template.spec != request.object.spec.template.metadata',
    );
  });
  test('shifts each of several patterns', () => {
    const [own] = extended({ validate: { anyPattern: [{ spec: { a: 1 } }, { metadata: {} }] } });
    assert.deepEqual(own?.validate?.anyPattern, [
      { spec: { template: { spec: { a: 1 } } } },
      { spec: { template: { metadata: {} } } },
    ]);
  });
  test('cuts names at 63 characters', () => {
    const [own, cron] = extended({ name: 'x'.repeat(63), verifyImages: [] });
    assert.deepEqual([own?.name, cron?.name], [`autogen-${'x'.repeat(55)}`, `autogen-cronjob-${'x'.repeat(47)}`]);
  });
  test('leaves extractors behind', () => {
    const [own] = extended({
      imageExtractors: { Pod: [{ path: '/spec/x' }] },
      verifyImages: [{ imageReferences: ['*'] }],
    });
    assert.deepEqual([own?.imageExtractors, own?.verifyImages], [undefined, [{ imageReferences: ['*'] }]]);
  });
  test('excludes the same of what makes pods', () => {
    const exclude = {
      any: [{ resources: { kinds: ['Pod'], namespaces: ['a'] } }, { resources: { namespaces: ['b'] } }],
    };
    const [own] = extended({ exclude, validate: { deny: {} } });
    assert.deepEqual(own?.exclude, {
      any: [
        { resources: { kinds: ['apps/v1/Deployment'], namespaces: ['a'] } },
        { resources: { kinds: ['apps/v1/Deployment'], namespaces: ['b'] } },
      ],
    });
  });
  test('is for no rule about other kinds, and for none that excludes others', () => {
    assert.deepEqual(
      extended({ match: { any: [{ resources: { kinds: ['ConfigMap'] } }] }, validate: { deny: {} } }),
      [],
    );
    assert.deepEqual(
      extended({ exclude: { any: [{ resources: { kinds: ['ConfigMap'] } }] }, validate: { deny: {} } }),
      [],
    );
    assert.deepEqual(extended({ name: 'autogen-check', validate: { deny: {} } }), []);
  });
  test('leaves filters of other kinds to the rule itself', () => {
    const both = { any: [{ resources: { kinds: ['Pod'] } }, { resources: { kinds: ['ConfigMap'] } }] };
    const [own] = extended({ match: both, validate: { deny: {} } });
    assert.deepEqual(own?.match, { any: [{ resources: { kinds: ['apps/v1/Deployment'] } }] });
  });
});
