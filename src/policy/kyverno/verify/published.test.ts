import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { JsonObject } from '../../../lang/jmespath/value.ts';
import { needsSharedData, sharedData } from '../../../../testing/shared-data.ts';
import {
  decisionOf,
  kyvernoSettings,
  newPublicKey,
  podOf,
  type TestSignature,
  type VerificationCase,
} from '../../../../testing/policy/verify-images.ts';
import { readKyvernoPolicies } from '../document/read-documents.ts';
import type { KyvernoRule } from '../document/policy/model.ts';
import { compileVerification } from './compile-verification.ts';

const key = newPublicKey();
const github = 'https://token.actions.githubusercontent.com';

/** The rule of a policy with one, which has some text in its `verifyImages`. */
async function ruleFrom(verifyImages: string, more = ''): Promise<KyvernoRule> {
  const text = `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: published}
spec:
  validationFailureAction: Audit
  rules:
    - name: rule
      match: {any: [{resources: {kinds: [Pod]}}]}
${more}
      verifyImages:
${verifyImages}`;
  const { policies, mistakes } = await readKyvernoPolicies(text);
  assert.deepEqual(mistakes, []);
  const [rule] = policies[0]?.policy.spec.rules ?? [];
  assert.ok(rule !== undefined);
  return rule;
}

/** Whether an image with some signatures passes, as it is looked over where nothing is put in. */
function outcomeOf(
  rule: KyvernoRule,
  object: JsonObject | string,
  image: string,
  signatures: readonly TestSignature[],
  subject: NonNullable<VerificationCase['subject']> = {},
): string {
  const { imageExtractors, verifyImages = [] } = rule;
  return decisionOf({
    rule: imageExtractors === undefined ? {} : { imageExtractors },
    entries: verifyImages,
    object: typeof object === 'string' ? podOf(object) : object,
    images: { [image]: { signatures } },
    action: 'audit',
    subject,
  }).outcome;
}

function byWorkflow(subject: string): TestSignature {
  return { certificate: { subject, issuer: github } };
}

const pem = key
  .trim()
  .split('\n')
  .map((line) => `${' '.repeat(30)}${line}`)
  .join('\n');

test('a policy of the project that is deployed: keyless signatures of its workflows', async () => {
  const rule = await ruleFrom(`        - imageReferences: ["ghcr.io/project/*-controller:*", "docker.io/project/*"]
          mutateDigest: false
          verifyDigest: false
          attestors:
            - entries:
                - keyless:
                    subject: "https://github.com/project/*"
                    issuer: "${github}"
                    rekor: {url: "https://rekor.sigstore.dev"}`);
  const image = 'ghcr.io/project/source-controller:v1.0.0';
  assert.equal(
    outcomeOf(rule, image, image, [byWorkflow('https://github.com/project/a/.github/x@refs/tags/v1')]),
    'passed',
  );
  assert.equal(outcomeOf(rule, image, image, [byWorkflow('https://github.com/projects/a')]), 'failed');
});

test('a policy of provenance: the builder by a regular expression over a variable within another', async () => {
  const rule = await ruleFrom(`        - imageReferences: ["registry.example/app*"]
          attestations:
            - predicateType: https://slsa.dev/provenance/v0.2
              attestors:
                - count: 1
                  entries:
                    - keyless:
                        subject: "https://github.com/builders/container/.github/workflows/build.yml@refs/tags/v*"
                        issuer: "${github}"
                        rekor: {url: "https://rekor.sigstore.dev"}
              conditions:
                - all:
                    - key: "{{ regex_match('^https://github.com/builders/container/.+@refs/tags/v[0-9].[0-9].[0-9]$', '{{ builder.id}}') }}"
                      operator: Equals
                      value: true
          verifyDigest: false`);
  const image = 'registry.example/app:1';
  const subject = 'https://github.com/builders/container/.github/workflows/build.yml@refs/tags/v1';
  const by = (id: string): readonly TestSignature[] => [
    { ...byWorkflow(subject), type: 'https://slsa.dev/provenance/v0.2', predicate: { builder: { id } } },
  ];
  assert.equal(outcomeOf(rule, image, image, by('https://github.com/builders/container/x@refs/tags/v1.2.3')), 'passed');
  assert.equal(outcomeOf(rule, image, image, by('https://github.com/builders/container/x@refs/heads/main')), 'failed');
  assert.equal(outcomeOf(rule, image, image, by("x') || `true` || regex_match('x")), 'failed');
});

