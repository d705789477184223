import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { assertReadsAny } from '../../../testing/policy/edited-policy.ts';
import { policyOf } from '../../../testing/policy/policy-text.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import { compilePolicy } from '../compile.ts';
import { imagePolicyJsonSchema } from './image-policy/schema.ts';
import { readPolicy } from './read-policy.ts';

/** A document with a spec, whose lines begin on line 5. */
function documentOf(spec: string, name = 'p'): string {
  const lines = spec.split('\n').map((line) => `  ${line}`);
  return ['apiVersion: seaworthy.dev/v1', 'kind: ImagePolicy', `metadata: {name: ${name}}`, 'spec:', ...lines, ''].join(
    '\n',
  );
}

async function mistakesOf(...texts: readonly string[]): Promise<readonly string[]> {
  const { mistakes = [] } = await readPolicy(texts.map((text, index) => ({ file: `${index}`, text })));
  return mistakes.map((mistake) => formatMistake(mistake.file, mistake));
}

const whole = documentOf(`images: [ghcr.io/org/**]
exceptImages: [ghcr.io/org/sandbox/*]
tags: [v*]
gates: [ci, admission]
match:
  namespaces: ['team-*']
  exceptNamespaces: [team-x]
  namespaceSelector:
    matchLabels: {env: prod}
    matchExpressions: [{key: tier, operator: In, values: [a, b]}]
  kinds: [Deployment, Pod]
  operations: [CREATE]
enforcement: warn
unknown: allow
exceptionHelp: 'ask #security'
signers:
  - name: release
    keys: [{file: keys/release.pub}, {secret: sign/cosign}, {kms: 'awskms:///alias/sign'}]
    annotations: {env: prod, team: {regex: 'a|b'}}
    repository: ghcr.io/org/signatures
    hash: sha512
    layouts: [bundle]
    trust: {log: ignored}
  - name: ci
    identities:
      - issuer: https://token.actions.githubusercontent.com
        subject: {glob: 'https://github.com/org/*'}
        claims: {githubWorkflowRepository: org/app}
signatures:
  - signers: [release, {signers: [ci, release], require: any}]
    require: any
    enforcement: enforce
    help: sign it
  - {name: both, signers: [release, ci]}
attestations:
  - {type: slsaprovenance1, signers: [ci], condition: predicate.x == 1, maxAge: 30d, which: all}
sbom:
  - {formats: [spdx], unknown: deny}
vulnerabilities:
  - {severity: CRITICAL, fixable: true, maxScanAge: 24h}
  - {name: exploited, exploited: true, enforcement: audit}
sources: {allow: [ghcr.io/**]}
digest: {pin: true}
age: {minSinceFirstSeen: 3d}
endOfLife: {}
config: {nonRoot: true, numericUser: true, healthcheck: true, ports: [8080, 53/udp, 1024-2048], forbiddenEnvironment: ['*_TOKEN']}
rules:
  - name: small
    cel: attestations.built.size() > 0 && signatures.release.verified
    message: build it with CI
    statements: {built: {type: https://a.example/b, signers: [ci]}}
exceptions:
  - {name: e, owner: o, reason: r, until: 2027-01-01, rules: [signatures, p/both]}`);

