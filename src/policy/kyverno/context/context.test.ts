import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import {
  judgedBy,
  kyvernoMistakes,
  kyvernoPolicies,
  type LookupTable,
  subjectOf,
} from '../../../../testing/policy/kyverno.ts';
import { apiPathMistake } from './api-path.ts';
import { configMapLookup, globalReferenceLookup, imageDataLookup } from './lookup.ts';

/** A rule that denies with the value of `x` as its message. */
function policyOf(context: string, more: { readonly kind?: string; readonly key?: string } = {}): string {
  const isPolicy = more.kind === 'Policy';
  return `apiVersion: kyverno.io/v1
kind: ${more.kind ?? 'ClusterPolicy'}
metadata: {name: rules${isPolicy ? ', namespace: shop' : ''}}
spec:
  validationFailureAction: Enforce
  rules:
    - name: check
      match: {any: [{resources: {kinds: [ConfigMap]}}]}
      context: ${context}
      validate:
        message: "{{ x }}"
        deny: {conditions: {all: [{key: "${more.key ?? '{{ x }}'}", operator: NotEquals, value: allowed}]}}
`;
}

const object = {
  metadata: { name: 'web', labels: { app: 'shop', path: '../../secrets', other: 'kube-system' } },
  data: { count: 3 },
};

interface Told {
  readonly outcome: string | undefined;
  readonly message: string | undefined;
  readonly asked: readonly string[];
}

async function told(
  context: string,
  table: LookupTable = {},
  more: Parameters<typeof policyOf>[1] = {},
): Promise<Told> {
  const { verdict, asked } = judgedBy(
    await kyvernoPolicies(policyOf(context, more)),
    subjectOf('ConfigMap', object),
    table,
  );
  const [result] = verdict.results;
  return { outcome: result?.outcome, message: result?.message, asked };
}

const keys = '{name: keys, configMap: {name: keys, namespace: default}}';
const call = (more = '') => `{name: x, apiCall: {urlPath: "/api/v1/namespaces/{{ request.namespace }}/pods"${more}}}`;
const access = { plainHttp: false, secrets: [], providers: [] };

interface Case {
  readonly what: string;
  readonly context: string;
  readonly table?: LookupTable;
  readonly message: string | RegExp;
  readonly outcome?: string;
  readonly asked?: readonly string[];
}

