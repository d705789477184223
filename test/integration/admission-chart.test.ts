import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Command, Option } from 'commander';
import { load } from 'js-yaml';
import {
  chartPath,
  type ChartObject,
  helm,
  isCleanup,
  lintChart,
  renderChart,
} from '../../testing/admission/helm-chart.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { cleanupRules } from '../../src/admission/cleanup/cleanup-rules.ts';
import {
  defaultGatekeeperSettings,
  defaultManifestSettings,
  type ManifestSettings,
} from '../../src/admission/manifests/model.ts';
import { renderManifests } from '../../src/admission/manifests/render-manifests.ts';
import type { Manifest } from '../../src/kubernetes/manifest.ts';
import { addAdmissionCommands } from '../../src/cli/program/admission.ts';
import { chartPart } from '../../tools/chart/parts.ts';
import { type ServeSetting, serveSettings } from '../../tools/chart/serve-settings.ts';

// The chart and the plain manifests are two forms of one thing: rendered by real helm, object by object.

const digest = `sha256:${'a'.repeat(64)}`;
const image = { repository: 'registry.test/seaworthy', digest };
const base: ManifestSettings = { ...defaultManifestSettings, image: `registry.test/seaworthy@${digest}` };

interface PodParts {
  readonly spec: {
    readonly containers: readonly {
      readonly args: readonly string[];
      readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
    }[];
    readonly volumes: readonly { readonly name: string; readonly configMap?: { readonly name: string } }[];
  };
}

interface Case {
  readonly what: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly settings: Partial<ManifestSettings>;
  /** Kinds that only the manifests have. */
  readonly less?: readonly string[];
  /** What only the chart has. */
  readonly more?: readonly string[];
}

const cases: readonly Case[] = [
  { what: 'nothing but the image', values: {}, settings: {} },
  {
    what: 'a tag, more replicas, namespaces with Secrets, a class of priority, more memory, and flags',
    values: {
      image: { repository: 'registry.test/seaworthy', tag: '1.2.3' },
      admission: {
        replicas: 3,
        secrets: { namespaces: ['team-a', 'team-b'] },
        priorityClassName: 'system-cluster-critical',
        resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '2Gi' } },
        settings: { kyvernoExact: true, pullSecret: ['a/b', 'c/d'], kyvernoNamespace: 'policies', debug: true },
        extraArgs: ['--quiet'],
      },
    },
    settings: {
      image: 'registry.test/seaworthy:1.2.3',
      replicas: 3,
      secretNamespaces: ['team-a', 'team-b'],
      priorityClass: 'system-cluster-critical',
      resources: { cpu: '1', memory: '1Gi', memoryLimit: '2Gi' },
      args: [
        ['--pull-secret=a/b', '--pull-secret=c/d', '--kyverno-exact', '--kyverno-namespace=policies', '--debug'],
        '--quiet',
      ].flat(),
    },
  },
  {
    what: 'every Secret of the cluster',
    values: { admission: { secrets: { clusterWide: true, namespaces: ['team-a'] } } },
    settings: { clusterWideSecrets: true, secretNamespaces: ['team-a'] },
  },
  {
    what: 'as little as there can be',
    values: {
      crds: { install: false },
      admission: {
        podDisruptionBudget: { enabled: false },
        networkPolicy: { enabled: false },
        cleanup: { enabled: false },
      },
    },
    settings: {},
    less: ['CustomResourceDefinition', 'PodDisruptionBudget', 'NetworkPolicy'],
  },
  {
    what: 'answers to Gatekeeper',
    values: { admission: { gatekeeper: { enabled: true } } },
    settings: { gatekeeper: defaultGatekeeperSettings },
  },
  {
    what: 'answers to a Gatekeeper that shows certificates, waits longer, and runs elsewhere',
    values: {
      admission: {
        gatekeeper: {
          enabled: true,
          port: 9444,
          namespace: 'gate',
          providers: ['seaworthy-verify', '1e3'],
          clientCaConfigMap: 'gatekeeper-ca',
          timeoutSeconds: 5,
          mutateTimeoutSeconds: 2,
        },
        secrets: { clusterWide: true },
        settings: { debug: true },
      },
    },
    settings: {
      gatekeeper: {
        port: 9444,
        namespace: 'gate',
        providers: ['seaworthy-verify', '1e3'],
        clientCa: 'gatekeeper-ca',
        verifySeconds: 5,
        mutateSeconds: 2,
      },
      clusterWideSecrets: true,
      args: ['--debug'],
    },
  },
  {
    what: 'answers to a Gatekeeper whose Providers are kept by others',
    values: { admission: { gatekeeper: { enabled: true, providers: [] } } },
    settings: { gatekeeper: { ...defaultGatekeeperSettings, providers: [] } },
  },
  {
    what: 'nothing of Gatekeeper where it is not answered',
    values: { admission: { gatekeeper: { enabled: false, port: 9444, clientCaConfigMap: 'gatekeeper-ca' } } },
    settings: {},
  },
  {
    what: 'metrics for Prometheus',
    values: { admission: { metrics: { serviceMonitor: { enabled: true, interval: '30s', labels: { a: 'b' } } } } },
    settings: {},
    more: ['ServiceMonitor seaworthy-admission'],
  },
];