test('readPolicy() reads every member of an ImagePolicy', async () => {
  const { rules, signers, exceptions, unknown, exceptionHelp } = await policyOf(whole);
  const match = {
    sources: ['ghcr.io/org/**'],
    exceptSources: ['ghcr.io/org/sandbox/*'],
    tags: ['v*'],
    gates: ['ci', 'admission'],
  };
  const common = { action: 'warn', unknown: 'allow', match };
  const day = 86_400_000;
  assert.deepEqual(rules, [
    {
      ...common,
      kind: 'signatures',
      name: 'p/signatures',
      action: 'deny',
      help: 'sign it',
      signers: ['release', { signers: ['ci', 'release'], atLeast: 1 }],
      atLeast: 1,
    },
    { ...common, kind: 'signatures', name: 'p/both', signers: ['release', 'ci'], atLeast: 2 },
    {
      ...common,
      kind: 'attestation',
      name: 'p/attestations',
      predicateType: 'https://slsa.dev/provenance/v1',
      signers: ['ci'],
      atLeast: 1,
      condition: { cel: 'predicate.x == 1' },
      which: 'all',
      maxAge: 30 * day,
    },
    { ...common, kind: 'sbom', name: 'p/sbom', unknown: 'deny', formats: ['spdx'] },
    {
      ...common,
      kind: 'vulnerabilities',
      name: 'p/vulnerabilities',
      severity: 'CRITICAL',
      fixable: true,
      maxScanAge: day,
    },
    { ...common, kind: 'vulnerabilities', name: 'p/exploited', action: 'audit', exploited: true },
    { ...common, kind: 'source', name: 'p/sources', allow: ['ghcr.io/**'] },
    { ...common, kind: 'digest', name: 'p/digest', pin: true, required: true },
    { ...common, kind: 'age', name: 'p/age', minSinceFirstSeen: 3 * day },
    { ...common, kind: 'endOfLife', name: 'p/endOfLife' },
    {
      ...common,
      kind: 'config',
      name: 'p/config',
      nonRoot: true,
      numericUser: true,
      healthcheck: true,
      ports: [
        { from: 8080, to: 8080 },
        { from: 53, to: 53, protocol: 'udp' },
        { from: 1024, to: 2048 },
      ],
      forbiddenEnvironment: ['*_TOKEN'],
    },
    {
      ...common,
      kind: 'expression',
      name: 'p/small',
      condition: { cel: 'attestations.built.size() > 0 && signatures.release.verified' },
      message: 'build it with CI',
      statements: { built: { predicateType: 'https://a.example/b', signers: ['ci'], atLeast: 1 } },
    },
  ]);
  assert.deepEqual(signers, [
    {
      name: 'release',
      keys: [
        { file: '/policies/keys/release.pub' },
        { reference: 'k8s://sign/cosign' },
        { reference: 'awskms:///alias/sign' },
      ],
      identities: [],
      annotations: { env: { exact: 'prod' }, team: { regex: 'a|b' } },
      repository: 'ghcr.io/org/signatures',
      hash: 'sha512',
      layouts: ['bundle'],
      trust: { log: 'ignored' },
    },
    {
      name: 'ci',
      keys: [],
      identities: [
        {
          issuer: { exact: 'https://token.actions.githubusercontent.com' },
          subject: { glob: 'https://github.com/org/*' },
          claims: { githubWorkflowRepository: { exact: 'org/app' } },
        },
      ],
    },
  ]);
  assert.deepEqual(exceptions[0]?.rules, ['p/signatures', 'p/both']);
  assert.deepEqual([unknown, exceptionHelp], ['deny', 'ask #security']);
});

test('readPolicy() gives each ImagePolicy by itself, with the signers and exceptions of others', async () => {
  const texts = [
    documentOf('signers: [{name: s, keys: [{file: k}]}]\nsignatures: [{signers: [s]}]', 'b'),
    documentOf('signatures: [{signers: [s]}]', 'a'),
    documentOf(
      'exceptions: [{name: e, owner: o, reason: r, until: 2027-01-01, rules: [a/signatures, b/signatures]}]',
      'c',
    ),
  ];
  const reading = await readPolicy(texts.map((text, at) => ({ file: `${at}`, text })));
  assert.ok(reading.mistakes === undefined);
  assert.deepEqual(
    reading.imagePolicies.map(({ name, policy }) => [name, policy.rules.length, policy.exceptions[0]?.rules]),
    [
      ['a', 1, ['a/signatures']],
      ['b', 1, ['b/signatures']],
      ['c', 0, undefined],
    ],
  );
  for (const { policy } of reading.imagePolicies) compilePolicy(policy);
  assert.equal(reading.policy.rules.length, 2);
});

const signer = 'signers:\n  - {name: s, keys: [{file: k}]}\n';

const stated = 'signers: [{name: s, keys: [{file: k}]}]\nattestations: [{type: https://a, signers: [s]';

