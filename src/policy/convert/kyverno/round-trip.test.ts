import { test } from 'node:test';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { type Compared, judgesAlike, usualConversion } from '../../../../testing/policy/convert-alike.ts';
import { podKinds } from '../../../../testing/policy/judge-alike.ts';
import { tektonKinds } from '../../../../testing/policy/worlds-of-tekton.ts';
import { needsSharedData, sharedData } from '../../../../testing/shared-data.ts';
import { convertTexts } from '../convert-texts.ts';

const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  type: 'spki',
  format: 'pem',
}) as string;
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({
  type: 'spki',
  format: 'pem',
}) as string;
const keys = (...texts: readonly string[]): string => `{keys: {publicKeys: ${JSON.stringify(texts.join(''))}}}`;
const rekor = 'rekor: {url: "https://rekor.example"}';
const keyless = `{keyless: {issuer: "https://issuer", subject: "https://github.com/org/*", ${rekor}}}`;
const pods = 'any: [{resources: {kinds: [Pod]}}]';

interface RuleParts {
  readonly match?: string;
  readonly more?: string;
}

function kyverno(
  entries: string,
  spec = 'validationFailureAction: Enforce',
  { match = pods, more = '' }: RuleParts = {},
): string {
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: p}
spec:
  ${spec}
  rules:
    - name: r
      match: {${match}}
      ${more}
      verifyImages: ${entries}
