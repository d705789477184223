import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { formatMistake } from '../../../codec/yaml/mistake.ts';
import { readKyvernoPolicies } from './read-documents.ts';

const key = `-----BEGIN PUBLIC KEY-----
                        MFkw
                        -----END PUBLIC KEY-----`;

/** A policy with one rule, of which a part is put in place of another. */
function policyOf(...changes: readonly (readonly [from: string, to: string])[]): string {
  let text = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: signed, resourceVersion: "1"}
spec:
  validationFailureAction: Enforce
  background: false
  rules:
    - name: check
      match:
        any:
          - resources: {kinds: [Pod]}
      verifyImages:
        - imageReferences: ["ghcr.io/org/*"]
          attestors:
            - count: 1
              entries:
                - keys:
                    publicKeys: |-
                        ${key}
                    rekor: {url: https://rekor.sigstore.dev}
          attestations:
            - type: https://slsa.dev/provenance/v1
              conditions:
                - all:
                    - {key: "{{ builder.id }}", operator: Equals, value: x}
`;
  for (const [from, to] of changes) {
    assert.ok(text.includes(from), from);
    text = text.replace(from, to);
  }
  return text;
}

async function wrong(text: string): Promise<readonly string[]> {
  const { mistakes } = await readKyvernoPolicies(text);
  return mistakes.map((mistake) => formatMistake('f', mistake).slice(2));
}

test('a policy is read as it is written', async () => {
  const { policies, others, mistakes } = await readKyvernoPolicies(policyOf());
  assert.deepEqual([others, mistakes], [[], []]);
  const [read] = policies;
  const [rule] = read?.policy.spec.rules ?? [];
  assert.equal(rule?.verifyImages?.[0]?.attestors?.[0]?.count, 1);
  assert.equal(read?.mistakeAt(['spec', 'rules', 0, 'name'], 'x').line, 8);
});

const entries = '            - count: 1\n              entries:\n';
const cases: readonly (readonly [changes: readonly (readonly [string, string])[], mistakes: readonly RegExp[]])[] = [
  [
    [['imageReferences', 'imageReference']],
    [/^13:\d+: .+imageReference: is no setting; did you mean imageReferences\?$/],
  ],
  [
    [['          attestors:', '          atestors:']],
    [/^14:\d+: .+atestors: is no setting; did you mean attestors\?$/],
  ],
  [[['publicKeys:', 'publicKey:']], [/\.keys\.publicKey: is no setting; did you mean publicKeys\?$/]],
  [
    [['publicKeys: |-', 'pem: |-']],
    [/\.keys\.pem: is no setting; there are publicKeys, secret, kms, signatureAlgorithm, rekor, ctlog$/],
  ],
  [[['{url: https', '{uri: https']], [/\.rekor\.uri: is no setting; did you mean url\?$/]],
  [[['operator: Equals', 'operater: Equals']], [/\.operater: is no setting; did you mean operator\?$/]],
  [
    [['      verifyImages:', '      preconditions: {all: [{keey: a}]}\n      verifyImages:']],
    [/^12:\d+: .+preconditions\.all\[0\]\.keey: is no setting; did you mean key\?$/],
  ],
  [
    [['      verifyImages:', '      preconditions: [{key: a, vlaue: b}]\n      verifyImages:']],
    [/preconditions\[0\]\.vlaue: is no setting; did you mean value\?$/],
  ],
  [[['kinds: [Pod]', 'kinds: Pod']], [/^11:\d+: .+kinds: takes a list/]],
  [[['Enforce', 'Deny']], [/^5:\d+: spec\.validationFailureAction/]],
  [[['Enforce', 'Audit']], []],
  [
    [
      ['Enforce', 'Audit'],
      ['          attestors:', '          mutateDigest: true\n          attestors:'],
    ],
    [/mutateDigest: must be false/],
  ],
  [
    [
      ['Enforce', 'Audit'],
      ['          attestors:', '          mutateDigest: false\n          attestors:'],
    ],
    [],
  ],
  [
    [['          attestors:', '          failureAction: Audit\n          mutateDigest: true\n          attestors:']],
    [/mutateDigest: must be false/],
  ],
  [[['["ghcr.io/org/*"]', '[]']], [/imageReferences: needs one/]],
  [[['ghcr.io/org/*', 'ghcr.io/{{ x }}/*']], [/imageReferences\[0\]: cannot have variables/]],
  [[['count: 1', 'count: 2']], [/count: is more than there are entries \(1\)/]],
  [[['count: 1', 'count: 0']], [/count/]],
  [
    [['                - keys:', '                - keyless: {rekor: {}}\n                  keys:']],
    [/takes exactly one of keys/],
  ],
  [
    [['                    publicKeys', '                    kms: awskms:///x\n                    publicKeys']],
    [/exactly one of publicKeys/],
  ],
  [[[entries, `${entries}                - keyless: {subject: a, issuer: b}\n`]], [/keyless: needs rekor or roots/]],
  [[[entries, `${entries}                - certificates: {}\n`]], [/certificates: needs cert or certChain/]],
  [[[entries, `${entries}                - attestor: {entries: []}\n`]], [/attestor\.entries: needs one/]],
  [
    [[entries, `${entries}                - attestor: {count: 2, entries: [{keyless: {rekor: {}}}]}\n`]],
    [/attestor\.count/],
  ],
  [
    [['          attestors:', '          type: Notary\n          attestors:']],
    [/keys: cannot be where the type is Notary/],
  ],
  [[['- type: https', '- predicateType: https']], []],
  [[['- type: https://slsa.dev/provenance/v1', '- name: x']], [/type: is missing/]],
  [[['operator: Equals', 'operator: Is']], [/conditions\[0\]\.all\[0\]\.operator/]],
  [
    [['      match:', '      preconditions: {all: [{key: a, operator: Is, value: b}]}\n      match:']],
    [/^9:\d+: .+preconditions\.all\[0\]\.operator/],
  ],
  [
    [['      match:', '      preconditions: [{key: a, operator: In, valu: b}]\n      match:']],
    [/preconditions\[0\]\.valu: is no/],
  ],
  [[['          attestors:', '          key: x\n          attestors:']], [/key: stands beside attestors/]],
  [
    [
      ['kyverno.io/v1', 'kyverno.io/v2beta1'],
      ['          attestors:', '          key: x\n          attestors:'],
    ],
    [/key: is no field of/],
  ],
  [
    [['      verifyImages:', '      validate: {message: x}\n      verifyImages:']],
    [/verifyImages and validate; make a rule of each/],
  ],
  [
    [
      ['kind: ClusterPolicy', 'kind: Policy'],
      ['kinds: [Pod]', 'kinds: [Pod], namespaces: [a]'],
    ],
    [/namespaces: cannot be in a Policy/],
  ],
  [
    [
      ['background: false', 'background: true'],
      ['resources: {kinds: [Pod]}', 'roles: [a]'],
    ],
    [/roles: needs spec\.background/],
  ],
  [[['        any:', '        resources: {kinds: [Pod]}\n        any:']], [/match: takes any or all/]],
  [[['  background: false', '  admission: false']], [/admission: cannot be false/]],
  [[['name: check', 'name: ""']], [/^8:\d+: .+name/]],
  [
    [['  background: false', '  background: false\n  failurePolicy: Fial']],
    [/failurePolicy: cannot be "Fial"; write Fail or Ignore \(did you mean Fail\?\)$/],
  ],
];

describe('what is wrong is told with its line', () => {
  for (const [changes, mistakes] of cases) {
    test(changes.map(([, to]) => to.trim()).join(' and '), async () => {
      const found = await wrong(policyOf(...changes));
      assert.equal(found.length, mistakes.length, found.join('\n'));
      for (const [at, each] of mistakes.entries()) assert.match(found[at] ?? '', each);
    });
  }

  test('a name that stands twice', async () => {
    const text = policyOf();
    const rule = text.slice(text.indexOf('    - name: check'));
    assert.match(String(await wrong(text + rule)), /rules\[1\]\.name: is the name of a rule before/);
  });

  test('one bad policy among good ones', async () => {
    const text = `${policyOf()}---\n${policyOf(['count: 1', 'count: 5'])}---\napiVersion: v1\nkind: ConfigMap\n`;
    const { policies, others, mistakes } = await readKyvernoPolicies(text);
    assert.deepEqual([policies.length, mistakes.length], [1, 1]);
    assert.deepEqual(
      others.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`),
      ['v1 ConfigMap'],
    );
  });
});

const folder = new URL('../../../../../shared/data/kyverno-policies', import.meta.url).pathname;

test('policies that people publish are read', { skip: !existsSync(folder) }, async () => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  assert.ok(files.length > 0);
  for (const file of files) {
    const { policies, mistakes } = await readKyvernoPolicies(readFileSync(join(folder, file), 'utf8'));
    assert.deepEqual([policies.length, mistakes], [1, []], file);
  }
});

test('any text is read as something', async () => {
  const lines = policyOf().split('\n');
  const changed = fc
    .array(fc.tuple(fc.nat(lines.length - 1), fc.string({ maxLength: 20 })), { maxLength: 4 })
    .map((changes) => changes.reduce((text, [at, line]) => text.toSpliced(at, 1, line), lines).join('\n'));
  await fc.assert(
    fc.asyncProperty(changed, async (text) => {
      // It would throw.
      await readKyvernoPolicies(text);
    }),
    { numRuns: 200 },
  );
});