const mistakes: readonly (readonly [spec: string, message: RegExp])[] = [
  ['sigantures: []', /^0:5:3: spec\.sigantures: is no setting; did you mean signatures\?/],
  [
    `${signer}signatures:\n  - {signers: [t]}`,
    /^0:8:\d+: spec\.signatures\[0\]\.signers\[0\]: is "t", and there is no/,
  ],
  [
    `${signer}signatures:\n  - {signers: [{signers: [s, t]}]}`,
    /^0:8:\d+: spec\.signatures\[0\]\.signers\[0\]\.signers\[1\]: is "t"/,
  ],
  [
    `${signer}signatures:\n  - {signers: [{sigers: [s]}]}`,
    /spec\.signatures\[0\]\.signers\[0\]\.sigers: is no setting/,
  ],
  [`${signer}signatures:\n  - {signers: [{signers: [{signers: [{signers: [{signers: [s]}]}]}]}]}`, /more than 4 sets/],
  [`${signer}signatures:\n  - {signers: [s], require: 2}`, /spec\.signatures\[0\]: asks for 2 of 1 signers/],
  [
    `${signer}signatures:\n  - {signers: [s], enforcement: deny}`,
    /enforcement: cannot be "deny"; write enforce, warn or/,
  ],
  [`${signer}signatures: []`, /spec\.signatures: is an empty list/],
  [`${signer}signatures:\n  - s`, /spec\.signatures\[0\]: takes names with values/],
  ['vulnerabilities: [{severety: LOW}]', /severety: is no setting; did you mean severity\?/],
  ['sources: {}', /spec\.sources: forbids nothing; add allow or deny/],
  ['images: [GHCR.io/x]', /spec\.images\[0\]: cannot be "GHCR\.io\/x"/],
  ['signers: [{name: s, keys: [{pem: x, file: y}]}]', /keys\[0\]/],
  ['signers: [{name: s, keys: [{secret: x}]}]', /secret: cannot be "x"; write a secret as namespace\/name/],
  ['signers: [{name: s, keys: [{kms: x}]}]', /kms: cannot be "x"; write a key such as awskms/],
  ['signers: [{name: s, identities: [{issuer: a}]}]', /identities\[0\]: has no subject, so that anybody could be it/],
  ['signers: [{name: s, identities: [{issuer: {regex: "("}, subject: b}]}]', /issuer: cannot be used/],
  ['signers: [{name: s, identities: [{issuer: {like: x}, subject: b}]}]', /issuer: takes a text, or one of/],
  ['signers: [{name: s, certificates: [{}]}]', /certificates\[0\]: names nobody; add leaf or authorities/],
  ['signers: [{name: s, certificates: [{leaf: x}]}]', /leaf: is no certificate in PEM: there is no CERTIFICATE in it/],
  [`signers: [{name: s}]`, /signers\[0\]: has neither keys nor identities/],
  ['signers: [{name: s, keys: [{file: k}], repository: x}]', /repository: cannot be "x"; write a repository with its/],
  ['rules: [{cel: imge.user == 1}]', /spec\.rules\[0\]\.cel: is no condition: the condition cannot be read/],
  ['rules: [{cel: signatures.nobody.verified}]', /spec\.rules\[0\]: asks for the signer "nobody"/],
  ['rules: [{cel: "true", statements: {a-b: {type: https://a, signers: [s]}}}]', /is no name that CEL can use/],
  ['match: {kinds: [Deploymnt]}', /kinds\[0\]: cannot be "Deploymnt"; .* \(did you mean Deployment\?\)/],
  ['match: {namespaces: [A]}', /namespaces\[0\]: cannot be "A": namespaces have small letters/],
  ['match: {namespaceSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}', /takes values with In/],
  ['config: {ports: [70000]}', /ports\[0\]: cannot be "70000"; write a port or a range/],
  ['config: {nonRoot: false}', /spec\.config: forbids nothing/],
  ['exceptions: [{name: e, owner: o, reason: r, until: 2027-01-01, rules: [x]}]', /is "x", and there is no such rule/],
  ['references: [ghcr.io/a@sha256:0123456789abcdef0123456789abcdef]', /references\[0\]: names a digest/],
  ['match: {timeout: 31s}', /timeout: cannot be "31s"; write a duration/],
  ['match: {conditions: [{name: "", expression: a}]}', /conditions\[0\]\.name/],
  [
    'signers: [{name: s, keys: [{file: k}], tagPrefix: "-"}]',
    /tagPrefix: cannot be "-"; write what a tag may begin with/,
  ],
  ['signers: [{name: s, identities: [{issuer: a, subject: {search: "("}}]}]', /subject: cannot be used/],
  ['signers: [{name: s, identities: [{issuer: a, subject: {all: [{all: [b]}]}}]}]', /subject: takes a text, or one of/],
  [`${stated}, condition: "true", conditions: [{all: []}]}]`, /takes one of condition, conditions/],
  [`${stated}, conditions: [{all: [{key: a}]}]}]`, /conditions: is no condition: a condition has no operator/i],
  [`${stated}, conditions: [{all: [{key: "{{ a( }}", operator: Equals}]}]}]`, /conditions: is no condition/],
  [`${stated}, conditions: []}]`, /conditions: is an empty list/],
  ['rules: [{cel: "true", deny: [{all: []}]}]', /rules\[0\]: takes one of cel, conditions and deny/],
  ['rules: [{message: m}]', /rules\[0\]: takes one of cel, conditions and deny/],
  ['endOfLife: {}\nage: {name: endOfLife, minSinceFirstSeen: 1d}', /is "p\/endOfLife", which another has too/],
];