`;
}

function entry(members: string, images = '["ghcr.io/org/*"]'): string {
  return `[{imageReferences: ${images}, ${members}}]`;
}

const attestors = `attestors: [{entries: [${keys(pem)}]}]`;
const stated = (conditions: string): string =>
  `attestations: [{type: https://a.example/b, attestors: [{entries: [${keys(pem)}]}], conditions: ${conditions}}]`;
const overrides = (list: string): string => `validationFailureAction: Audit
  validationFailureActionOverrides: ${list}`;

const kyvernoCases: Readonly<Record<string, string>> = {
  'a key': kyverno(entry(attestors)),
  'a key, audited': kyverno(entry(attestors), 'validationFailureAction: Audit'),
  'a key, warned of': kyverno(entry(attestors), 'emitWarning: true'),
  'a key, failing open': kyverno(entry(attestors), 'validationFailureAction: Enforce\n  failurePolicy: Ignore'),
  'several keys in one text': kyverno(entry(`attestors: [{entries: [${keys(pem, other)}]}]`)),
  'one of two': kyverno(entry(`attestors: [{count: 1, entries: [${keys(pem)}, ${keyless}]}]`)),
  'two of three': kyverno(entry(`attestors: [{count: 2, entries: [${keys(pem)}, ${keys(other)}, ${keyless}]}]`)),
  'sets side by side': kyverno(
    entry(`attestors: [{entries: [${keys(pem)}]}, {count: 1, entries: [${keys(other)}, ${keyless}]}]`),
  ),
  'a set in a set': kyverno(
    entry(`attestors: [{count: 1, entries: [${keys(pem)}, {attestor: {entries: [${keys(other)}, ${keyless}]}}]}]`),
  ),
  annotations: kyverno(
    entry(
      `attestors: [{entries: [{keys: {kms: "awskms:///alias/a"}, annotations: {env: prod}, repository: ghcr.io/org/sigs}]}]`,
    ),
  ),
  'keys elsewhere': kyverno(
    entry(`attestors: [{entries: [{keys: {secret: {name: a, namespace: b}, signatureAlgorithm: sha512}}]}]`),
  ),
  'logs that are ignored': kyverno(
    entry(
      `attestors: [{entries: [{keyless: {subjectRegExp: "^a$", issuerRegExp: "b", issuer: "c*", rekor: {ignoreTlog: true, url: "https://r"}, ctlog: {ignoreSCT: true}}}]}]`,
    ),
  ),
  'an issuer alone': kyverno(
    entry(
      `attestors: [{entries: [{keyless: {issuer: "https://issuer", additionalExtensions: {githubWorkflowRef: "refs/*"}, ${rekor}}}]}]`,
    ),
  ),
  'fields of version 1': kyverno(`[{image: "ghcr.io/org/*", key: ${JSON.stringify(pem)}, annotations: {a: b}}]`),
  'tags alone': kyverno(entry(attestors, '["ghcr.io/org/app:*", "docker.io/nginx:1"]')),
  'question marks': kyverno(entry(attestors, '["ghcr.io/org/ap?:?", "docker.io/ngin?*"]')),
  everything: kyverno(entry(attestors, '["*"]')),
  'names in the middle': kyverno(entry(attestors, '["*/app*", "ghcr.io/*/db*"]')),
  'digests by pattern': kyverno(entry(attestors, '["ghcr.io/org/app@sha256:*"]')),
  'images that are passed over': kyverno(entry(`skipImageReferences: ["*:dev-*"], ${attestors}`)),
  'repositories that are passed over': kyverno(entry(`skipImageReferences: ["ghcr.io/org/team/*"], ${attestors}`)),
  'no digests': kyverno(entry(`mutateDigest: false, verifyDigest: false, ${attestors}`)),
  'digests that are asked for': kyverno(entry(`mutateDigest: false, ${attestors}`)),
  'digests that are put in': kyverno(entry(`verifyDigest: false, ${attestors}`)),
  'digests alone': kyverno(entry('required: false')),
  'several entries': kyverno(
    `[{imageReferences: ["ghcr.io/org/*"], ${attestors}}, {imageReferences: ["*app*"], ${stated('[]')}}]`,
  ),
  'entries with their own actions': kyverno(
    `[{imageReferences: ["ghcr.io/org/*"], failureAction: Enforce, ${attestors}}, {imageReferences: ["*"], failureAction: Audit, ${stated('[]')}}]`,
    'background: true',
  ),
  'a statement': kyverno(entry(stated('[]'))),
  'a statement with conditions': kyverno(entry(stated('[{all: [{key: "{{ ok }}", operator: Equals, value: true}]}]'))),
  'conditions on numbers and lists': kyverno(
    entry(
      stated(
        `[{any: [{key: "{{ count }}", operator: Equals, value: 0}, {key: "{{ list[?name=='a'].version || 'none' }}", operator: AnyIn, value: ["1.5", "1.6"]}]}]`,
      ),
    ),
  ),
  'conditions on time': kyverno(
    entry(
      stated(
        `[{all: [{key: "{{ time_since('', '{{ metadata.scanFinishedOn }}', '') }}", operator: LessThan, value: 168h}]}]`,
      ),
    ),
  ),
  'what validate denies': kyverno(
    entry(
      `attestations: [{name: scan, type: https://a.example/b, attestors: [{entries: [${keys(pem)}]}]}], validate: {message: it is bad, deny: {conditions: {any: [{key: "{{ scan.ok }}", operator: Equals, value: false}]}}}`,
    ),
  ),
  'what validate denies always': kyverno(entry(`${attestors}, validate: {message: never, deny: {}}`)),
  'the older predicateType': kyverno(
    entry(
      `attestations: [{predicateType: cosign.sigstore.dev/attestation/vuln/v1, attestors: [{entries: [${keyless}]}]}]`,
    ),
  ),
  namespaces: kyverno(entry(attestors), undefined, {
    match: 'any: [{resources: {kinds: [Pod], namespaces: ["prod", "dev-*"]}}]',
  }),
  'all of one filter': kyverno(entry(attestors), undefined, {
    match: 'all: [{resources: {kinds: [Pod], namespaces: [team]}}]',
  }),
  'the older match': kyverno(entry(attestors), undefined, { match: 'resources: {kinds: [Pod]}' }),
  'several filters': kyverno(entry(attestors), undefined, {
    match:
      'any: [{resources: {kinds: [Pod], namespaces: [prod]}}, {resources: {kinds: [Deployment], namespaces: [team]}}]',
  }),
  'namespaces that are left out': kyverno(entry(attestors), undefined, {
    more: 'exclude: {any: [{resources: {namespaces: [kube-system, "dev-?"]}}]}',
  }),
  'kinds that are left out': kyverno(entry(attestors), undefined, {
    match: 'any: [{resources: {kinds: [Deployment, StatefulSet, CronJob]}}]',
    more: 'exclude: {any: [{resources: {kinds: [CronJob]}}, {resources: {kinds: [StatefulSet], namespaces: [team]}}]}',
  }),
  'labels of namespaces': kyverno(entry(attestors), undefined, {
    match:
      'any: [{resources: {kinds: [Pod], namespaceSelector: {matchLabels: {stage: prod}, matchExpressions: [{key: x, operator: DoesNotExist}]}}}]',
  }),
  operations: kyverno(entry(attestors), undefined, {
    match: 'any: [{resources: {kinds: [Pod], operations: [UPDATE]}}]',
  }),
  'operations of all kinds': kyverno(entry(attestors), undefined, {
    match: 'any: [{resources: {kinds: ["*"], operations: [CREATE, DELETE]}}]',
  }),
  'controllers that the annotation names': kyverno(entry(attestors)).replace(
    '{name: p}',
    '{name: p, annotations: {pod-policies.kyverno.io/autogen-controllers: "CronJob, StatefulSet"}}',
  ),
  'not in the background': kyverno(
    entry(attestors),
    'background: false\n  webhookTimeoutSeconds: 20\n  validationFailureAction: enforce',
  ),
  'other actions in some namespaces': kyverno(
    entry(attestors),
    overrides('[{action: Enforce, namespaces: [prod, "dev-*"]}, {action: Enforce, namespaces: [team]}]'),
  ),
  'the same actions in some namespaces': kyverno(entry(attestors), overrides('[{action: Audit, namespaces: [prod]}]')),
  'other actions everywhere': kyverno(
    entry(attestors),
    overrides('[{action: Audit, namespaces: [team]}, {action: Enforce, namespaces: ["*"]}]'),
  ),
  'other actions in some of the namespaces': kyverno(
    entry(attestors),
    overrides('[{action: Enforce, namespaces: ["pro*"]}]'),
    {
      match: 'any: [{resources: {kinds: [Pod], namespaces: [prod, team]}}]',
    },
  ),
  'a policy of a namespace': kyverno(entry(attestors))
    .replace('ClusterPolicy', 'Policy')
    .replace('{name: p}', '{name: p, namespace: prod}'),
};

const leftOut = (exclude: string): string =>
  kyverno(entry(attestors), undefined, {
    match: 'any: [{resources: {kinds: [Pod, CronJob], namespaces: ["prod", "team", "dev-*"]}}]',
    more: `exclude: {${exclude}}`,
  });
const exclusions: Readonly<Record<string, string>> = {
  'labels of namespaces that are left out': kyverno(entry(attestors), undefined, {
    more: 'exclude: {any: [{resources: {namespaceSelector: {matchLabels: {stage: prod, "policy.sigstore.dev/include": "true"}}}}]}',
  }),
  'labels that are left out, failing open': kyverno(
    entry(attestors),
    'validationFailureAction: Enforce\n  failurePolicy: Ignore',
    {
      more: 'exclude: {any: [{resources: {namespaceSelector: {matchExpressions: [{key: stage, operator: Exists}]}}}]}',
    },
  ),
  'several labels that are left out': leftOut(
    'any: [{resources: {namespaceSelector: {matchLabels: {stage: prod}}}}, {resources: {namespaceSelector: {matchLabels: {"policy.sigstore.dev/include": "true"}}}}]',
  ),
  'labels and namespaces that are left out together': leftOut(
    'any: [{resources: {namespaces: [team, prod], namespaceSelector: {matchLabels: {stage: prod}}}}]',
  ),
  'labels that are asked for and left out': kyverno(entry(attestors), undefined, {
    match:
      'any: [{resources: {kinds: [Pod], namespaceSelector: {matchExpressions: [{key: stage, operator: DoesNotExist}]}}}]',
    more: 'exclude: {any: [{resources: {namespaceSelector: {matchLabels: {a: b}}}}]}',
  }),
  'kinds and labels that are left out together': leftOut(
    'any: [{resources: {kinds: [CronJob], namespaceSelector: {matchLabels: {stage: prod}}}}]',
  ),
  'operations that are left out': leftOut('any: [{resources: {operations: [UPDATE], namespaces: ["dev-*"]}}]'),
  'kinds, labels and operations that are left out': leftOut(
    'all: [{resources: {kinds: [Pod], operations: [CREATE], namespaceSelector: {matchLabels: {stage: prod}}}}]',
  ),
};

/** Of what is passed over, digests are put in as well; whether a digest is named is not known of images that nobody can look at. */
const kyvernoWorlds: Readonly<Record<string, Compared>> = {
  'images that are passed over': { anyDigests: true, sure: true },
  'repositories that are passed over': { anyDigests: true, sure: true },
  'digests alone': { sure: true },
};

for (const [what, text] of Object.entries({ ...kyvernoCases, ...exclusions })) {
  test(`a policy of Kyverno and what it is converted into judge alike: ${what}`, () =>
    judgesAlike(text, kyvernoWorlds[what]));
}

test('an image that nobody can look at, failing open, is named by a tag for both', () =>
  judgesAlike(kyvernoCases['a key, failing open'] ?? '', { seed: -736_458_374, runs: 200 }));

const taskRuns = `TaskRun: [{name: tasks, path: /spec/taskRef, value: bundle, key: name}]`;
const tekton: Readonly<Record<string, string>> = {
  'a kind with images of its own': kyverno(entry(attestors), undefined, {
    match: 'any: [{resources: {kinds: [TaskRun]}}]',
    more: `imageExtractors: {${taskRuns}}`,
  }),
  'pods beside it': kyverno(entry(attestors), undefined, {
    match: 'any: [{resources: {kinds: [tekton.dev/v1/TaskRun, Pod]}}]',
    more: `imageExtractors: {${taskRuns}}`,
  }),
  'two kinds, in some namespaces': kyverno(entry(attestors), 'validationFailureAction: Audit\n  background: false', {
    match: 'any: [{resources: {kinds: [TaskRun, "tekton.dev/*/Pipeline*"], namespaces: [team, prod]}}]',
    more: `imageExtractors: {${taskRuns}, PipelineRun: [{path: /spec/pipelineRef/bundle}]}`,
  }),
  'a part of a kind': kyverno(entry(attestors), undefined, {
    match: 'any: [{resources: {kinds: [tekton.dev/v1beta1/TaskRun.status]}}]',
    more: 'imageExtractors: {TaskRun: [{path: "/status/taskSpec/steps/*", value: image, key: name}]}',
  }),
  'names that an expression makes': kyverno(entry(`mutateDigest: false, ${attestors}`), undefined, {
    match: 'any: [{resources: {kinds: [PipelineRun]}}]',
    more: `imageExtractors: {PipelineRun: [{path: /spec/pipelineRef/bundle, jmesPath: "replace_all(@, 'ghcr.io', 'quay.io')"}]}`,
  }).replace('"ghcr.io/org/*"', '"quay.io/org/*"'),
  'kinds that are left out': kyverno(entry(attestors), undefined, {
    match: 'any: [{resources: {kinds: [TaskRun, PipelineRun, Pod]}}]',
    more: `imageExtractors: {${taskRuns}, PipelineRun: [{path: /spec/pipelineRef/bundle}]}
      exclude: {any: [{resources: {kinds: [PipelineRun, Pod], namespaces: [team]}}, {resources: {kinds: [TaskRun], namespaceSelector: {matchLabels: {stage: prod}}}}]}`,
  }),
  'any kind': kyverno(entry(attestors), undefined, {
    match: 'any: [{resources: {kinds: ["*"]}}]',
    more: `imageExtractors: {${taskRuns}}`,
  }),
  'pods with images elsewhere': kyverno(entry(attestors), undefined, {
    more: 'imageExtractors: {Pod: [{path: "/spec/initContainers/*/image"}]}',
  }),
};
for (const [what, text] of Object.entries(tekton)) {
  test(`a policy about objects of Tekton and what it is converted into judge alike: ${what}`, () =>
    judgesAlike(text, { kinds: [...tektonKinds, ...podKinds], runs: 60 }));
}

const published = sharedData('kyverno-policies');
test(
  'published policies and what they are converted into judge alike',
  needsSharedData('kyverno-policies'),
  async () => {
    let wholly = 0;
    for (const file of readdirSync(published ?? '', { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.yaml'),
    )) {
      const text = readFileSync(join(published ?? '', file), 'utf8');
      const { counts } = await convertTexts([{ file, text }], usualConversion);
      if (counts.wholly === 0) continue;
      wholly += 1;
      const names = [...text.matchAll(/^\s*-\s*"([a-z.]+\/[\w./-]+?)(?::?\*)"/gm)].map(([, name]) => name as string);
      const kinds = file.includes('tekton') ? tektonKinds : podKinds;
      await judgesAlike(text, { names: [...names, 'ghcr.io/org/app'], runs: 20, kinds });
    }
    assert.ok(wholly >= 10, `${wholly}`);
  },
);
