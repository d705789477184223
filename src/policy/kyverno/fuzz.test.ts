import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { JsonValue } from '../../lang/jmespath/value.ts';
import { subjectOf } from '../../../testing/policy/kyverno.ts';
import { kyvernoSettings } from '../../../testing/policy/verify-images.ts';
import type { Gathered } from '../evidence.ts';
import { evaluateResource } from '../resource/evaluate-resource.ts';
import type { ResourceOperation } from '../resource/model.ts';
import type { ResourceRule, RuleAnswer } from '../resource/policy.ts';
import { compileKyvernoPolicies } from './compile.ts';
import { readKyvernoPolicies } from './document/read-documents.ts';

const text = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'a',
      '*',
      '',
      'nginx:latest',
      'ghcr.io/*',
      '>=1',
      '1-3',
      '!a',
      '168h',
      '100Mi',
      '?*',
      'a | b',
    ),
  },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      '{{ request.object }}',
      '{{ request.object.metadata.labels }}',
      "{{ request.object.spec.containers[*].image || '' }}",
      '{{ element.image }}',
      '{{ images }}',
      '{{ images.containers.*.tag }}',
      '{{ c }}',
      '{{ c.data.{{ request.namespace }} }}',
      '{{ to_string(@) }}',
      '{{ length(request.object.spec.containers) }}',
      "{{ regex_match('^a', '{{ request.name }}') }}",
      '{{ request.roles }}',
      '{{ {a: request.object, b: c} }}',
    ),
  },
  fc.string({ maxLength: 8 }),
);
const leaf = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const name = fc.constantFrom(
  'spec',
  'metadata',
  'containers',
  'image',
  'labels',
  '(image)',
  '=(spec)',
  '^(containers)',
  'X(a)',
  '<(b)',
  '{{ c }}',
  'name',
  'volumes',
);
const { pattern } = fc.letrec<{ pattern: JsonValue }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc.array(tie('pattern'), { maxLength: 2 }),
    fc.dictionary(name, tie('pattern'), { maxKeys: 3 }),
  ),
}));
const operator = fc.constantFrom(
  'Equals',
  'NotEquals',
  'AnyIn',
  'AllIn',
  'AnyNotIn',
  'AllNotIn',
  'GreaterThan',
  'LessThanOrEquals',
  'DurationLessThan',
);
const condition = fc.record({
  key: fc.oneof(text, leaf),
  operator,
  value: fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })),
});
const conditions = fc.record(
  { any: fc.array(condition, { maxLength: 2 }), all: fc.array(condition, { maxLength: 2 }) },
  { requiredKeys: [] },
);
const list = fc.constantFrom(
  'request.object.spec.containers',
  'request.object.*',
  'images.containers.*',
  '@',
  'element',
  'c',
  'request.object.none',
  '`[1, {}, null]`',
);
const form = fc.oneof(
  fc.record({ pattern }),
  fc.record({ anyPattern: fc.array(pattern, { minLength: 1, maxLength: 2 }) }),
  fc.record({ deny: fc.record({ conditions }, { requiredKeys: [] }) }),
);
const foreach = fc
  .tuple(fc.record({ list, elementScope: fc.boolean(), preconditions: conditions }, { requiredKeys: ['list'] }), form)
  .map(([own, more]) => ({ ...own, ...more }));
