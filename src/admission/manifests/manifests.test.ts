import assert from 'node:assert/strict';
import test from 'node:test';
import { findRoute } from '../server/route.ts';
import { defaultManifestSettings, type ManifestSettings } from './model.ts';
import { rbacRules } from './rbac-rules.ts';
import { renderManifests } from './render-manifests.ts';

const settings: ManifestSettings = { ...defaultManifestSettings, image: 'registry.test/seaworthy@sha256:a' };

function named(kind: string, change: Partial<ManifestSettings> = {}): readonly string[] {
  return renderManifests({ ...settings, ...change })
    .filter((each) => each.kind === kind)
    .map(({ metadata: { namespace = '', name } }) => `${namespace}/${name}`);
}

test('no rule of the webhook is about everything, and Secrets are read by name or by namespace', () => {
  const { cluster, own, secrets } = rbacRules(settings);
  for (const { apiGroups, resources, verbs } of [...cluster, ...own, ...secrets]) {
    assert.ok(![...apiGroups, ...resources, ...verbs].includes('*'));
  }
  const about = (resource: string): readonly string[] =>
    cluster.filter(({ resources }) => resources.includes(resource)).flatMap(({ verbs }) => verbs);
  assert.deepEqual(about('secrets'), []);
  assert.deepEqual(about('pods'), ['list']);
  assert.deepEqual(rbacRules({ ...settings, clusterWideSecrets: true }).cluster.at(-1), secrets[0]);
});

test('Secrets of namespaces are read by roles in them, and of all by the role of the cluster alone', () => {
  const secretNamespaces = ['team-a', 'team-b'];
  const own = 'seaworthy-system/seaworthy-admission';
  const role = 'seaworthy-admission-secrets';
  assert.deepEqual(named('Role'), [own]);
  assert.deepEqual(named('Role', { secretNamespaces }), [own, `team-a/${role}`, `team-b/${role}`]);
  assert.deepEqual(named('RoleBinding', { secretNamespaces }), [own, `team-a/${role}`, `team-b/${role}`]);
  assert.deepEqual(named('Role', { secretNamespaces, clusterWideSecrets: true }), [own]);
});

test('webhooks are not among what is applied, since they would refuse the Pods that answer them', () => {
  assert.deepEqual(
    renderManifests(settings).map(({ kind }) => kind),
    [
      ['Namespace', 'CustomResourceDefinition', 'CustomResourceDefinition', 'ServiceAccount', 'ClusterRole'],
      [
        'ClusterRoleBinding',
        'ClusterRole',
        'ClusterRoleBinding',
        'Role',
        'RoleBinding',
        'Deployment',
        'Service',
        'PodDisruptionBudget',
        'NetworkPolicy',
      ],
    ].flat(),
  );
});

test('what policies read besides is granted by roles with a label, and nothing of it is granted here', () => {
  const more = renderManifests(settings).filter(({ metadata: { name } }) => name === 'seaworthy-admission-more');
  assert.deepEqual(
    more.map(({ kind, rules, aggregationRule }) => ({ kind, rules, aggregationRule })),
    [
      {
        kind: 'ClusterRole',
        rules: [],
        aggregationRule: {
          clusterRoleSelectors: [{ matchLabels: { 'rbac.seaworthy.dev/aggregate-to-admission': 'true' } }],
        },
      },
      { kind: 'ClusterRoleBinding', rules: undefined, aggregationRule: undefined },
    ],
  );
});

test('probes ask what the server answers', () => {
  const text = JSON.stringify(renderManifests(settings));
  const paths = [...text.matchAll(/"path":"([^"]+)"/g)].map(([, path = '']) => path);
  assert.deepEqual(new Set(paths), new Set(['/healthz', '/readyz']));
  for (const path of paths) assert.ok(findRoute(path) !== undefined);
});

test('Gatekeeper is answered where that is wanted, by a port of its own, and its Providers are written by name', () => {
  const gatekeeper = { providers: ['seaworthy-verify', 'seaworthy-mutate'], clientCa: 'gatekeeper-ca' };
  const about = ({ apiGroups }: { readonly apiGroups: readonly string[] }): boolean =>
    apiGroups.includes('externaldata.gatekeeper.sh');
  assert.deepEqual(rbacRules(settings).cluster.filter(about), []);
  const [rule, ...others] = rbacRules({ ...settings, gatekeeper }).cluster.filter(about);
  assert.deepEqual([rule?.resourceNames, rule?.verbs, others], [gatekeeper.providers, ['get', 'patch'], []]);
  const text = JSON.stringify(renderManifests({ ...settings, gatekeeper }));
  for (const part of [
    '"--gatekeeper-listen",":8444","--gatekeeper-provider","seaworthy-verify"',
    '"--gatekeeper-client-ca","/etc/seaworthy/gatekeeper/ca.crt"',
    '{"name":"gatekeeper","containerPort":8444}',
    '{"name":"gatekeeper","port":8444,"targetPort":"gatekeeper"}',
    '{"protocol":"TCP","port":8444}',
    '{"name":"gatekeeper","configMap":{"name":"gatekeeper-ca"}}',
  ]) {
    assert.ok(text.includes(part), part);
  }
  assert.doesNotMatch(JSON.stringify(renderManifests(settings)), /gatekeeper/);
});
