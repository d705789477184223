import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { imagePolicyJsonSchema } from './image-policy/schema.ts';
import { readPolicy } from './read-policy.ts';

function documentOf(spec: string): string {
  const lines = spec.split('\n').map((line) => `  ${line}`);
  return ['apiVersion: seaworthy.dev/v1', 'kind: ImagePolicy', 'metadata: {name: p}', 'spec:', ...lines, ''].join('\n');
}

test('readPolicy() reads what policies of others say', async () => {
  const text = documentOf(`references: [{wildcard: 'ghcr.io/org/app:*'}]
exceptReferences: ['ghcr.io/org/app:dev-*']
match: {timeout: 20s, conditions: [{name: not-ours, expression: 'request.namespace != "x"'}]}
signers:
  - name: s
    keys: [{kms: 'openbao://sign'}]
    tagPrefix: v2-
  - name: t
    identities: [{issuer: {search: '^https://'}, subject: {all: [{glob: 'a*'}, {search: b}, c]}}]
attestations:
  - type: https://a
    signers: [t]
    conditions: [{any: [{key: '{{ count }}', operator: Equals, value: 0}, {key: '{{ name }}', operator: Equals, value: '0'}]}]
rules:
  - {statements: {one: {type: https://a, signers: [t]}}, deny: [{all: [{key: '{{ one.ok }}', operator: NotEquals, value: true}]}]}
  - {statements: {one: {type: https://a, signers: [t]}}, conditions: [{all: [{key: '{{ one.ok }}', operator: Equals, value: yes}]}]}`);
  const reading = await readPolicy([{ file: 'p', text }]);
  assert.ok(reading.policy !== undefined);
  const { rules, signers } = reading.policy;
  const match = {
    references: [{ wildcard: 'ghcr.io/org/app:*' }],
    exceptReferences: ['ghcr.io/org/app:dev-*'],
  };
  assert.deepEqual(
    rules.map((rule) => rule.match),
    [match, match, match],
  );
  assert.deepEqual(
    rules.map((rule) => ('condition' in rule ? rule.condition : undefined)),
    [
      {
        kyverno: [
          {
            any: [
              { key: '{{ count }}', operator: 'Equals', value: 0 },
              { key: '{{ name }}', operator: 'Equals', value: '0' },
            ],
          },
        ],
        exact: false,
      },
      { kyverno: [{ all: [{ key: '{{ one.ok }}', operator: 'NotEquals', value: true }] }], exact: false, denies: true },
      { kyverno: [{ all: [{ key: '{{ one.ok }}', operator: 'Equals', value: true }] }], exact: false },
    ],
  );
  assert.deepEqual(signers, [
    { name: 's', keys: [{ reference: 'openbao://sign' }], identities: [], tagPrefix: 'v2-' },
    {
      name: 't',
      keys: [],
      identities: [
        { issuer: { search: '^https://' }, subject: { all: [{ glob: 'a*' }, { search: 'b' }, { exact: 'c' }] } },
      ],
    },
  ]);
  const [own] = reading.imagePolicies;
  assert.deepEqual(own?.match, {
    timeout: 20_000,
    conditions: [{ name: 'not-ours', expression: 'request.namespace != "x"' }],
  });
  const validate = new Ajv2020({ strict: false }).compile(imagePolicyJsonSchema());
  assert.ok(validate(load(text)), JSON.stringify(validate.errors));
});
