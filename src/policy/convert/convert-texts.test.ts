import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { usualConversion } from '../../../testing/policy/convert-alike.ts';
import { convertTexts } from './convert-texts.ts';
import { convertLimits } from './limits.ts';

const attestors = `attestors: [{entries: [{keys: {kms: 'awskms:///alias/a'}}]}]`;
const entry = `imageReferences: ['ghcr.io/org/*'], ${attestors}`;

/** A policy of Kyverno with parts in place of others. */
function kyverno({
  spec = 'background: false',
  match = 'any: [{resources: {kinds: [Pod]}}]',
  rule = '',
  images = entry,
}): string {
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: p}
spec:
  ${spec}
  rules:
    - name: r
      match: {${match}}
      ${rule}
      verifyImages: [{${images}}]
`;
}

function resources(more: string): { readonly match: string } {
  return { match: `any: [{resources: {kinds: [Pod], ${more}}}]` };
}

function users(more: string): { readonly match: string } {
  return { match: `any: [{resources: {kinds: [Pod]}, ${more}}]` };
}

const attested = (conditions: string): { readonly images: string } => ({
  images: `imageReferences: ['ghcr.io/org/*'], attestations: [{type: https://a, ${attestors}, conditions: [{all: [${conditions}]}]}]`,
});

function validating(validate: string): string {
  return kyverno({}).replace(/verifyImages: .*/, `validate: ${validate}`);
}

function inCel(more: string): string {
  return `apiVersion: policies.kyverno.io/v1
kind: ImageValidatingPolicy
metadata: {name: p}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  attestors: [{name: a, cosign: {key: {kms: 'awskms:///alias/a'}}}]
  validations: [{expression: 'images.containers.all(i, verifyImageSignatures(i, [attestors.a]) > 0)'}]
  ${more}
`;
}

function inCelWith(expression: string): string {
  return inCel('').replace(/expression: '.*'/, `expression: ${JSON.stringify(expression)}`);
}

function controller(more: string, glob = 'ghcr.io/org/**'): string {
  return `apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: {name: p}\nspec:\n  images: [{glob: '${glob}'}]\n  ${more}\n`;
}

const authority = "authorities: [{key: {kms: 'awskms:///alias/a'}}]";

