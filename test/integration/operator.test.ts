import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLogger } from '../../src/base/logger.ts';
import { defaultOperatorSettings } from '../../src/cluster/operator/manifests/model.ts';
import { renderOperatorManifests } from '../../src/cluster/operator/manifests/render-manifests.ts';
import { type OpenOperator, openOperator } from '../../src/cluster/operator/open-operator.ts';
import { systemClock } from '../../src/net/clock.ts';
import { formatListenAddress } from '../../src/net/listen-address.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { buildDatabase } from '../../src/vulndb/build.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import type { ApiObject } from '../../testing/kubernetes-server/ask.ts';
import { clientOfServer } from '../../testing/kubernetes-server/client.ts';
import { createObject, makeNamespace, podOf } from '../../testing/kubernetes-server/objects.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';
import { noClouds } from '../../testing/no-clouds.ts';
import { makeSyntheticImage, storeImage } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';
import { sharedWorkers } from '../../testing/scanning/shared-workers.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../../testing/vulnerability-database.ts';

const namespace = 'seaworthy-system';
const reports = '/apis/aquasecurity.github.io/v1alpha1/namespaces/shop/vulnerabilityreports';

const lists: Readonly<Record<string, string>> = {
  CustomResourceDefinition: 'customresourcedefinitions',
  NetworkPolicy: 'networkpolicies',
};

