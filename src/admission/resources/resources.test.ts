import assert from 'node:assert/strict';
import test from 'node:test';
import { kubernetesLab } from '../../../testing/kubernetes/kubernetes-lab.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import type { KubernetesObject } from '../../kubernetes/model.ts';
import { droppedFields } from './dropped-fields.ts';
import { imagePolicyDefinition, imagePolicySpecSchema, imagePolicyType } from './image-policy.ts';
import { writePolicyStatus } from './policy-status.ts';
import { structuralSchema } from './structural-schema.ts';

const any = { 'x-kubernetes-preserve-unknown-fields': true };
const schemas: readonly (readonly [what: string, schema: unknown, structural: unknown])[] = [
  ['a text with a pattern', { type: 'string', pattern: 'a', default: 'b' }, { type: 'string', pattern: 'a' }],
  [
    'a closed object',
    { type: 'object', properties: { a: { type: 'boolean' } }, required: ['a'], additionalProperties: false },
    { type: 'object', required: ['a'], properties: { a: { type: 'boolean' } } },
  ],
  [
    'a map',
    { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'string' } },
    { type: 'object', additionalProperties: { type: 'string' } },
  ],
  ['anything', {}, any],
  [
    'a text or an object',
    { anyOf: [{ type: 'string' }, { type: 'object' }], description: 'd' },
    { ...any, description: 'd' },
  ],
  ['one of two texts', { anyOf: [{ type: 'string', pattern: 'a' }, { type: 'string' }] }, { type: 'string' }],
  [
    'one of two objects',
    {
      oneOf: [
        { type: 'object', properties: { a: { type: 'string' }, c: { type: 'string' } } },
        { type: 'object', properties: { b: { type: 'string' }, c: { type: 'integer' } } },
      ],
    },
    { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' }, c: any } },
  ],
  ['a list of anything', { type: 'array', items: {}, maxItems: 2 }, { type: 'array', maxItems: 2, items: any }],
];
for (const [what, schema, structural] of schemas) {
  test(`the schema of ${what} is one that a cluster takes`, () =>
    assert.deepEqual(structuralSchema(schema), structural));
}

test('a policy is told what is wrong with it once, and since when it is so', async () => {
  await using lab = await kubernetesLab();
  const { client } = lab;
  await client.create(builtInTypes.customResourceDefinitions, imagePolicyDefinition());
  const made = { apiVersion: 'seaworthy.dev/v1', kind: 'ImagePolicy', metadata: { name: 'signed' }, spec: {} };
  await client.create(imagePolicyType, made);
  const read = async (): Promise<KubernetesObject> => (await client.get(imagePolicyType, 'signed')) as KubernetesObject;
  const ready = async (): Promise<unknown> => {
    const { conditions } = (await read())['status'] as { conditions: readonly Readonly<Record<string, unknown>>[] };
    const [{ status, message, lastTransitionTime } = {}] = conditions;
    assert.equal(conditions.length, 1);
    return [status, message, lastTransitionTime];
  };
  const steps: readonly (readonly [mistakes: readonly string[], now: number, written: boolean, ready: unknown])[] = [
    [['a', 'b'], 0, true, ['False', 'a (and 1 more)', '1970-01-01T00:00:00Z']],
    [['a', 'b'], 1000, false, ['False', 'a (and 1 more)', '1970-01-01T00:00:00Z']],
    [['c'], 2000, true, ['False', 'c', '1970-01-01T00:00:00Z']],
    [[], 3000, true, ['True', '', '1970-01-01T00:00:03Z']],
    [[], 4000, false, ['True', '', '1970-01-01T00:00:03Z']],
  ];
  for (const [mistakes, now, written, expected] of steps) {
    assert.equal(await writePolicyStatus(client, await read(), mistakes, now), written);
    assert.deepEqual(await ready(), expected);
  }
  const old = await read();
  await client.patch(imagePolicyType, 'signed', { kind: 'merge', body: { ...made, spec: { enforcement: 'warn' } } });
  assert.equal(await writePolicyStatus(client, old, ['late'], 5000), false);
});

test('a policy is told which of its fields the API server did not keep, while it does not', async () => {
  await using lab = await kubernetesLab();
  const { client } = lab;
  await client.create(builtInTypes.customResourceDefinitions, imagePolicyDefinition());
  const spec = { signatures: [{ signers: ['s'], atleast: 2 }], signatuers: [], sbom: { formats: ['spdx'] } };
  const kept = { signatures: [{ signers: ['s'] }], sbom: { formats: ['spdx'] } };
  const policy = (given: object): KubernetesObject => ({
    apiVersion: 'seaworthy.dev/v1',
    kind: 'ImagePolicy',
    metadata: {
      name: 'signed',
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ spec: given }) },
    },
    spec: kept,
  });
  await client.create(imagePolicyType, policy(spec));
  const read = async (): Promise<KubernetesObject> => (await client.get(imagePolicyType, 'signed')) as KubernetesObject;
  const told = async (): Promise<readonly unknown[]> => {
    const { conditions } = (await read())['status'] as { conditions: readonly Readonly<Record<string, unknown>>[] };
    return conditions.map(({ type, status, message }) => [type, status, message]);
  };
  assert.equal(await writePolicyStatus(client, await read(), [], 0), true);
  assert.deepEqual(await told(), [
    ['Ready', 'True', ''],
    [
      'FieldsDropped',
      'True',
      'There is no such setting, and the API server dropped it: spec.signatures[0].atleast, spec.signatuers',
    ],
  ]);
  assert.equal(await writePolicyStatus(client, await read(), [], 1000), false);
  await client.patch(imagePolicyType, 'signed', { kind: 'merge', body: policy(kept) });
  assert.equal(await writePolicyStatus(client, await read(), [], 2000), true);
  assert.deepEqual(await told(), [['Ready', 'True', '']]);
});

test('droppedFields() takes whatever stands in an annotation', () => {
  const schema = imagePolicySpecSchema();
  const of = (text: string): readonly string[] =>
    droppedFields(
      {
        apiVersion: 'v1',
        kind: 'X',
        metadata: { name: 'a', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': text } },
      },
      schema,
    );
  for (const text of ['', '{', '[]', 'null', '{"spec": []}', '{"spec": {"signatures": {}}}', '{"spec": null}']) {
    assert.deepEqual(of(text), [], text);
  }
  assert.deepEqual(of('{"spec": {"__proto__": 1, "x": 1}}'), ['spec.__proto__', 'spec.x']);
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`f${at}`, 1]));
  assert.equal(of(JSON.stringify({ spec: many })).length, 20);
});