/** What cannot be said, the path at which that is told, and what is told where others are told at such a path. */
const unsaid: readonly (readonly [text: string, path: string, sentence?: RegExp])[] = [
  [kyverno(users('roles: [a:b]')), 'spec.rules[0].match.any[0].roles'],
  [kyverno(users('clusterRoles: [a]')), 'spec.rules[0].match.any[0].clusterRoles'],
  [kyverno(users('subjects: [{kind: User, name: a}]')), 'spec.rules[0].match.any[0].subjects'],
  [kyverno(resources('name: a')), 'spec.rules[0].match.any[0].resources.name'],
  [kyverno(resources('names: [a]')), 'spec.rules[0].match.any[0].resources.names'],
  [kyverno(resources('annotations: {a: b}')), 'spec.rules[0].match.any[0].resources.annotations'],
  [kyverno(resources('selector: {matchLabels: {a: b}}')), 'spec.rules[0].match.any[0].resources.selector'],
  [kyverno(resources('namespaces: ["A"]')), 'spec.rules[0].match.any[0].resources.namespaces[0]'],
  [
    kyverno(resources('namespaceSelector: {matchLabels: {a: "b*"}}')),
    'spec.rules[0].match.any[0].resources.namespaceSelector.matchLabels',
  ],
  [kyverno({ match: 'any: [{resources: {kinds: [Service, Pod]}}]' }), 'spec.rules[0].match.any[0].resources.kinds[0]'],
  [kyverno({ match: 'all: [{resources: {kinds: [Pod]}}, {resources: {namespaces: [a]}}]' }), 'spec.rules[0].match.all'],
  [kyverno({ rule: 'exclude: {any: [{subjects: [{kind: User, name: a}]}]}' }), 'spec.rules[0].exclude.any[0].subjects'],
  [
    kyverno({ rule: 'exclude: {any: [{resources: {selector: {matchLabels: {a: b}}}}]}' }),
    'spec.rules[0].exclude.any[0].resources.selector',
  ],
  [
    kyverno({ rule: 'exclude: {any: [{resources: {namespaceSelector: {matchLabels: {a: "b*"}}}}]}' }),
    'spec.rules[0].exclude.any[0].resources.namespaceSelector.matchLabels',
  ],
  [
    kyverno({
      match: 'any: [{resources: {kinds: [TaskRun]}}]',
      rule: 'exclude: {any: [{resources: {kinds: [v1beta1/TaskRun]}}]}\n      imageExtractors: {TaskRun: [{path: /spec/x}]}',
    }),
    'spec.rules[0].exclude.any[0].resources.kinds',
  ],
  [kyverno({ rule: 'preconditions: {all: [{key: a, operator: Equals, value: b}]}' }), 'spec.rules[0].preconditions'],
  [
    kyverno({
      images: `imageReferences: ['*'], attestors: [{entries: [{keys: {publicKeys: "{{ request.namespace }}"}}]}]`,
    }),
    'spec.rules[0].verifyImages[0]',
    /^has variables in "\{\{ request\.namespace \}\}", whose .*; write it out, or go on with the policy in this form/,
  ],
  [
    kyverno({ images: `${entry}, imageRegistryCredentials: {secrets: [a]}` }),
    'spec.rules[0].verifyImages[0].imageRegistryCredentials.secrets',
  ],
  [
    kyverno({ images: `${entry}, imageRegistryCredentials: {allowInsecureRegistry: true}` }),
    'spec.rules[0].verifyImages[0].imageRegistryCredentials.allowInsecureRegistry',
  ],
  [kyverno({ images: "imageReferences: ['*']" }), 'spec.rules[0].verifyImages[0]'],
  [kyverno({ images: entry.replace('ghcr', 'GHCR') }), 'spec.rules[0].verifyImages[0]'],
  [
    kyverno(attested('{key: "{{ request.namespace }}", operator: Equals, value: a}')),
    'spec.rules[0].verifyImages[0].attestations[0].conditions',
  ],
  [
    kyverno(attested('{key: "{{ images.containers.a }}", operator: Equals, value: a}')),
    'spec.rules[0].verifyImages[0].attestations[0].conditions',
  ],
  [
    kyverno({ images: `${entry}, validate: {message: "no {{ image.name }}", deny: {}}` }),
    'spec.rules[0].verifyImages[0].validate.message',
  ],
  [
    kyverno({
      spec: 'validationFailureActionOverrides: [{action: Enforce, namespaceSelector: {matchLabels: {a: b}}}]',
    }),
    'spec.validationFailureActionOverrides[0].namespaceSelector',
  ],
  [
    `${kyverno({ spec: 'applyRules: One' })}    - {name: s, match: {any: [{resources: {kinds: [Pod]}}]}, verifyImages: [{${entry}}]}\n`,
    'spec.applyRules',
  ],
  [validating('{podSecurity: {level: baseline}}'), 'spec.rules[0].validate.podSecurity'],
  [validating('{manifests: {attestors: []}}'), 'spec.rules[0].validate.manifests'],
  [
    validating('{cel: {paramKind: {kind: a}, expressions: [{expression: "true"}]}}'),
    'spec.rules[0].validate.cel.paramKind',
  ],
  [
    validating('{deny: {}}').replace('kinds: [Pod]', 'kinds: [Pod, Service]'),
    'spec.rules[0].match.any[0].resources.kinds[1]',
  ],
  [
    validating('{deny: {conditions: {all: [{key: "{{ c.data.a }}", operator: Equals, value: b}]}}}')
      .replace('kind: ClusterPolicy', 'kind: Policy')
      .replace('    - name: r', '    - name: r\n      context: [{name: c, configMap: {name: c}}]'),
    'spec.rules[0].context[0]',
  ],
  [kyverno({}).replace(/verifyImages: .*/, 'mutate: {patchStrategicMerge: {}}'), 'spec.rules[0].mutate'],
  [inCel('matchConditions: [{name: a, expression: "true"}]'), 'spec.matchConditions'],
  [inCel('images: [{name: a, expression: "[object.spec.x]"}]'), 'spec.images'],
  [inCel('credentials: {secrets: [a]}'), 'spec.credentials.secrets'],
  [inCel("matchImageReferences: [{glob: 'ghcr.io/org/app:1'}]"), 'spec.matchImageReferences[0].glob'],
  [inCel("matchImageReferences: [{glob: 'ghcr.io/{a,b}/*'}]"), 'spec.matchImageReferences[0].glob'],
  [inCel('matchImageReferences: [{expression: \'ref.startsWith("a")\'}]'), 'spec.matchImageReferences[0]'],
  [inCel('evaluation: {mode: JSON}').replace(/ {2}matchConstraints.*\n/, ''), 'spec.evaluation.mode'],
  [
    inCel('').replace('resources: [pods]', 'resources: [pods], resourceNames: [a]'),
    'spec.matchConstraints.resourceRules[0].resourceNames',
  ],
  [inCel('').replace('resources: [pods]', 'resources: [services]'), 'spec.matchConstraints'],
  [
    inCel('').replace('resources: [pods]}]', 'resources: [pods]}], objectSelector: {matchLabels: {a: b}}'),
    'spec.matchConstraints.objectSelector',
  ],
  [inCel('').replace("{kms: 'awskms:///alias/a'}", '{expression: "object.metadata.name"}'), 'spec.attestors[0]'],
  [
    inCelWith('images.containers.exists(i, verifyImageSignatures(i, [attestors.a]) > 0)'),
    'spec.validations[0].expression',
  ],
  [
    inCelWith('images.containers.all(i, verifyImageSignatures(i, [attestors.a]) < 1)'),
    'spec.validations[0].expression',
  ],
  [
    inCelWith('images.containers.all(i, verifyImageSignatures(i, [attestors.a]) > 0 || object.metadata.name == "a")'),
    'spec.validations[0].expression',
  ],
  [controller(`policy: {type: rego, data: x}\n  ${authority}`), 'spec.policy'],
  [controller(`match: [{resource: pods, selector: {matchLabels: {a: b}}}]\n  ${authority}`), 'spec.match[0].selector'],
  [controller(authority, 'ghcr.io/org/app:1'), 'spec.images[0].glob'],
  [controller(authority, 'ghcr.io/org/app'), 'spec.images[0].glob'],
  [controller(authority, 'ghcr.io/org/app@**'), 'spec.images[0].glob'],
  [
    controller(
      "authorities: [{key: {kms: 'awskms:///alias/a'}, source: [{oci: ghcr.io/org/s, signaturePullSecrets: [{name: a}]}]}]",
    ),
    'spec.authorities[0].source',
  ],
];

