import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultOperatorSettings, type OperatorManifestSettings } from '../../src/cluster/operator/manifests/model.ts';
import { renderOperatorManifests } from '../../src/cluster/operator/manifests/render-manifests.ts';
import type { Manifest } from '../../src/kubernetes/manifest.ts';
import { type ChartObject, lintChart, renderChart, renderNotes } from '../../testing/admission/helm-chart.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';

// The chart and the plain manifests are two forms of one thing: rendered by real helm, object by object.

const namespace = 'ops';
const image = { repository: 'registry.test/seaworthy', tag: '1.2.3' };

const cases: readonly (readonly [
  what: string,
  values: Readonly<Record<string, unknown>>,
  settings: Partial<OperatorManifestSettings>,
  less?: readonly string[],
])[] = [
  ['nothing but that it is wanted', {}, {}],
  [
    'more of it, Secrets of namespaces, and flags',
    {
      replicas: 2,
      secrets: { namespaces: ['team-a'] },
      resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '4Gi' } },
      settings: { excludeNamespaces: ['kube-*'], noSbomReports: true, scanWorkers: '2' },
      extraArgs: ['--quiet'],
    },
    {
      replicas: 2,
      secretNamespaces: ['team-a'],
      resources: { cpu: '1', memory: '1Gi', memoryLimit: '4Gi' },
      args: ['--exclude-namespaces=kube-*', '--no-sbom-reports', '--scan-workers=2', '--quiet'],
    },
  ],
  ['every Secret', { secrets: { clusterWide: true } }, { clusterWideSecrets: true }],
  ['no policy of the network', { networkPolicy: { enabled: false } }, {}, ['NetworkPolicy']],
];

/** What of a chart is about the operator. */
function isOfOperator({ metadata: { name } }: ChartObject): boolean {
  return /^seaworthy-operator|\.aquasecurity\.github\.io$/.test(name);
}

/** Labels and annotations of helm may differ. */
function bare({ metadata, ...rest }: Manifest): object {
  const {
    labels: _,
    annotations: __,
    ...place
  } = metadata as Manifest['metadata'] & {
    readonly annotations?: unknown;
  };
  return { ...rest, metadata: place };
}

function byName(objects: readonly Manifest[]): Readonly<Record<string, object>> {
  return Object.fromEntries(
    objects.map((each) => [`${each.kind} ${each.metadata.namespace ?? ''}/${each.metadata.name}`, bare(each)]),
  );
}

describe('the chart with an operator', needsProgram('helm'), () => {
  for (const [what, operator, settings, less = []] of cases) {
    test(`it is what the manifests are: ${what}`, async () => {
      const values = { image, operator: { enabled: true, ...operator } };
      const rendered = (await renderChart(values, namespace)).filter(isOfOperator);
      const name = 'registry.test/seaworthy:1.2.3';
      const wanted = renderOperatorManifests({ ...defaultOperatorSettings, namespace, image: name, ...settings });
      const left = new Set(['Namespace', ...less]);
      assert.deepEqual(byName(rendered), byName(wanted.filter(({ kind }) => !left.has(kind))));
      await lintChart(values);
    });
  }

  test('without it, the chart has nothing of it', async () => {
    assert.deepEqual((await renderChart({ image }, namespace)).filter(isOfOperator), []);
  });

  test('whoever installs it is told how to see what it does, and what it may not', async () => {
    const notes = (operator: object): Promise<string> => renderNotes({ image, operator }, namespace);
    const secrets = /hold credentials for them with operator\.secrets\.namespaces/;
    const plain = await notes({ enabled: true });
    assert.match(plain, /kubectl -n ops rollout status deployment\/seaworthy-operator\n/);
    assert.match(plain, /kubectl get vulnerabilityreports -A -o wide\n {2}kubectl get sbomreports -A\n/);
    assert.match(plain, secrets);
    const more = await notes({
      enabled: true,
      secrets: { namespaces: ['team-a'] },
      settings: { noSbomReports: true },
    });
    assert.match(more, /vulnerabilityreports/);
    assert.doesNotMatch(more, secrets);
    assert.doesNotMatch(more, /sbomreports/);
    assert.doesNotMatch(await notes({}), /operator reports on/);
  });

  test('Prometheus is told where the metrics are', async () => {
    const metrics = { serviceMonitor: { enabled: true, interval: '30s', labels: { a: 'b' } } };
    const rendered = await renderChart({ image, operator: { enabled: true, metrics } }, namespace);
    const monitor = rendered.filter(isOfOperator).find(({ kind }) => kind === 'ServiceMonitor');
    const endpoints = [{ port: 'plain', path: '/metrics', interval: '30s' }];
    assert.deepEqual((monitor?.['spec'] as { readonly endpoints: unknown } | undefined)?.endpoints, endpoints);
  });
});
