import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  judgeTestObject,
  podOf,
  testDigest,
  type TestGate,
  type TestImage,
} from '../../../../testing/policy/judge-object.ts';
import { compileController, controllerPolicy } from '../../../../testing/policy/policy-controller.ts';
import type { JsonObject } from '../../../lang/jmespath/value.ts';
import { namespaceLabelsLookup } from '../../kyverno/context/lookup.ts';
import type { ResourceSubject } from '../../resource/model.ts';
import type { ResourceVerdict } from '../../resource/verdict.ts';
import { selectsLabels } from '../../resource/label-selector.ts';
import { optedInNamespaces, type PolicyControllerSettings } from '../settings.ts';

const image = 'ghcr.io/org/app:1';
const identities = 'identities: [{issuer: https://issuer, subject: me}]';
const release = `{name: release, keyless: {${identities}}}`;
const other = `{name: other, keyless: {${identities}}}`;
const stated = `{name: stated, keyless: {${identities}}, attestations: [{name: sbom, predicateType: cyclonedx}, {name: vuln, predicateType: vuln}]}`;
const [bom, vuln] = ['https://cyclonedx.org/bom', 'https://cosign.sigstore.dev/attestation/vuln/v1'];

async function judge(
  text: string,
  {
    settings = {},
    subject = podOf([image]),
    ...gate
  }: TestGate & { settings?: Partial<PolicyControllerSettings>; subject?: ResourceSubject } = {},
): Promise<ResourceVerdict & { readonly asked: number }> {
  const compiled = await compileController(text, settings);
  assert.deepEqual(compiled.mistakes, []);
  const { verdict, checks } = judgeTestObject(compiled.policies, subject, gate);
  return { ...verdict, asked: checks.length };
}

function authorities(...list: readonly string[]): string {
  return controllerPolicy(`  authorities: [${list.join(', ')}]`);
}

const made = { [bom]: { stated: [{}] }, [vuln]: { stated: [{}] } };

const cases: readonly (readonly [
  what: string,
  text: string,
  image: TestImage | 'absent',
  allowed: boolean,
  told?: RegExp,
])[] = [
  ['an image that is signed', authorities(release), { signedBy: ['release'] }, true],
  [
    'an image that is not',
    authorities(release),
    {},
    false,
    /failed policy: signed: ghcr\.io\/org\/app:1: release: it has no signature; looked at ghcr\.io\/org\/app@sha256:ab/,
  ],
  ['one of two authorities', authorities(release, other), { signedBy: ['other'] }, true],
  ['none of two', authorities(release, other), {}, false, /release: it has no signature; other: it has no signature/],
  ['all statements of an authority', authorities(stated), { statements: made }, true],
  [
    'one of two statements',
    authorities(stated),
    { statements: { [bom]: { stated: [{}] } } },
    false,
    /stated: vuln: there is none of type/,
  ],
  // CVE-2022-35930: a statement of another type is none.
  [
    'statements of another type alone',
    authorities(stated),
    { statements: { 'https://other': { stated: [{}] } } },
    false,
  ],
  ['a signature where statements are asked for', authorities(stated), { signedBy: ['stated'] }, false],
  [
    'statements of an authority that does not count',
    authorities(stated),
    { statements: { [bom]: { other: [{}] }, [vuln]: { other: [{}] } } },
    false,
  ],
  ['one authority by statements, another by signature', authorities(stated, release), { signedBy: ['release'] }, true],
  ['static: pass', authorities('{static: {action: pass}}'), {}, true],
  [
    'static: fail',
    authorities('{static: {action: fail, message: "ask the platform team"}}'),
    {},
    false,
    /disallowed by static policy: ask the platform team/,
  ],
  [
    'static: fail beside one who signed',
    authorities('{static: {action: fail}}', release),
    { signedBy: ['release'] },
    true,
  ],
  [
    'static: fail beside one who did not',
    authorities('{static: {action: fail, message: never}}', release),
    {},
    false,
    /authority-0: disallowed by static policy: never; release: it has no signature/,
  ],
  ['an image that is not there', authorities(release), 'absent', false, /its registry has no such image/],
  ['an image that nobody can look at', authorities(release), { unavailable: 'it is down' }, false, /it is down/],
];