for (const [at, [text, path, sentence = /./]] of unsaid.entries()) {
  test(`what cannot be said is told, and nothing is written: ${at} ${path}`, async () => {
    const {
      policies,
      mistakes,
      unsaid: told,
      counts,
    } = await convertTexts([{ file: '/p.yaml', text }], usualConversion);
    assert.deepEqual(mistakes, []);
    assert.ok(
      told.some((each) => each.path === path && sentence.test(each.sentence)),
      JSON.stringify(told),
    );
    assert.ok(told.every(({ line, file }) => line > 1 && file === '/p.yaml'));
    assert.deepEqual([policies, counts.wholly], [[], 0]);
  });
}

test('what one document becomes is bounded', async () => {
  const entries = Array.from({ length: convertLimits.drafts + 1 }, () => `{${entry}}`).join(', ');
  const text = kyverno({}).replace(/verifyImages: .*/, `verifyImages: [${entries}]`);
  const { unsaid: told } = await convertTexts([{ file: '/p.yaml', text }], usualConversion);
  assert.match(told.map(({ sentence }) => sentence).join(), /would become more than 100 policies/);
});

test('nothing is thrown, and all that is written is right, whatever documents are made of', async () => {
  const texts = unsaid.map(([text]) => text);
  const cut = fc.record({
    text: fc.constantFrom(...texts),
    from: fc.nat(900),
    many: fc.nat(30),
    put: fc.string({ maxLength: 12 }),
  });
  await fc.assert(
    fc.asyncProperty(cut, fc.boolean(), async ({ text, from, many, put }, partial) => {
      const broken = `${text.slice(0, from)}${put}${text.slice(from + many)}`;
      const {
        policies,
        mistakes,
        unsaid: told,
        others,
        counts,
      } = await convertTexts([{ file: '/p.yaml', text: broken }], { ...usualConversion, partial });
      // Whatever was not written wholly is told of.
      if (policies.length === 0 && counts.wholly === 0) {
        assert.ok(mistakes.length + told.length + others.length > 0 || broken.trim() === '' || !/[^\s#-]/.test(broken));
      }
    }),
    { numRuns: 150 },
  );
});
