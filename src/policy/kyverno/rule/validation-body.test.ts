import assert from 'node:assert/strict';
import test from 'node:test';
import { judgedBy, kyvernoPolicies, subjectOf } from '../../../../testing/policy/kyverno.ts';
import type { ResourceSubject } from '../../resource/model.ts';
import { exactStyle, type KyvernoStyle, strictStyle } from '../style.ts';

interface Denial {
  /** Who sends it. */
  readonly by?: object;
  /** Besides the kind. */
  readonly resources?: object;
  readonly rule?: object;
  readonly validate?: object;
}

/** A policy that denies every Pod that its rule is about. */
function denying({ by = {}, resources = {}, rule = {}, validate = { message: 'no', deny: {} } }: Denial): string {
  const match = { any: [{ resources: { kinds: ['Pod'], ...resources }, ...by }] };
  const rules = [{ name: 'none', match, ...rule, validate: { failureAction: 'Enforce', ...validate } }];
  const metadata = { name: 'p', annotations: { 'pod-policies.kyverno.io/autogen-controllers': 'none' } };
  return JSON.stringify({
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata,
    spec: { background: false, rules },
  });
}

const spec = { containers: [{ name: 'app', image: 'a' }] };
const before = { metadata: { name: 'web', labels: { stage: 'test' } }, spec };
const now = { metadata: { name: 'web', labels: { stage: 'prod' } }, spec };

/** What becomes of a change of labels. */
async function outcomeOf(denial: Denial, style: KyvernoStyle): Promise<string | undefined> {
  const { object: oldObject } = subjectOf('Pod', before);
  const clusterRoles = { state: 'known', value: ['editor'], at: 0 } as const;
  const user = { username: 'alice', groups: ['devs'], roles: { ...clusterRoles, value: [] }, clusterRoles };
  const subject = subjectOf('Pod', now, { operation: 'UPDATE', oldObject, user });
  return judgedBy(await kyvernoPolicies(denying(denial), { style }), subject).verdict.results[0]?.outcome;
}

const cel = { message: 'no', cel: { expressions: [{ expression: 'false' }] } };
const isUpdate = { key: '{{ request.operation }}', operator: 'Equals', value: 'UPDATE' };

const cases: readonly (readonly [what: string, denial: Denial, outcome: string])[] = [
  ['whatever is done', {}, 'skipped'],
  ['what is created and changed', { resources: { operations: ['CREATE', 'UPDATE'] } }, 'skipped'],
  [
    'what is created and changed, in CEL',
    { resources: { operations: ['CREATE', 'UPDATE'] }, validate: cel },
    'skipped',
  ],
  ['changes alone', { resources: { operations: ['UPDATE'] } }, 'failed'],
  ['changes alone, in CEL', { resources: { operations: ['UPDATE'] }, validate: cel }, 'failed'],
  ['labels that it is given', { resources: { selector: { matchLabels: { stage: 'prod' } } } }, 'failed'],
  ['labels that it had', { resources: { selector: { matchLabels: { stage: '*' } } } }, 'skipped'],
  ['what somebody sends', { by: { subjects: [{ kind: 'User', name: 'alice' }] } }, 'failed'],
  ['what a group sends', { by: { subjects: [{ kind: 'Group', name: 'devs' }] } }, 'failed'],
  ['what holders of a role send', { by: { clusterRoles: ['editor'] } }, 'failed'],
  [
    'what is not excluded any more',
    { rule: { exclude: { any: [{ resources: { selector: { matchLabels: { stage: 'test' } } } }] } } },
    'failed',
  ],
  ['preconditions that only a change meets', { rule: { preconditions: { all: [isUpdate] } } }, 'failed'],
  [
    'preconditions in CEL that only a change meets',
    { rule: { celPreconditions: [{ name: 'a', expression: "request.operation == 'UPDATE'" }] }, validate: cel },
    'failed',
  ],
];

for (const [what, denial, outcome] of cases) {
  const becomes = outcome === 'failed' ? 'denied' : 'let by, since it was broken before';
  test(`a change that breaks a rule about ${what} is ${becomes}`, async () => {
    for (const style of [strictStyle, exactStyle]) assert.equal(await outcomeOf(denial, style), outcome);
  });
}

const subresources: readonly (readonly [
  kind: string,
  what: string,
  subject: Partial<ResourceSubject>,
  outcome: string,
])[] = [
  [
    'Deployment/scale',
    'a scale',
    { group: 'autoscaling', kind: 'Scale', subresource: 'scale', ...sentTo('apps', 'deployments') },
    'failed',
  ],
  [
    '*/scale',
    'a scale',
    { group: 'autoscaling', kind: 'Scale', subresource: 'scale', ...sentTo('apps', 'deployments') },
    'failed',
  ],
  ['Pod/status', 'a status', { subresource: 'status', ...sentTo('', 'pods') }, 'failed'],
  ['Pod', 'a container that is added', { subresource: 'ephemeralcontainers', ...sentTo('', 'pods') }, 'skipped'],
];

function sentTo(group: string, resource: string): Pick<ResourceSubject, 'request'> {
  return { request: { resource: { group, version: 'v1', resource } } };
}

for (const [kind, what, sent, outcome] of subresources) {
  test(`${what} that breaks a rule about ${kind} is ${outcome === 'failed' ? 'denied' : 'let by'}, whatever it was before`, async () => {
    const policy = await kyvernoPolicies(denying({ resources: { kinds: [kind] } }), { style: exactStyle });
    const object = { metadata: { name: 'web' }, spec: { replicas: 5 } };
    const { object: oldObject } = subjectOf('Pod', { ...object, spec: { replicas: 4 } });
    const subject = subjectOf('Pod', object, { operation: 'UPDATE', oldObject, ...sent });
    assert.equal(judgedBy(policy, subject).verdict.results[0]?.outcome, outcome);
  });
}
