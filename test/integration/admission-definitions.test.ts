import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type ChartObject, renderChart } from '../../testing/admission/helm-chart.ts';
import { applyObjects } from '../../testing/kubernetes-server/apply.ts';
import type { ApiObject } from '../../testing/kubernetes-server/ask.ts';
import {
  type DefinitionsOf,
  installDefinitions,
  needsDefinitions,
} from '../../testing/kubernetes-server/definitions.ts';
import { makeNamespace } from '../../testing/kubernetes-server/objects.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { type GatekeeperManifest, gatekeeperManifests } from '../../src/admission/gatekeeper/manifests.ts';
import { type ReportResult, reportOutcomes, type ReportTarget } from '../../src/admission/report/model.ts';
import { reportOf } from '../../src/admission/report/report-of.ts';
import { reportTypes } from '../../src/admission/report/report-types.ts';

// What is written for other projects, by their own definitions, in a real API server that takes no field that these do not have.

const namespace = 'sea';
const image = { repository: 'registry.test/seaworthy' };
const skipServer = needsApiServer().skip || needsProgram('kubectl').skip;

function needs(name: DefinitionsOf, ...programs: readonly string[]): { skip: string | false } {
  return { skip: needsDefinitions(name).skip || needsProgram(...programs).skip };
}

describe('by the definitions of others', { skip: skipServer }, () => {
  let server: ApiServer;
  const cleanup = new AsyncDisposableStack();
  before(async () => {
    server = cleanup.use(await startApiServer());
    await makeNamespace(server, namespace);
    const all = ['cert-manager', 'gatekeeper', 'kyverno', 'openreports', 'prometheus-operator'] as const;
    await installDefinitions(server, ...all.filter((each) => needsDefinitions(each).skip === false));
  });
  after(() => cleanup.disposeAsync());

  const apply = (...objects: readonly object[]): Promise<void> => applyObjects(server, objects);

  /** What the chart has of a group, with values of the webhook. */
  async function rendered(group: string, admission: object): Promise<readonly ChartObject[]> {
    const objects = await renderChart({ image, admission }, namespace);
    return objects.filter(({ apiVersion }) => apiVersion.startsWith(`${group}/`));
  }

  const issuers: readonly (readonly [what: string, values: object, count: number])[] = [
    ['an authority of its own', {}, 4],
    ['an issuer of the cluster', { issuerRef: { name: 'ours', kind: 'ClusterIssuer', group: 'cert-manager.io' } }, 1],
    ['other times', { duration: '24h', renewBefore: '8h30m' }, 4],
  ];
  for (const [what, values, count] of issuers) {
    test(`cert-manager takes what the chart has, with ${what}`, needs('cert-manager', 'helm'), async () => {
      const certManager = { enabled: true, ...values };
      const objects = await rendered('cert-manager.io', { certificates: { certManager } });
      assert.equal(objects.length, count);
      await apply(...objects);
    });
  }

  test('the operator of Prometheus takes what the chart has', needs('prometheus-operator', 'helm'), async () => {
    for (const more of [{}, { interval: '30s', labels: { release: 'prometheus' } }]) {
      const objects = await rendered('monitoring.coreos.com', {
        metrics: { serviceMonitor: { enabled: true, ...more } },
      });
      assert.equal(objects.length, 1);
      await apply(...objects);
    }
  });

  const written = (): readonly GatekeeperManifest[] =>
    gatekeeperManifests({
      url: 'https://seaworthy-admission.sea.svc:8444',
      caBundle: makeCertificate('authority').cert,
      verifySeconds: 3,
      mutateSeconds: 1,
      enforcement: 'deny',
      excludedNamespaces: ['kube-*'],
      mutate: true,
      scan: true,
    });

  test('Gatekeeper takes what is written for it', needs('gatekeeper'), async () => {
    // Constraints are of a kind that Gatekeeper makes.
    await apply(...written().filter(({ kind }) => kind !== 'SeaworthyImages'));
  });

  const target: ReportTarget = { apiVersion: 'v1', kind: 'Pod', namespace, name: 'web', uid: 'a-uid' };
  const results: readonly ReportResult[] = reportOutcomes.map((result) => ({
    source: 'seaworthy',
    policy: 'signed',
    rule: result,
    result,
    scored: result !== 'warn',
    message: 'as it was seen',
    severity: 'critical',
    category: 'Supply chain',
    timestamp: { seconds: 1_800_000_000, nanos: 0 },
    properties: { images: 'registry.test/app:1' },
  }));
  for (const [types, owner] of [
    [reportTypes[0], 'kyverno'],
    [reportTypes[1], 'openreports'],
  ] as const) {
    test(`reports are what ${owner} takes for one`, needs(owner), async () => {
      assert.ok(types);
      await apply(
        reportOf(target, results, types.namespaced),
        reportOf({ ...target, namespace: '' }, [], types.cluster),
      );
    });
  }

  test('what a definition does not have is refused, so that the rest of this says something', async () => {
    const wrong: readonly (readonly [owner: DefinitionsOf, object: ApiObject])[] = [
      ['cert-manager', objectOf('cert-manager.io/v1', 'Issuer', { selfSigned: {}, selfSinged: {} })],
      [
        'prometheus-operator',
        objectOf('monitoring.coreos.com/v1', 'ServiceMonitor', { endpoints: [], selector: {}, a: 1 }),
      ],
      ['gatekeeper', objectOf('externaldata.gatekeeper.sh/v1beta1', 'Provider', { url: 'https://a', timeOut: 1 })],
    ];
    for (const [owner, object] of wrong) {
      if (needsDefinitions(owner).skip !== false) continue;
      await assert.rejects(apply(object), /unknown field|field not declared/, owner);
    }
  });

  function objectOf(apiVersion: string, kind: string, spec: object): ApiObject {
    const place = kind === 'Provider' ? {} : { namespace };
    return { apiVersion, kind, metadata: { name: 'wrong', ...place }, spec };
  }
});
