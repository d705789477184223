import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatPem } from '../../codec/pem/pem.ts';
import { makeCertificateDer, makeKeys, spkiOf } from '../../../testing/signing/certificate-maker.ts';
import { judgeTestObject, podOf } from '../../../testing/policy/judge-object.ts';
import { compileImages, imageMistakesOf, imagePolicy, type SpecParts } from '../../../testing/policy/kyverno-image.ts';
import type { ImageCheck } from '../resource/policy.ts';
import { exactStyle } from '../kyverno/style.ts';

const key = formatPem({ label: 'PUBLIC KEY', bytes: spkiOf(makeKeys()) });
const certificate = formatPem({ label: 'CERTIFICATE', bytes: makeCertificateDer({ subject: 'root' }).der });
const quoted = (pem: string): string => JSON.stringify(pem);

async function checkOf(parts: SpecParts): Promise<ImageCheck> {
  const compiled = await compileImages(imagePolicy(parts));
  assert.deepEqual(imageMistakesOf(compiled), []);
  const [check] = judgeTestObject(compiled.policies, podOf(['ghcr.io/org/app:1'])).checks;
  assert.ok(check !== undefined);
  return check;
}

const who = { issuer: { exact: 'https://issuer' }, subject: { exact: 'me' } };
const identities = 'identities: [{issuer: https://issuer, subject: me}]';
const base = { name: 'release', keys: [], identities: [], layouts: ['bundle', 'legacy'] };
const keyless = { ...base, identities: [who], trust: { log: 'required', certificateLog: 'required' } };
const keyed = { ...base, keys: [{ pem: key }], trust: { log: 'required' } };

const fields: readonly (readonly [what: string, attestor: string, signer: object])[] = [
  ['key.data', `cosign: {key: {data: ${quoted(key)}}}`, keyed],
  ['key.secretRef', 'cosign: {key: {secretRef: {name: a}}}', { ...keyed, keys: [{ reference: 'k8s://kyverno/a' }] }],
  ['key.kms', 'cosign: {key: {kms: "awskms:///alias/x"}}', { ...keyed, keys: [{ reference: 'awskms:///alias/x' }] }],
  ['key.hashAlgorithm', `cosign: {key: {data: ${quoted(key)}, hashAlgorithm: sha384}}`, { ...keyed, hash: 'sha384' }],
  ['key.expression', `cosign: {key: {expression: ${JSON.stringify(JSON.stringify(key))}}}`, keyed],
  ['keyless.identities', `cosign: {keyless: {${identities}}}`, keyless],
  [
    'identities with regular expressions',
    'cosign: {keyless: {identities: [{issuerRegExp: a, subjectRegExp: b}]}}',
    { ...keyless, identities: [{ issuer: { search: 'a' }, subject: { search: 'b' } }] },
  ],
  [
    'keyless.roots, with which anybody will do',
    `cosign: {keyless: {roots: ${quoted(certificate)}}}`,
    { ...keyless, identities: [{}], trust: { log: 'required', certificateLog: 'required', authorities: certificate } },
  ],
  [
    'certificate.cert',
    `cosign: {certificate: {cert: {value: ${quoted(certificate)}}}}`,
    { ...base, certificates: [{ leaf: certificate }], trust: { log: 'required' } },
  ],
  [
    'certificate.certChain.expression',
    `cosign: {certificate: {certChain: {expression: ${JSON.stringify(JSON.stringify(certificate))}}}}`,
    { ...base, certificates: [{ authorities: certificate }], trust: { log: 'required', certificateLog: 'required' } },
  ],
  [
    'source',
    `cosign: {keyless: {${identities}}, source: {repository: ghcr.io/org/s, tagPrefix: x-}}`,
    { ...keyless, repository: 'ghcr.io/org/s', tagPrefix: 'x-' },
  ],
  [
    'ctlog, ignored',
    `cosign: {keyless: {${identities}}, ctlog: {url: https://rekor, insecureIgnoreTlog: true, insecureIgnoreSCT: true}}`,
    { ...keyless, trust: { log: 'ignored', certificateLog: 'ignored' } },
  ],
  [
    'ctlog with keys of its own',
    `cosign: {keyless: {${identities}}, ctlog: {rekorPubKey: ${quoted(key)}, ctLogPubKey: ${quoted(key)}, tsaCertChain: ${quoted(certificate)}}}`,
    {
      ...keyless,
      trust: {
        log: 'required',
        logKeys: key,
        certificateLog: 'required',
        certificateLogKeys: key,
        timestampAuthorities: certificate,
      },
    },
  ],
  [
    'annotations',
    `cosign: {keyless: {${identities}}, annotations: {env: prod}}`,
    { ...keyless, annotations: { env: { exact: 'prod' } } },
  ],
  [
    'notary',
    `notary: {certs: {value: ${quoted(certificate)}}, tsaCerts: {value: ${quoted(certificate)}}}`,
    {
      name: 'release',
      keys: [],
      identities: [],
      certificates: [{ authorities: certificate }],
      layouts: ['notation'],
      trust: { timestampAuthorities: certificate },
    },
  ],
];

