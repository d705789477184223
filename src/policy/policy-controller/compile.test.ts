import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatPem } from '../../codec/pem/pem.ts';
import type { Signer } from '../model.ts';
import { makeCertificateDer, makeKeys, spkiOf } from '../../../testing/signing/certificate-maker.ts';
import { compileController, controllerPolicy, mistakesOf } from '../../../testing/policy/policy-controller.ts';
import { judgeTestObject, podOf } from '../../../testing/policy/judge-object.ts';

const key = formatPem({ label: 'PUBLIC KEY', bytes: spkiOf(makeKeys()) });
const certificate = formatPem({ label: 'CERTIFICATE', bytes: makeCertificateDer({ subject: 'root' }).der });
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const indented = (pem: string, by: number): string =>
  pem
    .trim()
    .split('\n')
    .join(`\n${' '.repeat(by)}`);

const identity = `issuer: https://issuer, subject: me@example.com`;
const keyless = `keyless: {url: https://fulcio.sigstore.dev, identities: [{${identity}}]}`;

const trustRoot = `apiVersion: policy.sigstore.dev/v1alpha1
kind: TrustRoot
metadata: {name: own}
spec:
  sigstoreKeys:
    certificateAuthorities:
    - {subject: {organization: o, commonName: c}, uri: https://fulcio, certChain: ${base64(certificate)}}
    tLogs: [{baseURL: https://rekor, hashAlgorithm: sha-256, publicKey: ${base64(key)}}]
    ctLogs: [{baseURL: https://ct, hashAlgorithm: sha-256, publicKey: ${base64(key)}}]
    timestampAuthorities:
    - {subject: {organization: o, commonName: c}, uri: https://tsa, certChain: ${base64(certificate)}}
---
`;

/** The signers that the authorities of a policy become. */
async function signersOf(authorities: string, more = trustRoot): Promise<readonly Signer[]> {
  const compiled = await compileController(`${more}${controllerPolicy(`  authorities:\n${authorities}`)}`);
  assert.deepEqual(mistakesOf(compiled), []);
  const { checks } = judgeTestObject(compiled.policies, podOf(['ghcr.io/org/app:1']));
  return checks[0]?.policy.policy.signers ?? [];
}

const common = { layouts: ['bundle', 'legacy'] };
const inPublic = { log: 'required', certificateLog: 'required' };
const who = { issuer: { exact: 'https://issuer' }, subject: { exact: 'me@example.com' } };
const keySigner = { name: 'authority-0', keys: [{ pem: key }], identities: [], ...common, trust: { log: 'ignored' } };
const keylessSigner = { name: 'authority-0', keys: [], identities: [who], ...common, trust: inPublic };

const inlineKey = `  - key:\n      data: |\n        ${indented(key, 8)}\n`;

const fields: readonly (readonly [what: string, authority: string, signer: object])[] = [
  ['key.data', inlineKey, keySigner],
  [
    'key.secretRef',
    '  - key: {secretRef: {name: keys}}',
    { ...keySigner, keys: [{ reference: 'k8s://cosign-system/keys' }] },
  ],
  ['key.kms', '  - key: {kms: "awskms:///alias/a"}', { ...keySigner, keys: [{ reference: 'awskms:///alias/a' }] }],
  ['key.hashAlgorithm', `${inlineKey}      hashAlgorithm: sha512`, { ...keySigner, hash: 'sha512' }],
  ['name', `  - name: release\n    ${keyless}`, { ...keylessSigner, name: 'release' }],
  ['keyless.identities', `  - ${keyless}`, keylessSigner],
  [
    'identities with regular expressions, which match anywhere',
    '  - keyless: {identities: [{issuerRegExp: issuer, subjectRegExp: "@example"}]}',
    { ...keylessSigner, identities: [{ issuer: { search: 'issuer' }, subject: { search: '@example' } }] },
  ],
  [
    'keyless.insecureIgnoreSCT',
    `  - keyless: {insecureIgnoreSCT: true, identities: [{${identity}}]}`,
    { ...keylessSigner, trust: { log: 'required', certificateLog: 'ignored' } },
  ],
  [
    'keyless.trustRootRef',
    `  - keyless: {trustRootRef: own, identities: [{${identity}}]}`,
    {
      ...keylessSigner,
      trust: { log: 'ignored', certificateLog: 'required', certificateLogKeys: key, authorities: certificate },
    },
  ],
  [
    'keyless.ca-cert',
    `  - keyless:\n      identities: [{${identity}}]\n      ca-cert:\n        data: |\n          ${indented(certificate, 10)}`,
    { ...keylessSigner, trust: { ...inPublic, authorities: certificate } },
  ],
  [
    'ctlog.url',
    '  - key: {kms: "awskms:///alias/a"}\n    ctlog: {url: https://rekor.sigstore.dev}',
    { ...keySigner, keys: [{ reference: 'awskms:///alias/a' }], trust: { log: 'required' } },
  ],
  [
    'ctlog.trustRootRef',
    '  - key: {kms: "awskms:///alias/a"}\n    ctlog: {trustRootRef: own}',
    { ...keySigner, keys: [{ reference: 'awskms:///alias/a' }], trust: { log: 'required', logKeys: key } },
  ],
  [
    'rfc3161timestamp.trustRootRef',
    `  - ${keyless}\n    rfc3161timestamp: {trustRootRef: own}`,
    { ...keylessSigner, trust: { log: 'ignored', certificateLog: 'required', timestampAuthorities: certificate } },
  ],
  ['signatureFormat: bundle', `  - ${keyless}\n    signatureFormat: bundle`, { ...keylessSigner, layouts: ['bundle'] }],
  ['signatureFormat: legacy', `  - ${keyless}\n    signatureFormat: legacy`, { ...keylessSigner, layouts: ['legacy'] }],
  [
    'source',
    `  - ${keyless}\n    source: [{oci: ghcr.io/org/signatures, tagPrefix: rel-}]`,
    { ...keylessSigner, repository: 'ghcr.io/org/signatures', tagPrefix: 'rel-' },
  ],
];

