import { test } from 'node:test';
import { judgesAlike } from '../../../../testing/policy/convert-alike.ts';
import { podKinds } from '../../../../testing/policy/judge-alike.ts';
import { tektonKinds } from '../../../../testing/policy/worlds-of-tekton.ts';

interface Parts {
  readonly spec?: string;
  readonly match?: string;
  readonly rule?: string;
}

function validating(
  validate: string,
  { spec = 'validationFailureAction: Enforce', match = 'any: [{resources: {kinds: [Pod]}}]', rule = '' }: Parts = {},
): string {
  return `apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: p}
spec:
  ${spec}
  rules:
    - name: check-images
      match: {${match}}
      ${rule}
      validate: ${validate}
`;
}

const noLatest = '{message: name a tag, pattern: {spec: {containers: [{image: "*:1"}]}}}';
const tagged = (condition: string): string =>
  `{message: "{{ element.name }} has no tag", foreach: [{list: "request.object.spec.[initContainers, containers][]", deny: {conditions: {all: [${condition}]}}}]}`;

const cases: Readonly<Record<string, string>> = {
  'a pattern': validating(noLatest),
  'a pattern, audited': validating(noLatest, { spec: 'validationFailureAction: Audit' }),
  'a pattern, warned of': validating(noLatest, { spec: 'emitWarning: true' }),
  'a pattern of what may be there': validating(
    '{pattern: {spec: {=(initContainers): [{image: "ghcr.io/* | docker.io/*"}], containers: [{name: "*", image: "!*:dev-*"}]}}}',
  ),
  'one of two patterns': validating(
    '{anyPattern: [{spec: {containers: [{image: "ghcr.io/*"}]}}, {spec: {initContainers: [{image: "*@sha256:*"}]}}]}',
  ),
  'what is denied': validating(
    `{message: "not {{ request.object.metadata.name }}", deny: {conditions: {any: [{key: "{{ images.containers.*.registry }}", operator: AnyNotIn, value: [ghcr.io, "registry.example.com:5000"]}, {key: "{{ request.operation }}", operator: Equals, value: UPDATE}]}}}`,
  ),
  'what is denied always': validating('{deny: {}}', {
    rule: 'preconditions: {all: [{key: "{{ request.namespace }}", operator: AnyIn, value: [team, prod]}]}',
  }),
  'each container': validating(tagged('{key: "{{ element.image }}", operator: Equals, value: "*:1"}')),
  'each container by its own image': validating(
    `{message: not these, foreach: [{list: "request.object.spec.containers", preconditions: {all: [{key: "{{ element.name }}", operator: NotEquals, value: containers-1}]}, deny: {conditions: {any: [{key: "{{ images.containers.\\"{{ element.name }}\\".tag || '' }}", operator: AnyIn, value: ["dev-2", latest]}]}}}]}`,
  ),
  'each container by a pattern': validating(
    '{foreach: [{list: "request.object.spec.containers", pattern: {image: "ghcr.io/org/*"}}]}',
  ),
  'lists within lists': validating(
    `{foreach: [{list: "[request.object.spec]", foreach: [{list: "element.containers || \`[]\`", deny: {conditions: {any: [{key: "{{ element1.image }}", operator: Equals, value: nginx*}]}}}]}]}`,
  ),
  'an expression without a value': validating(
    '{deny: {conditions: {any: [{key: "{{ request.object.spec.containers[0].name }}", operator: Equals, value: containers-0}]}}}',
  ),
  'an expression without a value, failing open': validating(
    '{deny: {conditions: {any: [{key: "{{ request.object.spec.initContainers[0].name }}", operator: Equals, value: a}]}}}',
    { spec: 'validationFailureAction: Enforce\n  failurePolicy: Ignore' },
  ),
  'values of the context': validating(
    '{deny: {conditions: {any: [{key: "{{ hosts }}", operator: AnyIn, value: ["docker.io"]}]}}}',
    { rule: 'context: [{name: hosts, variable: {jmesPath: "images.containers.*.registry || `[]`"}}]' },
  ),
  'expressions of CEL': validating(
    `{cel: {variables: [{name: names, expression: "object.spec.containers.map(c, c.image)"}], expressions: [{expression: "variables.names.all(n, !n.startsWith('nginx'))", message: no nginx}, {expression: "size(variables.names) < 2", messageExpression: "'too many in ' + object.metadata.name"}]}}`,
    { match: 'any: [{resources: {kinds: [Pod], operations: [CREATE, UPDATE]}}]' },
  ),
  'expressions of CEL about what is deleted': validating('{cel: {expressions: [{expression: "has(object.spec)"}]}}'),
  'CEL where conditions of CEL hold': validating(
    `{cel: {expressions: [{expression: "object.spec.containers.exists(c, c.image.endsWith(':1'))"}]}}`,
    {
      match: 'any: [{resources: {kinds: [Pod], operations: [CREATE, UPDATE]}}]',
      rule: `celPreconditions: [{name: ours, expression: "request.namespace in ['team', 'prod']"}]`,
    },
  ),
  'what is created alone': validating('{deny: {}}', {
    match: 'any: [{resources: {kinds: [Pod], operations: [CREATE], namespaces: [team]}}]',
  }),
  'what is deleted alone': validating('{deny: {}}', {
    match: 'any: [{resources: {kinds: [Deployment], operations: [DELETE]}}]',
  }),
  'violations that were there': validating(
    '{allowExistingViolations: false, pattern: {spec: {containers: [{image: "ghcr.io/*"}]}}}',
  ),
  'controllers alone': validating('{pattern: {spec: {template: {spec: {containers: [{image: "ghcr.io/*"}]}}}}}', {
    match: 'any: [{resources: {kinds: [Deployment, StatefulSet]}}]',
    rule: 'exclude: {any: [{resources: {kinds: [StatefulSet], namespaceSelector: {matchLabels: {stage: prod}}}}]}',
  }),
  'an action of its own': validating(
    '{failureAction: Enforce, failureActionOverrides: [{action: Audit, namespaces: [team, "dev-*"]}], deny: {}}',
    {
      spec: 'validationFailureAction: Audit',
    },
  ),
  'actions of the rule before those of the policy': validating(
    '{failureActionOverrides: [{action: Audit, namespaces: [team]}], deny: {}}',
    {
      spec: 'validationFailureAction: Audit\n  validationFailureActionOverrides: [{action: Enforce, namespaces: [team, prod]}]',
    },
  ),
  'not in the background': validating(noLatest, { spec: 'background: false\n  validationFailureAction: Enforce' }),
  'a policy of a namespace': validating(noLatest)
    .replace('ClusterPolicy', 'Policy')
    .replace('{name: p}', '{name: p, namespace: prod}'),
};

for (const [what, text] of Object.entries(cases)) {
  test(`a rule of Kyverno about objects and what it is converted into judge alike: ${what}`, () =>
    judgesAlike(text, { runs: 60 }));
}

test('a rule about images where an extractor finds them and what it is converted into judge alike', () => {
  const validate =
    '{deny: {conditions: {any: [{key: "{{ images.tasks.*.registry }}", operator: AnyNotIn, value: [ghcr.io]}]}}}';
  const text = validating(validate, {
    match: 'any: [{resources: {kinds: [TaskRun, Pod]}}]',
    rule: 'imageExtractors: {TaskRun: [{name: tasks, path: /spec/taskRef, value: bundle, key: name}]}',
  });
  return judgesAlike(text, { kinds: [...podKinds, ...tektonKinds], runs: 100 });
});