for (const [what, attestor, signer] of fields) {
  test(`an attestor's ${what} is carried`, async () => {
    const { policy } = await checkOf({ attestors: `[{name: release, ${attestor}}]` });
    assert.deepEqual(policy.policy.signers, [signer]);
  });
}

test('credentials say how registries are reached', async () => {
  const { access } = await checkOf({
    credentials: '{allowInsecureRegistry: true, providers: [amazon], secrets: [a, other/b]}',
    attestors: `[{name: release, cosign: {keyless: {${identities}}, source: {PullSecrets: [{name: c}]}}}]`,
  });
  assert.deepEqual(access, { plainHttp: true, secrets: ['kyverno/a', 'other/b', 'team/c'], providers: ['amazon'] });
});

test('a policy says how it is asked, and what becomes of what cannot be told', async () => {
  const of = async (parts: SpecParts): Promise<readonly unknown[]> => {
    const [policy] = (await compileImages(imagePolicy(parts))).policies;
    return [policy?.unknown, policy?.admission, policy?.background, policy?.timeout];
  };
  assert.deepEqual(await of({}), ['deny', true, true, undefined]);
  assert.deepEqual(await of({ failurePolicy: 'Ignore' }), ['allow', true, true, undefined]);
  assert.deepEqual(await of({ webhookConfiguration: '{timeoutSeconds: 7}' }), ['deny', true, true, 7000]);
  assert.deepEqual(await of({ evaluation: '{admission: {enabled: false}}' }), ['deny', false, true, undefined]);
  assert.deepEqual(await of({ evaluation: '{background: {enabled: false}}' }), ['deny', true, false, undefined]);
  assert.deepEqual(await of({ evaluation: '{mode: JSON}' }), ['deny', false, false, undefined]);
});

test('policies about pods are extended to what makes pods, and say which', async () => {
  const rules = async (parts: SpecParts): Promise<readonly string[]> =>
    (await compileImages(imagePolicy(parts))).policies.flatMap((each) =>
      each.rules.map(({ name, kinds }) => `${name} ${kinds.length}`),
    );
  const all = ['signed 2', 'autogen-signed 5', 'autogen-cronjobs-signed 1'];
  const rule = 'apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]';
  assert.deepEqual(await rules({}), all);
  assert.deepEqual(await rules({ autogen: '{podControllers: {controllers: [deployments]}}' }), [
    'signed 2',
    'autogen-signed 1',
  ]);
  assert.deepEqual(await rules({ autogen: '{podControllers: {controllers: []}}' }), ['signed 2']);
  for (const more of [
    'objectSelector: {matchLabels: {a: b}}',
    'namespaceSelector: {matchLabels: {a: b}}',
    `excludeResourceRules: [{${rule}}]`,
  ]) {
    assert.deepEqual(await rules({ matchConstraints: `{resourceRules: [{${rule}}], ${more}}` }), ['signed 2'], more);
  }
});