const cases: readonly Case[] = [
  { what: 'a value', context: '[{name: x, variable: {value: hello}}]', message: 'hello' },
  { what: 'a value with variables', context: '[{name: x, variable: {value: "{{ request.name }}!"}}]', message: 'web!' },
  {
    what: 'an expression',
    context: '[{name: x, variable: {jmesPath: request.object.metadata.labels.app}}]',
    message: 'shop',
  },
  {
    what: 'an expression over a value',
    context: '[{name: x, variable: {value: {a: [1, {b: yes}]}, jmesPath: "to_string(a[1].b)"}}]',
    message: 'true',
  },
  {
    what: 'an expression with a variable',
    context:
      '[{name: l, variable: {value: app}}, {name: x, variable: {jmesPath: \'request.object.metadata.labels."{{ l }}"\'}}]',
    message: 'shop',
  },
  {
    what: 'a default',
    context: '[{name: x, variable: {jmesPath: request.object.none, default: "none of {{ request.name }}"}}]',
    message: 'none of web',
  },
  {
    what: 'nothing and no default',
    context: '[{name: x, variable: {jmesPath: request.object.none}}]',
    message: /x of the context gives nothing/,
    outcome: 'undecided',
  },
  {
    what: 'one after another',
    context:
      '[{name: a, variable: {value: 1}}, {name: b, variable: {value: "{{ a }}2"}}, {name: x, variable: {value: "{{ b }}3"}}]',
    message: '123',
  },
  {
    what: 'one before itself',
    context: '[{name: x, variable: {value: a}}, {name: x, variable: {value: "{{ x }}b"}}]',
    message: 'ab',
  },
  {
    what: 'one that comes later',
    context: '[{name: x, variable: {value: "{{ z }}"}}, {name: z, variable: {value: 1}}]',
    message: /gives nothing/,
    outcome: 'undecided',
  },
  { what: 'what nobody uses', context: `[${keys}, {name: x, variable: {value: a}}]`, message: 'a', asked: [] },
  {
    what: 'a ConfigMap',
    context: `[${keys}, {name: x, variable: {value: "{{ keys.data.a }}"}}]`,
    table: { [configMapLookup('default', 'keys').key]: { data: { a: 'b' }, metadata: {}, kind: 'ConfigMap' } },
    message: 'b',
    asked: ['configMap default keys'],
  },
  {
    what: 'a ConfigMap that is not there',
    context: `[${keys}, {name: x, variable: {value: "{{ keys.data.a }}"}}]`,
    message: /ConfigMap default\/keys is not there/,
    outcome: 'undecided',
  },
  {
    what: 'a ConfigMap that could not be looked up, and a default',
    context: `[${keys}, {name: x, variable: {jmesPath: keys.data.a, default: b}}]`,
    table: { [configMapLookup('default', 'keys').key]: { state: 'unavailable', reason: 'no answer' } },
    message: /could not be looked up: no answer/,
    outcome: 'undecided',
  },
  {
    what: 'a ConfigMap of a name that is none',
    context:
      '[{name: k, configMap: {name: "{{ request.object.metadata.labels.path }}"}}, {name: x, variable: {jmesPath: k.data.a}}]',
    message: /cannot be one/,
    outcome: 'undecided',
  },
  {
    what: 'the API server',
    context: `[${call(', jmesPath: "to_string(length(items))"')}]`,
    table: { 'api /api/v1/namespaces/shop/pods': { items: [1, 2] } },
    message: '2',
    asked: ['api /api/v1/namespaces/shop/pods'],
  },
  { what: 'the API server, which has nothing', context: `[${call()}]`, message: /nothing at/, outcome: 'undecided' },
  {
    what: 'the API server, which has nothing, and a default',
    context: `[${call(', default: none')}]`,
    message: 'none',
  },
  {
    what: 'the API server, which does not answer, and a default',
    context: `[${call(', default: none')}]`,
    table: { 'api /api/v1/namespaces/shop/pods': { state: 'unavailable', reason: '503' } },
    message: /503/,
    outcome: 'undecided',
  },
  {
    what: 'the API server, by a path of somebody else',
    context: '[{name: x, apiCall: {urlPath: "/api/v1/namespaces/{{ request.object.metadata.labels.path }}/pods"}}]',
    message: /no plain path/,
    outcome: 'undecided',
    asked: [],
  },
  {
    what: 'a registry',
    context: '[{name: x, imageRegistry: {reference: nginx, jmesPath: configData.config.User}}]',
    table: { [imageDataLookup('docker.io/nginx:latest', access).key]: { configData: { config: { User: 'app' } } } },
    message: 'app',
  },
  {
    what: 'what is kept for all',
    context: '[{name: x, globalReference: {name: deployments, jmesPath: "[0].name"}}]',
    table: { [globalReferenceLookup('deployments').key]: [{ name: 'd' }] },
    message: 'd',
  },
  {
    what: 'a value that grows beyond bounds',
    context: `[{name: a0, variable: {value: "${'x'.repeat(1000)}"}}, ${Array.from({ length: 12 }, (_, at) => `{name: a${at + 1}, variable: {jmesPath: "[a${at}, a${at}]"}}`).join(', ')}, {name: x, variable: {jmesPath: "to_string(a12)"}}]`,
    message: /context has more than/,
    outcome: 'undecided',
  },
];

describe('context', () => {
  for (const { what, context, table, message, outcome, asked } of cases) {
    test(what, async () => {
      const found = await told(context, table);
      assert.equal(found.outcome, outcome ?? 'failed', found.message);
      if (typeof message === 'string') assert.equal(found.message, message);
      else assert.match(found.message ?? '', message);
      if (asked !== undefined) assert.deepEqual(found.asked, asked);
    });
  }
});