/** What helm adds may differ, and in lists of rules the order. */
function comparable({ metadata, rules, ...rest }: ChartObject, wanted: Manifest | undefined): object {
  const { labels = {}, annotations = {}, ...place } = metadata;
  const isAdded = (name: string): boolean =>
    wanted?.metadata.labels?.[name] === undefined && /^helm\.sh\/|^app\.kubernetes\.io\//.test(name);
  const own = Object.entries(labels).filter(([name]) => !isAdded(name));
  const noted = Object.entries(annotations).filter(([name]) => !name.startsWith('helm.sh/'));
  return {
    ...rest,
    ...(Array.isArray(rules) ? { rules: rules.map((rule) => JSON.stringify(rule)).sort() } : {}),
    metadata: { ...place, labels: Object.fromEntries(own), annotations: Object.fromEntries(noted) },
  };
}

function idOf({ kind, metadata: { namespace = '', name } }: Manifest): string {
  return `${kind} ${namespace}/${name}`;
}

describe('the chart', needsProgram('helm'), () => {
  for (const { what, values, settings, less = [], more = [] } of cases) {
    test(`is the plain manifests with ${what}`, async () => {
      const all = { image, ...values };
      await lintChart(all);
      const wanted = renderManifests({ ...base, ...settings }).filter(
        ({ kind }) => kind !== 'Namespace' && !less.includes(kind),
      );
      const found = (await renderChart(all, base.namespace)).filter((each) => !isCleanup(each));
      const ids = found.map(idOf).filter((id) => !more.includes(id.replace(`${base.namespace}/`, '')));
      assert.deepEqual(ids.toSorted(), wanted.map(idOf).sort());
      for (const each of wanted) {
        const same = found.find((other) => idOf(other) === idOf(each)) as ChartObject;
        assert.deepEqual(comparable(same, each), comparable(each, each), idOf(each));
      }
      assert.equal(found.length, wanted.length + more.length);
    });
  }

  test('takes the certificate of an authority as docs/admission.md says', async () => {
    const page = readFileSync(join(chartPath, '..', '..', '..', 'docs', 'admission.md'), 'utf8');
    const example = /```yaml\n(admission:\n[^`]*registry-ca[^`]*)```/.exec(page)?.[1] ?? assert.fail();
    const values = load(example) as { readonly admission: object };
    for (const [part, more] of [
      ['admission', {}],
      ['operator', { enabled: true }],
    ] as const) {
      const all = { image, [part]: { ...values.admission, ...more } };
      await lintChart(all);
      const deployment = (await renderChart(all, base.namespace)).find(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name === `seaworthy-${part}`,
      );
      assert.ok(deployment !== undefined);
      const { spec } = (deployment['spec'] as { readonly template: PodParts }).template;
      const mount = spec.containers[0]?.volumeMounts.find(({ name }) => name === 'registry-ca');
      assert.ok(spec.containers[0]?.args.includes(`--ca-cert=${mount?.mountPath}/ca.pem`), part);
      assert.ok(spec.volumes.some(({ name, configMap }) => name === mount?.name && configMap?.name === 'registry-ca'));
    }
  });

  test('has definitions stay when it goes, and says so of nothing else', async () => {
    const kept = (await renderChart({ image }, 'sea')).filter(
      ({ metadata }) => metadata.annotations?.['helm.sh/resource-policy'] === 'keep',
    );
    assert.deepEqual(new Set(kept.map(({ kind }) => kind)), new Set(['CustomResourceDefinition']));
  });

  test('has a Job clean up before it goes, whose rights are there from the start', async () => {
    const objects = (await renderChart({ image }, 'sea')).filter(isCleanup);
    assert.deepEqual(
      objects.map(({ kind }) => kind),
      ['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding', 'Job'],
    );
    assert.deepEqual(
      objects.map(({ metadata }) => metadata.annotations?.['helm.sh/hook']),
      [undefined, undefined, undefined, undefined, undefined, 'pre-delete'],
    );
    const rulesOf = (kind: string): unknown => objects.find((each) => each.kind === kind)?.['rules'];
    assert.deepEqual([rulesOf('ClusterRole'), rulesOf('Role')], [cleanupRules().cluster, cleanupRules().own]);
  });

  test('takes certificates of cert-manager, from its own issuer or another one', async () => {
    const certManager = { enabled: true };
    const own = await renderChart({ image, admission: { certificates: { certManager } } }, 'sea');
    const names = own.filter(({ apiVersion }) => apiVersion === 'cert-manager.io/v1').map(idOf);
    assert.deepEqual(names.toSorted(), [
      'Certificate sea/seaworthy-admission',
      'Certificate sea/seaworthy-admission-authority',
      'Issuer sea/seaworthy-admission',
      'Issuer sea/seaworthy-admission-self-signed',
    ]);
    const args = JSON.stringify(own.find(({ kind }) => kind === 'Deployment'));
    assert.match(args, /"--cert-dir=\/etc\/seaworthy\/tls","--inject-ca-from=sea\/seaworthy-admission"/);
    const issuerRef = { name: 'ours', kind: 'ClusterIssuer' };
    const values = { image, admission: { certificates: { certManager: { ...certManager, issuerRef } } } };
    await lintChart(values);
    const others = (await renderChart(values, 'sea')).filter(({ apiVersion }) => apiVersion === 'cert-manager.io/v1');
    assert.deepEqual(others.map(idOf), ['Certificate sea/seaworthy-admission']);
    const { spec } = others[0] as ChartObject & { readonly spec: Readonly<Record<string, unknown>> };
    assert.deepEqual(spec['issuerRef'], issuerRef);
    assert.deepEqual(spec['dnsNames'], ['seaworthy-admission.sea.svc', 'seaworthy-admission.sea.svc.cluster.local']);
    // A Secret of that name would be what the webhook makes for itself.
    assert.notEqual(spec['secretName'], 'seaworthy-admission-tls');
  });

  test('has Pods be what is asked for, but no others than those of the Service', async () => {
    const admission = {
      podLabels: { a: 'b', 'app.kubernetes.io/name': 'another' },
      podAnnotations: { c: 'd' },
      podSecurityContext: { runAsNonRoot: true },
      securityContext: { readOnlyRootFilesystem: true },
      nodeSelector: { disk: 'fast' },
      tolerations: [{ operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      topologySpreadConstraints: [{ maxSkew: 2 }],
      extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy:3128' }],
      extraVolumes: [{ name: 'more', emptyDir: {} }],
      extraVolumeMounts: [{ name: 'more', mountPath: '/more' }],
      serviceAccount: { annotations: { role: 'x' } },
      networkPolicy: { metricsFrom: [{ namespaceSelector: {} }], egress: [{ ports: [{ port: 443 }] }] },
      gatekeeper: { enabled: true },
    };
    const values = { image: { ...image, pullPolicy: 'Always' }, imagePullSecrets: [{ name: 'pull' }], admission };
    await lintChart(values);
    const rendered = await renderChart(values, 'sea');
    const of = (kind: string): ChartObject =>
      rendered.find((each) => each.kind === kind && !isCleanup(each)) as ChartObject;
    const { template } = of('Deployment')['spec'] as { readonly template: Readonly<Record<string, never>> };
    const { metadata, spec } = template as unknown as { metadata: object; spec: Readonly<Record<string, unknown>> };
    assert.deepEqual(metadata, {
      labels: { a: 'b', 'app.kubernetes.io/name': 'seaworthy-admission' },
      annotations: { c: 'd' },
    });
    const { nodeSelector, tolerations, affinity, topologySpreadConstraints, extraEnv } = admission;
    const [container] = spec['containers'] as readonly [Readonly<Record<string, unknown>>];
    assert.deepEqual(
      [spec['securityContext'], spec['imagePullSecrets'], container['securityContext'], container['imagePullPolicy']],
      [admission.podSecurityContext, [{ name: 'pull' }], admission.securityContext, 'Always'],
    );
    assert.deepEqual(
      [
        spec['nodeSelector'],
        spec['tolerations'],
        spec['affinity'],
        spec['topologySpreadConstraints'],
        container['env'],
      ],
      [nodeSelector, tolerations, affinity, topologySpreadConstraints, extraEnv],
    );
    assert.deepEqual((spec['volumes'] as readonly object[]).at(-1), admission.extraVolumes[0]);
    assert.deepEqual((container['volumeMounts'] as readonly object[]).at(-1), admission.extraVolumeMounts[0]);
    assert.deepEqual(of('ServiceAccount').metadata.annotations, { role: 'x' });
    assert.deepEqual(of('NetworkPolicy')['spec'], {
      podSelector: { matchLabels: { 'app.kubernetes.io/name': 'seaworthy-admission' } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        { ports: [{ protocol: 'TCP', port: 8443 }] },
        { ports: [{ protocol: 'TCP', port: 8080 }], from: admission.networkPolicy.metricsFrom },
        {
          ports: [{ protocol: 'TCP', port: 8444 }],
          from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'gatekeeper-system' } } }],
        },
      ],
      egress: admission.networkPolicy.egress,
    });
  });

  test('gives the program flags that it reads', async () => {
    const given = { switch: true, text: 'a text', texts: ['one', '--two'] } as const;
    const all = serveSettings(chartPart('admission'));
    const valueOf = ({ kind, choices }: ServeSetting): boolean | string | readonly string[] =>
      choices?.[0] ?? given[kind];
    const settings = Object.fromEntries(all.map((setting) => [setting.name, valueOf(setting)]));
    const rendered = await renderChart({ image, admission: { settings } }, 'sea');
    const deployment = rendered.find(({ kind }) => kind === 'Deployment') as ChartObject;
    const { containers } = (deployment['spec'] as { readonly template: { readonly spec: never } }).template.spec as {
      readonly containers: readonly [{ readonly args: readonly string[] }];
    };
    const program = new Command().exitOverride();
    const read: Record<string, unknown>[] = [];
    addAdmissionCommands(program, async (command) => void read.push(command.opts()));
    program.parse(containers[0].args, { from: 'user' });
    const [options = {}] = read;
    for (const setting of all) {
      const { flag, kind } = setting;
      const option = new Option(kind === 'switch' ? flag : `${flag} <value>`);
      const value = options[option.attributeName()];
      const wanted = kind === 'switch' ? !option.negate : valueOf(setting);
      // Settings of the program come as lists.
      assert.deepEqual(kind === 'text' ? [value].flat() : value, kind === 'text' ? [wanted] : wanted, flag);
    }
    assert.equal(options['service'], 'seaworthy-admission');
  });

  test('is rendered for the Kubernetes that helm takes for granted, or refused as the document tells', async () => {
    const values = ['--set', 'image.repository=registry.test/seaworthy'];
    const said = await helm(['template', 'sea', chartPath, ...values]).catch((error: unknown) => String(error));
    const told = /chart requires kubeVersion: \S+ which is incompatible with Kubernetes v1\.20\.0/.exec(said)?.[0];
    if (told === undefined) return assert.match(said, /^kind: Deployment$/m);
    const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'admission.md'), 'utf8');
    assert.ok(page.replaceAll(/\s+/g, ' ').includes(told), told);
  });

  const wrong: readonly (readonly [what: string, values: object, says: RegExp])[] = [
    ['without an image', {}, /Set image\.repository/],
    ['with a value that is none', { image, admision: {} }, /admision/],
    ['with one replica', { image, admission: { replicas: 1 } }, /replicas/],
    ['with a port for Gatekeeper that is taken', { image, admission: { gatekeeper: { port: 8443 } } }, /port/],
    ['with a flag that is none', { image, admission: { settings: { kyvernoExat: true } } }, /kyvernoExat/],
  ];
  for (const [what, values, says] of wrong) {
    test(`is not rendered ${what}`, () => assert.rejects(renderChart(values, 'sea'), says));
  }
});