for (const [what, authority, signer] of fields) {
  test(`an authority's ${what} is carried`, async () => {
    assert.deepEqual(await signersOf(authority), [signer]);
  });
}

test('each source of an authority is a place where its signatures may lie', async () => {
  const found = await signersOf(`  - ${keyless}\n    source: [{oci: a.io/x}, {oci: b.io/y}]`);
  assert.deepEqual(
    found.map(({ name, repository }) => [name, repository]),
    [
      ['authority-0 (source 0)', 'a.io/x'],
      ['authority-0 (source 1)', 'b.io/y'],
    ],
  );
});

const mistakes: readonly (readonly [what: string, text: string, told: RegExp])[] = [
  [
    'an unknown field',
    controllerPolicy('  authoritys: []'),
    /^8:3: spec\.authoritys: is no setting; did you mean authorities\?/,
  ],
  [
    'an unknown field of an authority',
    controllerPolicy('  authorities:\n  - keyles: {}'),
    /^9:5: spec\.authorities\[0\]\.keyles/,
  ],
  ['no authorities', controllerPolicy('  mode: warn'), /spec\.authorities: are missing/],
  ['no images', controllerPolicy('  authorities: []').replace(/ {2}- glob.*\n/, ''), /spec\.images/],
  [
    'a pattern that is none',
    controllerPolicy(`  authorities: [{${keyless}}]`, 'a?b'),
    /^7:5: spec\.images\[0\]\.glob: may have letters/,
  ],
  ['another mode', controllerPolicy(`  mode: block\n  authorities: [{${keyless}}]`), /^8:3: spec\.mode/],
  ['nobody', controllerPolicy('  authorities: [{name: x}]'), /takes exactly one of key, keyless, static/],
  [
    'two ways to sign',
    controllerPolicy(`  authorities: [{${keyless}, static: {action: pass}}]`),
    /takes exactly one of key, keyless, static/,
  ],
  ['a timestamp alone', controllerPolicy('  authorities: [{rfc3161timestamp: {trustRootRef: own}}]'), /not by whom/],
  [
    'no identity',
    controllerPolicy('  authorities: [{keyless: {url: https://a}}]'),
    /identities: are missing, so that whoever/,
  ],
  [
    'half of an identity',
    controllerPolicy('  authorities: [{keyless: {identities: [{issuer: a}]}}]'),
    /needs subject or subjectRegExp/,
  ],
  [
    'anybody',
    controllerPolicy('  authorities: [{keyless: {identities: [{issuerRegExp: .*, subjectRegExp: .+}]}}]'),
    /takes whoever/,
  ],
  [
    'both forms of a text',
    controllerPolicy(`  authorities: [{keyless: {identities: [{${identity}, issuerRegExp: a}]}}]`),
    /stands beside issuerRegExp/,
  ],
  [
    'a bad expression',
    controllerPolicy('  authorities: [{keyless: {identities: [{issuer: a, subjectRegExp: "("}]}}]'),
    /is no regular expression/,
  ],
  ['a bad key', controllerPolicy('  authorities: [{key: {data: nothing}}]'), /key\.data: cannot be used/],
  [
    'two keys',
    controllerPolicy('  authorities: [{key: {data: a, kms: b}}]'),
    /takes exactly one of data, secretRef, kms/,
  ],
  ['a file for a key', controllerPolicy('  authorities: [{key: {kms: /etc/key}}]'), /is no key of a key service/],
  [
    'a Secret elsewhere',
    controllerPolicy('  authorities: [{key: {secretRef: {name: a, namespace: b}}}]'),
    /is another namespace than cosign-system/,
  ],
  [
    'a trust root that is not there',
    controllerPolicy(`  authorities: [{keyless: {trustRootRef: x, identities: [{${identity}}]}}]`),
    /which is not there/,
  ],
  [
    'a source with a tag',
    controllerPolicy(`  authorities: [{${keyless}, source: [{oci: "a.io/b:1"}]}]`),
    /is no repository/,
  ],
  [
    'something beside static',
    controllerPolicy('  authorities: [{static: {action: pass}, ctlog: {url: https://a}}]'),
    /ctlog: says nothing beside static/,
  ],
  [
    'an attestation of no type',
    controllerPolicy(`  authorities: [{${keyless}, attestations: [{name: a, predicateType: sbom}]}]`),
    /predicateType: is neither/,
  ],
  [
    'the same name twice',
    controllerPolicy(`  authorities: [{name: a, ${keyless}}, {name: a, ${keyless}}]`),
    /which another authority has too/,
  ],
  [
    'CUE',
    controllerPolicy(`  policy: {type: cue, data: "a: 1"}\n  authorities: [{${keyless}}]`),
    /^8:12: spec\.policy\.type: is cue, .*write an ImagePolicy of seaworthy\.dev\/v1/,
  ],
  [
    'Rego',
    controllerPolicy(
      `  authorities: [{${keyless}, attestations: [{name: a, predicateType: vuln, policy: {type: rego, data: x}}]}]`,
    ),
    /policy\.type: is rego, .*condition in CEL over predicate/,
  ],
  [
    'a config file for an attestation',
    controllerPolicy(
      `  authorities: [{${keyless}, attestations: [{name: a, predicateType: vuln, policy: {type: cue, data: x, fetchConfigFile: true}}]}]`,
    ),
    /fetchConfigFile: is for the policy of the whole/,
  ],
  [
    'a policy from two places',
    controllerPolicy(`  policy: {type: cue, data: a, url: https://b}\n  authorities: [{${keyless}}]`),
    /takes exactly one of data, url/,
  ],
  [
    'a resource without pods',
    controllerPolicy(`  match: [{resource: services}]\n  authorities: [{${keyless}}]`),
    /has no pods/,
  ],
  [
    'labels without a resource',
    controllerPolicy(`  match: [{selector: {matchLabels: {a: b}}}]\n  authorities: [{${keyless}}]`),
    /needs a resource/,
  ],
  [
    'a bundle with two trust roots',
    `${trustRoot}${controllerPolicy(`  authorities: [{${keyless}, signatureFormat: bundle, ctlog: {trustRootRef: own}}]`)}`,
    /must be that of keyless/,
  ],
  [
    'a repository of TUF',
    'apiVersion: policy.sigstore.dev/v1alpha1\nkind: TrustRoot\nmetadata: {name: a}\nspec: {remote: {root: x, mirror: https://a}}',
    /spec\.remote: is not supported: .*sigstoreKeys/,
  ],
  [
    'a whole repository of TUF',
    'apiVersion: policy.sigstore.dev/v1alpha1\nkind: TrustRoot\nmetadata: {name: a}\nspec: {repository: {root: x, mirrorFS: eHg=}}',
    /spec\.repository: is not supported/,
  ],
  [
    'two ways to trust',
    'apiVersion: policy.sigstore.dev/v1alpha1\nkind: TrustRoot\nmetadata: {name: a}\nspec: {remote: {root: x, mirror: a}, sigstoreKeys: {}}',
    /takes exactly one of remote/,
  ],
  [
    'a certificate that is none',
    trustRoot.replaceAll(base64(certificate), base64('x')),
    /certChain: cannot be used: it holds no certificate/,
  ],
  [
    'a log that is no tree of SHA-256',
    trustRoot.replace('hashAlgorithm: sha-256', 'hashAlgorithm: md5'),
    /hashAlgorithm: is "md5"/,
  ],
];