for (const [what, text, found, allowed, told] of cases) {
  test(`a ClusterImagePolicy ${allowed ? 'lets pass' : 'denies'} ${what}`, async () => {
    const verdict = await judge(text, { images: { [image]: found } });
    assert.equal(verdict.allowed, allowed, verdict.message);
    if (told !== undefined) assert.match(verdict.message, told);
    const pins = allowed ? [`ghcr.io/org/app:1@${testDigest}`] : [];
    assert.deepEqual(
      verdict.pins.map(({ to }) => to),
      pins,
    );
  });
}

test('all policies that are about an image must be satisfied', async () => {
  const both = `${authorities(release)}---\n${authorities(other).replace('name: signed', 'name: second')}`;
  const answers = await Promise.all(
    [['release'], ['other'], ['release', 'other']].map(
      async (signedBy) => await judge(both, { images: { [image]: { signedBy } } }),
    ),
  );
  assert.deepEqual(
    answers.map(({ allowed }) => allowed),
    [false, false, true],
  );
});

test('a policy is about namespaces that opted in, where that is asked for, and about all that nobody knows', async () => {
  const subject = podOf([image]);
  const of = async (
    labels: ResourceSubject['namespaceLabels'],
    settings: Partial<PolicyControllerSettings> = { optIn: true },
  ): Promise<readonly [boolean, number]> => {
    const given = labels === undefined ? subject : { ...subject, namespaceLabels: labels };
    const { allowed, results } = await judge(authorities(release), { subject: given, settings });
    return [allowed, results.length];
  };
  const known = (value: Readonly<Record<string, string>>) => ({ state: 'known', value, at: 0 }) as const;
  assert.deepEqual(await of(known({ 'policy.sigstore.dev/include': 'true' })), [false, 1]);
  assert.deepEqual(await of(known({ 'policy.sigstore.dev/include': 'false' })), [true, 0]);
  assert.deepEqual(await of(known({})), [true, 0]);
  assert.deepEqual(await of(known({}), {}), [false, 1]);
  assert.deepEqual(await of({ state: 'unavailable', reason: 'down' }), [false, 1]);
  assert.deepEqual(await of({ state: 'absent', at: 0 }), [false, 1]);
  assert.deepEqual(await of(known({}), { optIn: true, noMatch: 'deny' }), [true, 0]);
  const { key } = namespaceLabelsLookup('team');
  for (const [value, count] of [
    ['true', 1],
    ['false', 0],
  ] as const) {
    const lookups = { [key]: { 'policy.sigstore.dev/include': value } };
    const { results } = await judge(authorities(release), { settings: { optIn: true }, lookups });
    assert.equal(results.length, count, value);
  }
  const { policies } = await compileController(authorities(release), { optIn: true, noMatch: 'deny' });
  assert.deepEqual(
    policies.map(({ namespaceSelector }) => namespaceSelector),
    [optedInNamespaces, optedInNamespaces],
  );
  assert.equal((await compileController(authorities(release))).policies[0]?.namespaceSelector, undefined);
});

test('an image that no policy is about is nothing to them, unless that is asked for', async () => {
  const subject = podOf(['docker.io/org/app:1']);
  const of = async (noMatch?: 'deny' | 'warn' | 'allow'): Promise<readonly unknown[]> => {
    const settings = noMatch === undefined ? {} : { noMatch };
    const { allowed, warnings, message } = await judge(authorities(release), { subject, settings });
    return [allowed, warnings.length, message.includes('no matching policies')];
  };
  assert.deepEqual(await of(), [true, 0, false]);
  assert.deepEqual(await of('allow'), [true, 0, false]);
  assert.deepEqual(await of('warn'), [true, 1, false]);
  assert.deepEqual(await of('deny'), [false, 0, true]);
  const matched = await judge(authorities(release), {
    settings: { noMatch: 'deny' },
    images: { [image]: { signedBy: ['release'] } },
  });
  assert.ok(matched.allowed);
});