/** Applies what the manifests say, as kubectl does. */
async function install(server: ApiServer): Promise<string> {
  const settings = { ...defaultOperatorSettings, image: 'registry.test/seaworthy:1', secretNamespaces: ['shop'] };
  for (const manifest of renderOperatorManifests(settings)) {
    const { apiVersion, kind, metadata } = manifest;
    const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const place = metadata.namespace === undefined ? root : `${root}/namespaces/${metadata.namespace}`;
    const list = lists[kind] ?? `${kind.toLowerCase()}s`;
    await createObject(server, `${place}/${list}`, manifest);
  }
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/seaworthy-operator/token`;
  const made = await createObject(server, account, review);
  return (made['status'] as { readonly token: string }).token;
}

async function until<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
  for (let round = 0; round < 300; round += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`it did not happen: ${what}`);
}

async function find(server: ApiServer, path: string): Promise<ApiObject | undefined> {
  const answer = await server.ask({ method: 'GET', path });
  return answer.status === 200 ? answer.body : undefined;
}

test(
  'an operator reports on a real API server with the rights of its manifests, and one of two works',
  needsApiServer(),
  async () => {
    await using server = await startApiServer();
    using folder = temporaryDirectory();
    await using registry = await startTestRegistry({ auth: 'basic' });
    await using network = openNetwork({ plainHttpHosts: [registry.host] });
    const database = join(folder.path, 'vulndb');
    const affected = [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])];
    await buildDatabase(database, [advisoryUpdate([makeAdvisory({ id: 'CVE-2026-1', affected })])], {
      clock: () => new Date('2026-11-27T07:00:00Z'),
    });
    const layer = {
      'etc/os-release': 'ID=alpine\nVERSION_ID="3.19.1"\n',
      'lib/apk/db/installed': 'P:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\n',
    };
    const digest = storeImage(registry.store, 'team/web', 'v1', makeSyntheticImage([layer]));
    await makeNamespace(server, 'shop');
    const token = await install(server);
    // Credentials are in a Secret that the Pod names, for this registry alone.
    const auth = Buffer.from('sailor:hold-fast').toString('base64');
    const config = JSON.stringify({ auths: { [registry.host]: { auth } } });
    await createObject(server, '/api/v1/namespaces/shop/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'pull' },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
    });
    const image = `${registry.host}/team/web:v1`;
    const runPod = async (name: string): Promise<void> => {
      const pods = '/api/v1/namespaces/shop/pods';
      await createObject(server, pods, podOf(image, { name }, { imagePullSecrets: [{ name: 'pull' }] }));
      const status = {
        name: 'app',
        image,
        imageID: `${registry.host}/team/web@${digest}`,
        ready: true,
        restartCount: 0,
      };
      const body = { status: { phase: 'Running', containerStatuses: [status] } };
      const contentType = 'application/merge-patch+json';
      const answer = await server.ask({ method: 'PATCH', path: `${pods}/${name}/status`, body, contentType });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
    };
    await runPod('one');
    // Another operator has a report where one of ours would be.
    await runPod('other');
    await createObject(server, reports, {
      apiVersion: 'aquasecurity.github.io/v1alpha1',
      kind: 'VulnerabilityReport',
      metadata: { name: 'pod-other-app' },
      report: {
        updateTimestamp: '2026-01-01T00:00:00Z',
        scanner: { name: 'Trivy', vendor: 'Aqua Security', version: '1' },
        artifact: { repository: 'team/web' },
        os: { family: 'alpine' },
        summary: { criticalCount: 0, highCount: 0, mediumCount: 0, lowCount: 0, unknownCount: 0 },
        vulnerabilities: [],
      },
    });

    const start = async (
      name: string,
    ): Promise<{ readonly open: OpenOperator; readonly stop: () => Promise<void> }> => {
      const over = new AbortController();
      const client = await clientOfServer(server, token);
      const open = await openOperator(
        {
          listen: { host: '127.0.0.1', port: 0 },
          namespace,
          version: '1.0.0',
          age: 86_400_000,
          sboms: true,
          hasNamespace: () => true,
          database,
          folder: join(folder.path, name),
          layerBytes: 2 ** 28,
          workers: 1,
          memoryBytes: 2 ** 30,
          timeMs: 60_000,
          imageBytes: 2 ** 30,
          pullSecrets: [],
          providers: [],
          reach: { allow: [], deny: [], refuse: [] },
        },
        {
          client,
          network,
          machine: { find: () => Promise.resolve(undefined) },
          clouds: noClouds,
          identity: name,
          cores: 1,
          clock: systemClock,
          logger: silentLogger,
          openPool: sharedWorkers,
        },
      );
      const work = open.run(over.signal);
      let stopped: Promise<void> | undefined;
      const stop = (): Promise<void> =>
        (stopped ??= (async () => {
          over.abort(new Error('it was stopped'));
          await work;
          await open[Symbol.asyncDispose]();
          await client[Symbol.asyncDispose]();
        })());
      return { open, stop };
    };
    await using cleanup = new AsyncDisposableStack();
    const first = await start('first');
    cleanup.defer(first.stop);
    await until('the first leads', async () => (first.open.leader.leads ? true : undefined));
    const second = await start('second');
    cleanup.defer(second.stop);
    const report = await until('the report', () => find(server, `${reports}/pod-one-app`));
    assert.deepEqual(
      (
        report['report'] as { readonly vulnerabilities: readonly { readonly vulnerabilityID: string }[] }
      ).vulnerabilities.map(({ vulnerabilityID }) => vulnerabilityID),
      ['CVE-2026-1'],
    );
    const { managedFields } = report['metadata'] as { readonly managedFields: readonly { readonly manager: string }[] };
    assert.deepEqual(
      managedFields.map(({ manager }) => manager),
      ['seaworthy-operator'],
    );
    await until('the bill', () =>
      find(server, `${reports.replace('vulnerabilityreports', 'sbomreports')}/pod-one-app`),
    );
    const foreign = await find(server, `${reports}/pod-other-app`);
    assert.equal(
      (foreign?.['report'] as { readonly scanner: { readonly name: string } } | undefined)?.scanner.name,
      'Trivy',
    );
    assert.equal(second.open.leader.leads, false);

    const asked = async (
      operator: OpenOperator,
      path: string,
    ): Promise<{ readonly status: number; readonly text: string }> => {
      const response = await fetch(`http://${formatListenAddress(operator.server.address)}${path}`);
      return { status: response.status, text: await response.text() };
    };
    assert.equal((await asked(first.open, '/healthz')).status, 200);
    assert.deepEqual(await asked(second.open, '/readyz'), { status: 200, text: 'ok\n' });
    const metrics = await asked(first.open, '/metrics');
    assert.match(
      metrics.text,
      /^trivy_image_vulnerabilities\{namespace="shop",name="pod-one-app",resource_kind="Pod",resource_name="one",container_name="app",image_registry="127\.0\.0\.1:\d+",image_repository="team\/web",image_tag="v1",image_digest="sha256:[0-9a-f]{64}",severity="Unknown"\} 1$/m,
    );
    assert.match(
      metrics.text,
      /^trivy_image_info\{.*image_os_family="alpine",image_os_name="3\.19\.1",image_os_eosl="true"\} 1$/m,
    );
    assert.match(metrics.text, /^seaworthy_operator_leader 1$/m);
    assert.match(metrics.text, /^seaworthy_operator_foreign_reports\{kind="VulnerabilityReport"\} 1$/m);
    assert.doesNotMatch((await asked(second.open, '/metrics')).text, /^trivy_image_vulnerabilities\{/m);

    // The one that ends gives its work up, and the other goes on with what is there.
    await first.stop();
    await until('the second leads', async () => (second.open.leader.leads ? true : undefined));
    await runPod('two');
    await until('the next report', () => find(server, `${reports}/pod-two-app`));
    const again = await find(server, `${reports}/pod-one-app`);
    const versionOf = (object: ApiObject | undefined): unknown =>
      (object?.['metadata'] as { readonly resourceVersion: string } | undefined)?.resourceVersion;
    assert.equal(versionOf(again), versionOf(report));
    assert.deepEqual(
      [
        ...new Set(
          registry.requests
            .filter(({ authorization }) => authorization !== undefined)
            .map(({ path }) => path.split('/')[1]),
        ),
      ],
      ['v2'],
    );
  },
);