const validation = (expression: string): SpecParts => ({
  validations: `[{expression: ${JSON.stringify(expression)}}]`,
});
const sbom = { attestations: '[{name: sbom, intoto: {type: https://cyclonedx.org/bom}}]' };

const mistakes: readonly (readonly [what: string, text: string, told: RegExp])[] = [
  [
    'an unknown field',
    imagePolicy({ validation: '[]' }),
    /^8:3: spec\.validation: is no setting; did you mean validations\?/,
  ],
  [
    'an unknown field of an attestor',
    imagePolicy({ attestors: '[{name: a, cosgn: {}}]' }),
    /attestors\[0\]\.cosgn: is no setting; did you mean cosign\?/,
  ],
  ['no constraints', imagePolicy({ matchConstraints: '' }), /matchConstraints: are missing/],
  [
    'a rule about no operation',
    imagePolicy({ matchConstraints: '{resourceRules: [{apiGroups: [""], apiVersions: [v1], resources: [pods]}]}' }),
    /operations: needs one/,
  ],
  ['no validations', imagePolicy({ validations: '[]' }), /validations: need one/],
  ['Deny and Warn', imagePolicy({ validationActions: '[Deny, Warn]' }), /say the same twice/],
  ['another action', imagePolicy({ validationActions: '[Block]' }), /validationActions\[0\]/],
  ['another mode', imagePolicy({ evaluation: '{mode: Envoy}' }), /is "Envoy", which is not supported/],
  ['an interval', imagePolicy({ evaluation: '{background: {interval: 1h}}' }), /interval: is not supported/],
  ['a long timeout', imagePolicy({ webhookConfiguration: '{timeoutSeconds: 31}' }), /timeoutSeconds/],
  ['another controller', imagePolicy({ autogen: '{podControllers: {controllers: [services]}}' }), /makes no pods/],
  [
    'an expression that cannot be read',
    imagePolicy(validation('images.containers.all(')),
    /validations\[0\]\.expression: cannot be used/,
  ],
  [
    'an attestor that is not there',
    imagePolicy(validation('verifyImageSignatures("a", [attestors.relese]) > 0')),
    /have no "relese".*did you mean release/,
  ],
  [
    'a list that is not there',
    imagePolicy(validation('images.container.all(i, true)')),
    /spec\.images: have no "container"/,
  ],
  ['a variable that is not there', imagePolicy(validation('variables.x == 1')), /spec\.variables: have no "x"/],
  ['calls to other servers', imagePolicy(validation('http.Get("https://a") == 1')), /http/],
  [
    'statements that nobody is asked for',
    imagePolicy({ ...sbom, ...validation('extractPayload("a", attestations.sbom).x == 1') }),
    /without asking who made them/,
  ],
  [
    'an artifact',
    imagePolicy({ attestations: '[{name: a, referrer: {type: sbom/cyclone-dx}}]' }),
    /referrer: is not supported/,
  ],
  ['an attestation of no kind', imagePolicy({ attestations: '[{name: a}]' }), /takes exactly one of intoto, referrer/],
  ['a pattern that is none', imagePolicy({ matchImageReferences: '[{glob: "a[b"}]' }), /glob: has a bracket/],
  [
    'a match of two forms',
    imagePolicy({ matchImageReferences: '[{glob: a, expression: "true"}]' }),
    /takes exactly one of glob, expression/,
  ],
  [
    'an attestor of two kinds',
    imagePolicy({ attestors: `[{name: release, cosign: {keyless: {${identities}}}, notary: {}}]` }),
    /takes exactly one of cosign, notary/,
  ],
  [
    'an attestor of no kind',
    imagePolicy({ attestors: '[{name: release, cosign: {}}]' }),
    /takes exactly one of key, keyless, certificate/,
  ],
  [
    'anybody',
    imagePolicy({ attestors: '[{name: release, cosign: {keyless: {}}}]' }),
    /takes whoever has any certificate/,
  ],
  [
    'anybody by a pattern',
    imagePolicy({
      attestors: '[{name: release, cosign: {keyless: {identities: [{issuerRegExp: .*, subjectRegExp: .*}]}}}]',
    }),
    /takes whoever has any certificate/,
  ],
  [
    'both forms of a text',
    imagePolicy({
      attestors: '[{name: release, cosign: {keyless: {identities: [{issuer: a, issuerRegExp: b, subject: c}]}}}]',
    }),
    /stands beside issuerRegExp/,
  ],
  [
    'TUF',
    imagePolicy({ attestors: `[{name: release, cosign: {keyless: {${identities}}, tuf: {mirror: https://a}}}]` }),
    /tuf: is not supported/,
  ],
  [
    'a trusted root',
    imagePolicy({ attestors: `[{name: release, cosign: {keyless: {${identities}}, trustedRoot: {value: "{}"}}}]` }),
    /trustedRoot: is not supported/,
  ],
  [
    'a bad certificate',
    imagePolicy({ attestors: '[{name: release, notary: {certs: {value: x}}}]' }),
    /certs\.value: cannot be used/,
  ],
  ['a bad secret', imagePolicy({ credentials: '{secrets: ["A B"]}' }), /names no secret/],
  [
    'the same name twice',
    imagePolicy({ variables: '[{name: a, expression: "1"}, {name: a, expression: "2"}]' }),
    /which another one has too/,
  ],
  [
    'a name that no expression could use',
    imagePolicy({ images: '[{name: a-b, expression: "[]"}]' }),
    /is no name that an expression/,
  ],
  [
    'a secret of another namespace',
    imagePolicy(
      { credentials: '{secrets: [other/a]}' },
      'NamespacedImageValidatingPolicy',
      '{name: a, namespace: team}',
    ),
    /is in another namespace/,
  ],
];