const expression = fc.constantFrom(
  'true',
  'object.spec.containers.all(c, c.image == "a")',
  'has(object.spec.x)',
  'variables.v > 1',
  'object.metadata.name.matches("^(a+)+$")',
  'size(object.spec.containers) * 2 < 5',
);
const validate = fc.oneof(
  form,
  fc.record({ foreach: fc.array(foreach, { minLength: 1, maxLength: 2 }), message: text }),
  fc.record({
    cel: fc.record({
      expressions: fc.array(fc.record({ expression }), { minLength: 1, maxLength: 2 }),
      variables: fc.constant([{ name: 'v', expression: 'size(object.spec.containers)' }]),
    }),
  }),
);
const context = fc.constantFrom(
  { name: 'c', variable: { jmesPath: 'request.object.metadata.labels', default: 'x' } },
  { name: 'c', configMap: { name: 'keys', namespace: '{{ request.namespace }}' } },
  { name: 'c', apiCall: { urlPath: '/api/v1/namespaces/{{ request.name }}/pods', jmesPath: 'items', default: [] } },
  { name: 'c', imageRegistry: { reference: '{{ element.image }}' } },
);
const rule = fc.record(
  {
    name: fc.constantFrom('a', 'b'),
    match: fc.constantFrom<object>(
      { any: [{ resources: { kinds: ['Pod'] } }] },
      { any: [{ resources: { kinds: ['*'], namespaceSelector: { matchLabels: { a: 'b' } } } }] },
      { resources: { kinds: ['Pod', 'Deployment'], names: ['w*'] } },
    ),
    context: fc.array(context, { maxLength: 2 }),
    preconditions: fc.oneof(conditions, fc.array(condition, { maxLength: 2 })),
    validate,
  },
  { requiredKeys: ['name', 'match', 'validate'] },
);
const policy = fc.record({
  apiVersion: fc.constant('kyverno.io/v1'),
  kind: fc.constant('ClusterPolicy'),
  metadata: fc.constant({ name: 'p' }),
  spec: fc.record({
    rules: fc.array(rule, { minLength: 1, maxLength: 1 }),
    validationFailureAction: fc.constantFrom('Enforce', 'Audit'),
    emitWarning: fc.boolean(),
  }),
});

const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.oneof(leaf, fc.constantFrom('{{ request.object }}', "' || '", '__proto__')),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom(
        'spec',
        'metadata',
        'containers',
        'image',
        'labels',
        'name',
        'template',
        '__proto__',
        'constructor',
      ),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
}));
const container = fc.record({ name: fc.oneof(text, value), image: fc.oneof(text, value) }, { requiredKeys: [] });
const object = fc.oneof(
  fc.record({
    metadata: fc.record({ name: text, labels: fc.dictionary(text, text) }),
    spec: fc.record({ containers: fc.array(container, { maxLength: 4 }) }),
  }),
  fc.dictionary(fc.constantFrom('spec', 'metadata', 'data'), value),
);
const gathered: fc.Arbitrary<Gathered<JsonValue>> = fc.oneof(
  value.map((each) => ({ state: 'known', value: each, at: 0 }) as const),
  fc.constant({ state: 'absent', at: 0 } as const),
  fc.constant({ state: 'pending' } as const),
  fc.constant({ state: 'unavailable', reason: 'no answer' } as const),
);

test('whatever policies and objects say, judging ends in a verdict, the same each time', async () => {
  let judged = 0;
  await fc.assert(
    fc.asyncProperty(
      policy,
      object,
      fc.constantFrom<ResourceOperation>('CREATE', 'UPDATE', 'DELETE', 'audit'),
      gathered,
      async (document, made, operation, answer) => {
        const reading = await readKyvernoPolicies(JSON.stringify(document));
        const { policies, mistakes } = compileKyvernoPolicies([reading], kyvernoSettings());
        assert.ok(policies.length > 0 || mistakes.length > 0);
        const subject = subjectOf('Pod', made, {
          operation,
          ...(operation === 'UPDATE' ? { oldObject: made } : {}),
        });
        const lookups = new Map<string, Gathered<JsonValue>>();
        // What rules said when less was known is what they say when all is.
        const settled = new Map<ResourceRule, RuleAnswer>();
        for (let round = 0; ; round += 1) {
          assert.ok(round < 70);
          const input = { subject, now: 0, pins: true, lookups, images: new Map() };
          const found = evaluateResource(policies, input);
          assert.deepEqual(evaluateResource(policies, input), found);
          assert.deepEqual(evaluateResource(policies, input, settled), found);
          if (found.verdict !== undefined) {
            judged += found.verdict.results.length;
            break;
          }
          assert.ok(found.needs.lookups.length > 0);
          for (const { key } of found.needs.lookups) {
            assert.ok(!lookups.has(key), key);
            lookups.set(key, answer);
          }
        }
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(judged > 100, String(judged));
});