for (const [spec, message] of mistakes) {
  test(`readPolicy() tells what is wrong: ${spec.split('\n').at(-1)}`, async () => {
    const told = await mistakesOf(documentOf(spec));
    assert.ok(
      told.some((each) => message.test(each)),
      told.join('\n'),
    );
  });
}

test('readPolicy() tells what is wrong with what a document calls itself', async () => {
  assert.match((await mistakesOf(documentOf('{}').replace('ImagePolicy', 'Policy')))[0] ?? '', /kind: .*ImagePolicy/);
  assert.match((await mistakesOf(documentOf('{}').replace('/v1', '/v2')))[0] ?? '', /apiVersion: .* write seaworthy/);
  assert.match((await mistakesOf(documentOf('{}').replace('{name: p}', '{}')))[0] ?? '', /metadata\.name: is missing/);
  assert.match(
    (await mistakesOf(documentOf('{}'), documentOf('{}')))[0] ?? '',
    /^1:3:\d+: metadata\.name: is "p", which/,
  );
});

test('documents of both forms make one policy', async () => {
  const older = `apiVersion: seaworthy.dev/v1alpha1\nkind: Policy\nspec:\n  signers: [{name: s, keys: [{file: k}]}]\n`;
  const { rules, signers } = await policyOf(older, documentOf('signatures: [{signers: [s]}]'));
  assert.deepEqual([rules.length, signers.length], [1, 1]);
});

test('imagePolicyJsonSchema() takes what readPolicy() takes', () => {
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(imagePolicyJsonSchema());
  assert.ok(validate(JSON.parse(JSON.stringify(load(whole)))), JSON.stringify(validate.errors));
  const document = (spec: object): object => ({
    apiVersion: 'seaworthy.dev/v1',
    kind: 'ImagePolicy',
    metadata: { name: 'p' },
    spec,
  });
  assert.ok(validate(document({})));
  for (const spec of [{ sigantures: [] }, { vulnerabilities: [{ severety: 'LOW' }] }, { digest: { pin: 'x' } }]) {
    assert.ok(!validate(document(spec)), JSON.stringify(spec));
  }
});

test('readPolicy() throws nothing, whatever an ImagePolicy is made of', async () => {
  await assertReadsAny(
    whole,
    ['  signatures: 5', '    - {}', '  - a: [', '[]', '---', '  match: {kinds: 5}', '  rules: [{}]', '   - x'],
    60,
  );
});