const wrong: readonly (readonly [what: string, context: string, mistake: RegExp, kind?: string])[] = [
  [
    'a service',
    '[{name: x, apiCall: {service: {url: "http://169.254.169.254"}}}]',
    /^9:\d+: .+apiCall\.service: is not supported/,
  ],
  ['a method', '[{name: x, apiCall: {urlPath: /api/v1/pods, method: POST, data: []}}]', /method: is not supported/],
  ['another address', '[{name: x, apiCall: {urlPath: "https://example.com/api/v1"}}]', /urlPath: is no plain path/],
  [
    'another address with a variable',
    '[{name: x, apiCall: {urlPath: "https://{{ request.name }}"}}]',
    /urlPath: is no path/,
  ],
  ['a door', '[{name: x, apiCall: {urlPath: /api/v1/nodes/n1/proxy/pods}}]', /leads through the API server/],
  ['no path', '[{name: x, apiCall: {jmesPath: a}}]', /urlPath: is missing/],
  [
    'a namespace of others',
    '[{name: x, apiCall: {urlPath: /api/v1/namespaces/kube-system/secrets}}]',
    /outside namespace shop/,
    'Policy',
  ],
  [
    'a ConfigMap of others',
    '[{name: x, configMap: {name: a, namespace: kube-system}}]',
    /another namespace than the policy's, shop/,
    'Policy',
  ],
  ['what is kept for all', '[{name: x, globalReference: {name: a}}]', /cannot be in a Policy/, 'Policy'],
  [
    'a secret of others',
    '[{name: x, imageRegistry: {reference: a, imageRegistryCredentials: {secrets: [kube-system/s]}}}]',
    /secrets\[0\]: is of another namespace/,
    'Policy',
  ],
  [
    'a name that is taken',
    '[{name: request, variable: {value: 1}}]',
    /name: is the name of a variable that is always there/,
  ],
  ['the name of an element', '[{name: element1, variable: {value: 1}}]', /always there/],
  ['two kinds', '[{name: x, variable: {value: 1}, configMap: {name: a}}]', /takes exactly one of/],
  ['an empty variable', '[{name: x, variable: {}}]', /needs value, jmesPath or default/],
  ['an expression', '[{name: x, variable: {jmesPath: "a ||| b"}}]', /jmesPath: cannot be used/],
];

describe('what is told when a policy is loaded', () => {
  for (const [what, context, mistake, kind] of wrong) {
    test(what, async () => {
      const found = await kyvernoMistakes(policyOf(context, kind === undefined ? {} : { kind }));
      assert.ok(
        found.some((each) => mistake.test(each)),
        found.join('\n'),
      );
    });
  }
});

test('a policy of a namespace reads its own alone, whatever its variables give', async () => {
  const context =
    '[{name: k, configMap: {name: a, namespace: "{{ request.object.metadata.labels.app }}"}}, {name: x, variable: {jmesPath: k.data.a}}]';
  const own = await told(context, { 'configMap shop a': { data: { a: 'b' } } }, { kind: 'Policy' });
  assert.deepEqual([own.message, own.asked], ['b', ['configMap shop a']]);
  const other = await told(context.replace('app', 'path'), {}, { kind: 'Policy' });
  assert.deepEqual([other.outcome, other.asked], ['undecided', []]);
  const system = await told(context.replace('app', 'other'), {}, { kind: 'Policy' });
  assert.deepEqual([system.outcome, system.asked], ['undecided', []]);
  assert.match(system.message ?? '', /reads no ConfigMap of another one/);
});

describe('apiPathMistake()', () => {
  const paths: readonly (readonly [path: string, isRight: boolean, namespace?: string])[] = [
    ['/api/v1/namespaces', true],
    ['/api/v1/pods?labelSelector=app%3Dweb', true],
    ['/apis/apps/v1/namespaces/shop/deployments/web', true, 'shop'],
    ['/api/v1/namespaces/shop/configmaps', true, 'shop'],
    ['/api/v1/namespaces/proxy/pods', true],
    ['/api/v1/namespaces/shop', false, 'shop'],
    ['/api/v1/namespaces/shop2/configmaps', false, 'shop'],
    ['/api/v1/pods', false, 'shop'],
    ['/api/v1/namespaces/shop/../kube-system/secrets', false, 'shop'],
    ['/api/v1/namespaces/shop/%2e%2e/kube-system', false],
    ['/api/v1//namespaces', false],
    ['//evil.example/api/v1', false],
    ['http://evil.example/api', false],
    ['/api/v1/pods#x', false],
    ['/api/v1/pods\\..', false],
    ['/metrics', false],
    ['/api/v1/namespaces/a/services/s:80/proxy/x', false],
    ['/api/v1/namespaces/a/pods/p/exec?command=id', false],
    ['/api/v1/nodes/n/proxy', false],
    ['/api/v1/watch/pods', false],
    ['/api/v1/pods?watch=true', false],
    [`/api/v1/${'a'.repeat(3000)}`, false],
  ];
  for (const [path, isRight, namespace] of paths) {
    test(path.slice(0, 60), () => assert.equal(apiPathMistake(path, namespace) === undefined, isRight));
  }
});