for (const [what, text, told] of mistakes) {
  test(`compilePolicyController() tells ${what}, and makes no policy of it`, async () => {
    const compiled = await compileController(text);
    assert.match(mistakesOf(compiled).join('\n'), told);
    assert.deepEqual(compiled.policies, []);
  });
}

test('a policy that is wrong keeps no other from being there', async () => {
  const wrong = controllerPolicy('  authorities: []').replace('name: signed', 'name: wrong');
  const compiled = await compileController(`${wrong}---\n${controllerPolicy(`  authorities: [{${keyless}}]`)}`);
  assert.deepEqual([compiled.policies.map(({ id }) => id), compiled.mistakes.length], [['signed'], 1]);
});

test('compilePolicyController() survives any document', async () => {
  const names = [
    'images',
    'glob',
    'authorities',
    'key',
    'keyless',
    'identities',
    'static',
    'action',
    'data',
    'policy',
    'match',
  ];
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>('**', 'pass', '', null, 5, true, '-----BEGIN CERTIFICATE-----'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(value, async (spec) => {
      const document = {
        apiVersion: 'policy.sigstore.dev/v1beta1',
        kind: 'ClusterImagePolicy',
        metadata: { name: 'a' },
        spec,
      };
      const compiled = await compileController(JSON.stringify(document));
      assert.ok(compiled.mistakes.length > 0 || compiled.policies.length > 0);
      judgeTestObject(compiled.policies, podOf(['ghcr.io/org/app:1', '!']));
    }),
    { numRuns: 200 },
  );
});