test('mode: warn warns', async () => {
  const text = controllerPolicy(`  mode: warn\n  authorities: [${release}]`);
  const { allowed, warnings } = await judge(text);
  assert.deepEqual([allowed, warnings.length], [true, 1]);
});

test('an image must be named by its digest where nobody can put it in', async () => {
  const signed = { images: { [image]: { signedBy: ['release'] } }, pins: false };
  const tagged = await judge(authorities(release), signed);
  assert.match(tagged.message, /must be named by its digest, ghcr\.io\/org\/app@sha256:ab/);
  const passing = await judge(authorities('{static: {action: pass}}'), { pins: false });
  assert.equal(passing.allowed, false);
  const name = `ghcr.io/org/app@${testDigest}`;
  const named = await judge(authorities(release), {
    images: { [name]: { signedBy: ['release'] } },
    pins: false,
    subject: podOf([name]),
  });
  assert.deepEqual([named.allowed, named.pins], [true, []]);
});

test('what was looked at in the place of an image lets nothing pass', async () => {
  const name = `ghcr.io/org/app@${testDigest}`;
  const digest = testDigest.replace('ab', 'cd') as typeof testDigest;
  const images = { [name]: { digest, signedBy: ['release'] } };
  const verdict = await judge(authorities(release), { subject: podOf([name]), images });
  assert.match(verdict.message, /was looked at in its place/);
});

test('a pattern with a digest is about the tag that stands for it', async () => {
  const text = controllerPolicy('  authorities: [{static: {action: fail}}]', `ghcr.io/org/app@${testDigest}`);
  assert.equal((await judge(text)).allowed, false);
  const digest = testDigest.replace('ab', 'cd') as typeof testDigest;
  assert.equal((await judge(text, { images: { [image]: { digest } } })).allowed, true);
  assert.equal((await judge(text, { images: { [image]: { unavailable: 'down' } } })).allowed, false);
});

test('another spelling of an image escapes no policy', async () => {
  const text = controllerPolicy('  authorities: [{static: {action: fail}}]', 'index.docker.io/library/nginx**');
  for (const name of [
    'nginx',
    'docker.io/nginx:1',
    'index.docker.io/library/nginx',
    'registry-1.docker.io/library/nginx',
  ]) {
    assert.equal((await judge(text, { subject: podOf([name]) })).allowed, false, name);
  }
});

test('match says which objects a policy is about', async () => {
  const deployment = podOf([], {
    group: 'apps',
    kind: 'Deployment',
    object: {
      metadata: { labels: { team: 'a' } },
      spec: { template: { spec: { containers: [{ name: 'c', image }] } } },
    },
  });
  const of = async (match: string, subject: ResourceSubject): Promise<boolean> =>
    (await judge(controllerPolicy(`  match: ${match}\n  authorities: [{static: {action: fail}}]`), { subject }))
      .allowed;
  assert.equal(await of('[]', deployment), false);
  assert.equal(await of('[{resource: pods, version: v1}]', deployment), true);
  assert.equal(await of('[{resource: pods, version: v1}]', podOf([image])), false);
  assert.equal(await of('[{group: apps, version: v1, resource: deployments}]', deployment), false);
  assert.equal(await of('[{group: apps, version: v1beta1, resource: deployments}]', deployment), true);
  assert.equal(await of('[{group: batch, version: v1, resource: deployments}]', deployment), true);
  assert.equal(await of('[{resource: deployments, selector: {matchLabels: {team: a}}}]', deployment), false);
  assert.equal(await of('[{resource: deployments, selector: {matchLabels: {team: b}}}]', deployment), true);
  const unlabelled = {
    ...deployment,
    operation: 'UPDATE' as const,
    oldObject: deployment.object,
    object: { ...deployment.object, metadata: {} },
  };
  assert.equal(await of('[{resource: deployments, selector: {matchLabels: {team: a}}}]', unlabelled), false);
});

