import assert from 'node:assert/strict';
import test from 'node:test';
import { gatekeeperManifests } from '../gatekeeper/manifests.ts';
import { findRoute } from '../server/route.ts';
import { defaultGatekeeperSettings, defaultManifestSettings, type ManifestSettings } from './model.ts';
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

const gatekeeper = {
  ...defaultGatekeeperSettings,
  port: 9444,
  namespace: 'gate',
  providers: ['a-provider', 'another'],
  clientCa: 'gatekeeper-ca',
  mutateSeconds: 2,
};

test('Gatekeeper is answered where that is wanted, by a port of its own, which its Pods alone reach', () => {
  const text = JSON.stringify(renderManifests({ ...settings, gatekeeper }));
  for (const part of [
    '"--gatekeeper-listen=:9444","--gatekeeper-provider=a-provider","--gatekeeper-provider=another"',
    '"--gatekeeper-timeout=3","--gatekeeper-mutate-timeout=2"',
    '"--gatekeeper-client-ca=/etc/seaworthy/gatekeeper/ca.crt"',
    '{"name":"gatekeeper","containerPort":9444}',
    '{"name":"gatekeeper","port":9444,"targetPort":"gatekeeper"}',
    '{"name":"gatekeeper","configMap":{"name":"gatekeeper-ca"}}',
  ]) {
    assert.ok(text.includes(part), part);
  }
  const network = renderManifests({ ...settings, gatekeeper }).find(({ kind }) => kind === 'NetworkPolicy');
  assert.ok(network);
  assert.deepEqual((network['spec'] as { readonly ingress: unknown }).ingress, [
    { ports: [8443, 8080].map((port) => ({ protocol: 'TCP', port })) },
    {
      ports: [{ protocol: 'TCP', port: 9444 }],
      from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gate' } } }],
    },
  ]);
  assert.doesNotMatch(JSON.stringify(renderManifests(settings)), /gatekeeper/);
});

test('the Providers of Gatekeeper are written by name, and none where none is named', () => {
  const about = (change: Partial<ManifestSettings>): readonly unknown[] =>
    rbacRules({ ...settings, ...change })
      .cluster.filter(({ apiGroups }) => apiGroups.includes('externaldata.gatekeeper.sh'))
      .map(({ resourceNames, verbs }) => [resourceNames, verbs]);
  assert.deepEqual(about({}), []);
  assert.deepEqual(about({ gatekeeper }), [[gatekeeper.providers, ['get', 'patch']]]);
  // A rule without names would be about all.
  assert.deepEqual(about({ gatekeeper: { ...gatekeeper, providers: [] } }), []);
});

test('every Provider that is written for Gatekeeper is kept trusting the webhook', () => {
  const written = gatekeeperManifests({
    url: 'https://a.b.svc:8444',
    caBundle: 'PEM',
    verifySeconds: 3,
    mutateSeconds: 1,
    enforcement: 'deny',
    excludedNamespaces: [],
    mutate: true,
    scan: true,
  });
  const names = written.filter(({ kind }) => kind === 'Provider').map(({ metadata }) => metadata.name);
  assert.deepEqual(names.toSorted(), defaultGatekeeperSettings.providers.toSorted());
});