test('a policy of scans: not older than a week', async () => {
  const rule = await ruleFrom(`        - imageReferences: ["registry.example/app*"]
          attestations:
            - type: https://cosign.sigstore.dev/attestation/vuln/v1
              attestors:
                - entries:
                  - keys:
                      publicKeys: |-
${pem}
              conditions:
                - all:
                    - key: "{{ time_since('', '{{ metadata.scanFinishedOn }}', '') }}"
                      operator: LessThanOrEquals
                      value: "168h"
          verifyDigest: false`);
  const image = 'registry.example/app:1';
  const scan = (scanFinishedOn: string): TestSignature => ({
    key,
    type: 'https://cosign.sigstore.dev/attestation/vuln/v1',
    predicate: { metadata: { scanFinishedOn } },
  });
  assert.equal(outcomeOf(rule, image, image, [scan('2026-05-28T00:00:00Z')]), 'passed');
  assert.equal(outcomeOf(rule, image, image, [scan('2026-05-20T00:00:00Z')]), 'failed');
  // An old one beside a new one blocks, as in Kyverno.
  assert.equal(outcomeOf(rule, image, image, [scan('2026-05-28T00:00:00Z'), scan('2026-05-20T00:00:00Z')]), 'failed');
});

test('a policy of bills of materials: versions of a package that must not be there', async () => {
  const rule = await ruleFrom(`        - imageReferences: ["registry.example/*"]
          attestations:
            - type: https://cyclonedx.org/schema
              attestors:
                - entries:
                  - keys:
                      publicKeys: |-
${pem}
              conditions:
                - all:
                    - key: "{{ components[?name=='commons-text'].version || 'none' }}"
                      operator: AllNotIn
                      value: ["1.5","1.6"]
          verifyDigest: false`);
  const image = 'registry.example/app:1';
  const sbom = (...versions: readonly string[]): readonly TestSignature[] => [
    {
      key,
      type: 'https://cyclonedx.org/schema',
      predicate: { components: versions.map((version) => ({ name: 'commons-text', version })) },
    },
  ];
  assert.equal(outcomeOf(rule, image, image, sbom('1.10')), 'passed');
  assert.equal(outcomeOf(rule, image, image, sbom()), 'passed');
  assert.equal(outcomeOf(rule, image, image, sbom('1.10', '1.6')), 'failed');
});

test('a policy of a pipeline: images of an object that no container has', async () => {
  const rule = await ruleFrom(
    `        - imageReferences: ["*"]
          attestors:
            - entries:
                - keys:
                    publicKeys: |-
${pem}
          verifyDigest: false`,
    `      imageExtractors:
        TaskRun:
          - {name: taskruns, path: /spec/taskRef, value: bundle, key: name}
          - {name: steps, path: /status/taskSpec/steps/*, value: image, key: name}`,
  );
  const object = {
    spec: { taskRef: { name: 'build', bundle: 'registry.example/task:1' } },
    status: { taskSpec: { steps: [{ name: 'one', image: 'registry.example/step:1' }] } },
  };
  const subject = { group: 'tekton.dev', version: 'v1beta1', kind: 'TaskRun' };
  assert.equal(outcomeOf(rule, object, 'registry.example/task:1', [{ key }], subject), 'failed');
  const both = decisionOf({
    rule: { imageExtractors: rule.imageExtractors ?? {} },
    entries: rule.verifyImages ?? [],
    object,
    subject,
    action: 'audit',
    images: {
      'registry.example/task:1': { signatures: [{ key }] },
      'registry.example/step:1': { signatures: [{ key }] },
    },
  });
  assert.equal(both.outcome, 'passed');
  assert.deepEqual(
    both.images.map(({ image }) => image.pointer),
    ['/spec/taskRef/bundle', '/status/taskSpec/steps/0/image'],
  );
});

test('policies that people publish are compiled', needsSharedData('kyverno-policies'), async () => {
  const folder = sharedData('kyverno-policies') ?? '';
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  let count = 0;
  for (const file of files) {
    const { policies } = await readKyvernoPolicies(readFileSync(join(folder, file), 'utf8'));
    for (const { policy } of policies) {
      for (const rule of policy.spec.rules.filter(({ verifyImages }) => verifyImages !== undefined)) {
        count += 1;
        assert.deepEqual(compileVerification(rule, policy.metadata.name, kyvernoSettings()).mistakes, [], file);
      }
    }
  }
  assert.ok(count > 0);
});