test('every image of an object is looked at, of volumes too unless that is as before', async () => {
  const spec: JsonObject = {
    containers: [{ name: 'a', image }],
    initContainers: [{ name: 'b', image: 'ghcr.io/org/init:1' }],
    ephemeralContainers: [{ name: 'c', image: 'ghcr.io/org/debug:1' }],
    volumes: [{ name: 'd', image: { reference: 'ghcr.io/org/data:1' } }],
  };
  const subject = podOf([], { object: { spec } });
  assert.equal((await judge(authorities(release), { subject })).asked, 4);
  assert.equal((await judge(authorities(release), { subject, settings: { exact: true } })).asked, 3);
});

test('secrets of a source are those of the namespace of the object', async () => {
  const text = authorities(
    `{keyless: {${identities}}, source: [{oci: ghcr.io/org/s, signaturePullSecrets: [{name: pull}]}]}`,
  );
  const { policies } = await compileController(text);
  const { checks } = judgeTestObject(policies, podOf([image]));
  assert.deepEqual(
    checks.map(({ access }) => access.secrets),
    [['team/pull']],
  );
});

test('what is let go or scaled down passes with the images that it had, and with no others', async () => {
  const text = authorities(release);
  const pod = (name: string, deletionTimestamp?: string): JsonObject => ({
    metadata: deletionTimestamp === undefined ? {} : { deletionTimestamp },
    spec: { containers: [{ name: 'a', image: name }] },
  });
  const gone = '2026-01-01T00:00:00Z';
  const update = (object: JsonObject, oldObject: JsonObject): ResourceSubject =>
    podOf([], { operation: 'UPDATE', object, oldObject });
  assert.ok((await judge(text, { subject: update(pod(image, gone), pod(image, gone)) })).allowed);
  assert.ok(!(await judge(text, { subject: update(pod('ghcr.io/org/evil:1', gone), pod(image, gone)) })).allowed);
  assert.ok(!(await judge(text, { subject: update(pod(image, gone), pod(image)) })).allowed);
  const scaled = (replicas: number, name: string): JsonObject => ({
    spec: { replicas, template: { spec: { containers: [{ name: 'a', image: name }] } } },
  });
  const deployment = (object: JsonObject, oldObject: JsonObject): ResourceSubject =>
    podOf([], { group: 'apps', kind: 'Deployment', operation: 'UPDATE', object, oldObject });
  assert.ok((await judge(text, { subject: deployment(scaled(1, image), scaled(2, image)) })).allowed);
  assert.ok(!(await judge(text, { subject: deployment(scaled(1, 'ghcr.io/org/evil:1'), scaled(2, image)) })).allowed);
  assert.ok(!(await judge(text, { subject: deployment(scaled(3, image), scaled(2, image)) })).allowed);
  assert.ok((await judge(text, { subject: podOf([image], { operation: 'DELETE' }) })).allowed);
});

test('what should name an image and does not is denied', async () => {
  const subject = podOf([], { object: { spec: { containers: [{ name: 'a', image: 5 }] } } });
  assert.match((await judge(authorities(release), { subject })).message, /should name an image/);
  const bad = await judge(controllerPolicy(`  authorities: [${release}]`, '**'), { subject: podOf(['Not An Image']) });
  assert.match(bad.message, /is no name of an image/);
});

test('policies are asked about namespaces that opted in, where the gate heeds that', () => {
  assert.ok(selectsLabels(optedInNamespaces, { 'policy.sigstore.dev/include': 'true' }));
  assert.ok(!selectsLabels(optedInNamespaces, { 'policy.sigstore.dev/include': 'false' }));
  assert.ok(!selectsLabels(optedInNamespaces, {}));
});