for (const [what, text, told] of mistakes) {
  test(`compileKyvernoImages() tells ${what}, and makes no policy of it`, async () => {
    const compiled = await compileImages(text);
    assert.match(imageMistakesOf(compiled).join('\n'), told);
    assert.deepEqual(compiled.policies, []);
  });
}

test('whoever has any certificate will do where policies are read as in Kyverno', async () => {
  const text = imagePolicy({ attestors: '[{name: release, cosign: {keyless: {}}}]' });
  assert.deepEqual(imageMistakesOf(await compileImages(text, { style: exactStyle })), []);
});

test('all versions of the documents are read', async () => {
  for (const version of ['v1', 'v1beta1', 'v1alpha1']) {
    const text = imagePolicy().replace('policies.kyverno.io/v1', `policies.kyverno.io/${version}`);
    assert.equal((await compileImages(text)).policies.length, 1, version);
  }
  assert.equal((await compileImages(imagePolicy().replace('io/v1', 'io/v2'))).policies.length, 0);
});

test('compileKyvernoImages() survives any document, and so does what it makes', async () => {
  const names = [
    'matchConstraints',
    'resourceRules',
    'attestors',
    'cosign',
    'key',
    'validations',
    'expression',
    'name',
    'images',
    'attestations',
    'variables',
  ];
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<unknown>(
        'pods',
        'object.spec',
        'images.containers',
        'verifyImageSignatures("a", attestors)',
        '',
        null,
        5,
        true,
      ),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }),
    ),
  }));
  const kind = 'ImageValidatingPolicy';
  await fc.assert(
    fc.asyncProperty(value, fc.string(), async (spec, text) => {
      const document = { apiVersion: 'policies.kyverno.io/v1', kind, metadata: { name: 'a' }, spec };
      const compiled = await compileImages(JSON.stringify(document));
      assert.ok(compiled.mistakes.length > 0 || compiled.policies.length > 0);
      const made = await compileImages(imagePolicy(validation(text)));
      judgeTestObject(made.policies, podOf(['ghcr.io/org/app:1', text]));
    }),
    { numRuns: 150 },
  );
});
