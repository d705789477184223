import { test } from 'node:test';
import { generateKeyPairSync } from 'node:crypto';
import { judgesAlike } from '../../../../testing/policy/convert-alike.ts';

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  type: 'spki',
  format: 'pem',
}) as string;

const releaseKey = `key: {data: ${JSON.stringify(pem)}}`;
const identity = 'keyless: {identities: [{issuer: https://issuer, subjectRegExp: "^https://github.com/org/.*$"}]}';

function inCel(parts: Readonly<Record<string, string>>): string {
  const given = {
    matchConstraints:
      '{resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [pods]}]}',
    matchImageReferences: '[{glob: "ghcr.io/org/*"}]',
    attestors: `[{name: a, cosign: {${releaseKey}}}, {name: b, cosign: {${identity}}}]`,
    attestations: '[{name: sbom, intoto: {type: https://cyclonedx.org/bom}}]',
    ...parts,
  };
  const lines = Object.entries(given).map(([name, yaml]) => `  ${name}: ${yaml}`);
  return `apiVersion: policies.kyverno.io/v1\nkind: ImageValidatingPolicy\nmetadata: {name: p}\nspec:\n${lines.join('\n')}\n`;
}

const validations = (...texts: readonly string[]): string =>
  JSON.stringify(texts.map((expression) => ({ expression, message: 'it is not so' })));
const signedBy = (list: string, more: string): string =>
  `images.containers.map(image, verifyImageSignatures(image, [${list}])).all(e, e ${more})`;
const attestedBy = 'images.containers.all(i, verifyAttestationSignatures(i, attestations.sbom, [attestors.a]) > 0)';

const celCases: Readonly<Record<string, string>> = {
  'any of two': inCel({ validations: validations(signedBy('attestors.a, attestors.b', '> 0')) }),
  'each of them': inCel({ validations: validations(signedBy('attestors.a', '> 0'), signedBy('attestors.b', '== 1')) }),
  statements: inCel({ validations: validations(attestedBy) }),
  'what statements say': inCel({
    validations: validations(
      attestedBy,
      'images.containers.map(image, extractPayload(image, attestations.sbom).bomFormat == "CycloneDX").all(e, e)',
    ),
  }),
  'both at once': inCel({
    validations: validations(
      'images.containers.all(i, verifyImageSignatures(i, [attestors.a]) >= 1 && verifyAttestationSignatures(i, attestations.sbom, [attestors.b]) > 0)',
    ),
  }),
  audit: inCel({ validations: validations(signedBy('attestors.a', '> 0')), validationActions: '[Audit]' }),
  warn: inCel({
    validations: validations(signedBy('attestors.a', '> 0')),
    validationActions: '[Warn, Audit]',
    failurePolicy: 'Ignore',
  }),
  switches: inCel({
    validations: validations(signedBy('attestors.a', '> 0')),
    validationConfigurations: '{mutateDigest: false, verifyDigest: false, required: true}',
  }),
  'all images': inCel({ validations: validations(signedBy('attestors.a', '> 0')), matchImageReferences: '[]' }),
  'other kinds': inCel({
    validations: validations(signedBy('attestors.a', '> 0')),
    matchConstraints:
      '{resourceRules: [{apiGroups: ["apps", ""], apiVersions: [v1], operations: [CREATE], resources: [deployments, replicationcontrollers]}, {apiGroups: [batch], apiVersions: ["*"], operations: ["*"], resources: [cronjobs]}]}',
  }),
  'labels of namespaces': inCel({
    validations: validations(signedBy('attestors.a', '> 0')),
    matchConstraints:
      '{resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}], namespaceSelector: {matchLabels: {stage: prod}}}',
  }),
};

for (const [what, text] of Object.entries(celCases)) {
  test(`a policy of Kyverno in CEL and what it is converted into judge alike: ${what}`, () =>
    judgesAlike(text, { groups: ['containers'], sure: what === 'any of two' }));
}
