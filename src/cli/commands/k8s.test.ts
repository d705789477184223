import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { sampleDigests, seedSampleCluster } from '../../../testing/kubernetes/cluster/sample-cluster.ts';
import {
  type FakeApiServer,
  type FakeApiServerOptions,
  startFakeApiServer,
} from '../../../testing/kubernetes/fake-api-server.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { testHost, testSettings } from '../../../testing/test-host.ts';
import type { RunningImage } from '../../cluster/running-images.ts';
import type { ClusterOptions } from '../cluster/options.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { k8sCommand } from './k8s.ts';

interface Said {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

interface Scene extends AsyncDisposable {
  readonly api: FakeApiServer;
  readonly folder: { readonly path: string; write(name: string, content: string): string };
  run(
    target: string | undefined,
    options: ClusterOptions,
    changes?: Partial<Settings>,
    host?: Partial<Host>,
  ): Promise<Said>;
}

async function scene(options: FakeApiServerOptions = {}, user?: Readonly<Record<string, unknown>>): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const api = stack.use(await startFakeApiServer(options));
  seedSampleCluster(api);
  const folder = stack.use(temporaryDirectory());
  const kubeconfig = folder.write('config', api.kubeconfig(user));
  const kept = stack.move();
  return {
    api,
    folder,
    async run(target, given, changes = {}, more = {}) {
      const said = { out: '', err: '' };
      const output = (to: 'out' | 'err'): Host['stdout'] => ({
        isTerminal: false,
        columns: undefined,
        write: async (text) => void (said[to] += text),
      });
      const host = testHost({ stdout: output('out'), stderr: output('err'), ...more });
      const settings = testSettings({ format: 'table', ...changes });
      const resolved = { settings, origins: new Map() };
      const status = await k8sCommand(target, { kubeconfig, ...given }, resolved, host, instantClock());
      return { status, ...said };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const listed = { listImages: true } as const;

test('k8s --list-images tells images by digest, with what runs them, as a table and as JSON', async () => {
  await using at = await scene();
  const { status, out, err } = await at.run(undefined, listed);
  assert.equal(status, 0);
  assert.match(out, /^Digest +Image +Pods +Platforms +Workloads$/m);
  assert.match(out, /^sha256:0{12} +nginx:1\.29 +4 +linux\/amd64, linux\/arm64 +shop Deployment\/web$/m);
  assert.match(out, /^not known +built:dev +1 +default Pod\/local$/m);
  assert.equal(err, 'test runs 13 digests, and 4 names of which no digest is known, in 9 workloads\n');
  const json = await at.run('test', { ...listed, namespace: 'kube-system' }, { format: 'json', quiet: true });
  assert.equal(json.err, '');
  const told = JSON.parse(json.out) as { readonly cluster: string; readonly images: readonly RunningImage[] };
  assert.equal(told.cluster, 'test');
  assert.deepEqual(
    told.images.map(({ digest, images, pods }) => [digest, images, pods]),
    [
      [sampleDigests.agent, ['agent:1'], 2],
      [sampleDigests.etcd, ['registry.k8s.io/etcd:3.6', 'registry.k8s.io/kube-apiserver:v1.34.1'], 2],
    ],
  );
  assert.deepEqual(
    told.images[1]?.users.map(({ kind, name, container }) => [kind, name, container]),
    [
      ['Node', 'n1', 'etcd'],
      ['Node', 'n1', 'kube-apiserver'],
    ],
  );
});

test('k8s --list-images writes no character as it is in JSON that a terminal could obey', async () => {
  await using at = await scene();
  const name = 'a\u001B\u009B2J\u202Eb';
  const pod = { metadata: { name, namespace: 'shop' }, spec: { containers: [{ name, image: 'a:1' }] } };
  at.api.seed(builtInTypes.pods, pod);
  const { out } = await at.run(undefined, listed, { format: 'json' });
  assert.doesNotMatch(out, /[\u001B\u009B\u202E]/);
  const { images } = JSON.parse(out) as { readonly images: readonly RunningImage[] };
  assert.ok(images.some(({ users }) => users.some((user) => user.name === name)));
});

test('k8s takes contexts, and the words of older command lines where no context is called so', async () => {
  await using at = await scene();
  for (const word of ['cluster', 'all', 'test']) assert.equal((await at.run(word, listed)).status, 0, word);
  assert.equal((await at.run('cluster', { ...listed, context: 'test' })).status, 0);
  await assert.rejects(at.run('other', { ...listed, context: 'test' }), { message: /Two contexts are named/ });
  await assert.rejects(at.run('other', listed), { code: 'CONFIG_INVALID', message: /no context "other"; it has test/ });
  const named = at.folder.write('named', at.api.kubeconfig().replaceAll('"test"', '"cluster"'));
  const { err } = await at.run('cluster', { ...listed, kubeconfig: named });
  assert.match(err, /^cluster runs/);
});

test('k8s tells what could not be listed, and ends with an error where something that runs may be missing', async () => {
  await using at = await scene({ authorize: (_, { resource }) => resource !== 'jobs' && resource !== 'nodes' });
  const { status, err } = await at.run(undefined, listed);
  assert.equal(status, 2);
  assert.match(err, /^warning: some of what runs may be missing: .*list jobs.*grant it by a role/m);
  assert.match(err, /^warning: what runs is told in less detail: .*list nodes/m);
  assert.match(
    err,
    /^The rights that are needed: seaworthy k8s --show-rbac, with the namespaces and kinds that were asked for$/m,
  );
  const json = await at.run(undefined, listed, { format: 'json' });
  const { gaps } = JSON.parse(json.out) as { readonly gaps: readonly { readonly resource: string }[] };
  assert.deepEqual(
    gaps.map(({ resource }) => resource),
    ['nodes', 'jobs'],
  );
  const without = await at.run(undefined, { ...listed, excludeKinds: ['job,cronjob'] });
  assert.equal(without.status, 0);
});

test('k8s ends with an error where the cluster has no kind of a name, and warns where nothing of a kind runs', async () => {
  await using at = await scene();
  const mistyped = await at.run(undefined, { ...listed, includeKinds: ['deploymnt', 'sts,rollout'] });
  assert.equal(mistyped.status, 2);
  assert.match(
    mistyped.err,
    /^warning: some of what runs may be missing: There is no kind "deploymnt" in this cluster/m,
  );
  assert.doesNotMatch(mistyped.err, /"rollout"|nothing that runs/);
  const none = await at.run(undefined, { ...listed, includeKinds: ['sts,leases.coordination.k8s.io'] });
  assert.equal(none.status, 0);
  assert.match(none.err, /^warning: nothing that runs is of the kind "leases.coordination.k8s.io"$/m);
});

test('k8s writes reports into files, and refuses what it cannot say', async () => {
  await using at = await scene();
  const output = [{ format: 'json', file: 'images.json' }, {}];
  const { out } = await at.run(undefined, listed, { output }, { cwd: at.folder.path });
  assert.match(out, /^Digest/);
  assert.equal(
    (JSON.parse(readFileSync(join(at.folder.path, 'images.json'), 'utf8')) as { cluster: string }).cluster,
    'test',
  );
  const asked = at.api.calls.length;
  const wrong: readonly (readonly [ClusterOptions, Partial<Settings>, RegExp])[] = [
    [{ report: 'most' }, {}, /--report is "most"/],
    [{}, { format: 'sarif' }, /table, json or cyclonedx-json, and not as sarif/],
    [{ skipImages: [''] }, {}, /--skip-images/],
    [listed, { format: 'sarif' }, /table or json, and not as sarif/],
    [{ ...listed, namespace: 'a', includeNamespaces: ['b'] }, {}, /say the same/],
    [{ ...listed, includeKinds: ['a'], excludeKinds: ['b'] }, {}, /--include-kinds and --exclude-kinds/],
    [{ ...listed, qps: '0' }, {}, /--qps is "0"/],
    [{ ...listed, burst: 'x' }, {}, /--burst is "x"/],
  ];
  for (const [options, changes, message] of wrong) {
    await assert.rejects(at.run(undefined, options, changes), { code: 'SETTING_INVALID', message });
  }
  assert.equal(at.api.calls.length, asked);
});

test('k8s --show-rbac asks no cluster', async () => {
  await using at = await scene();
  const { status, out } = await at.run(undefined, { showRbac: true, includeNamespaces: ['shop,batch'] });
  assert.equal(status, 0);
  assert.deepEqual(out.match(/^ {0,2}(?:kind|namespace): .*$/gm), [
    'kind: ClusterRole',
    'kind: Role',
    '  namespace: shop',
    'kind: Role',
    '  namespace: batch',
  ]);
  assert.deepEqual(at.api.calls, []);
});

test('k8s asks no more often than it is told', async () => {
  await using at = await scene();
  const { status } = await at.run(undefined, { ...listed, qps: '2', burst: '1' });
  assert.equal(status, 0);
});

test('k8s shows who asks by each way that a kubeconfig has', async () => {
  await using at = await scene({ tokens: { t1: { username: 'by-token', groups: [] } } });
  const whoBy = async (user: Readonly<Record<string, unknown>>): Promise<string | undefined> => {
    const kubeconfig = at.folder.write('user', at.api.kubeconfig(user));
    assert.equal((await at.run(undefined, { ...listed, kubeconfig })).status, 0);
    return at.api.calls.at(-1)?.user?.username;
  };
  assert.equal(await whoBy({ token: 't1' }), 'by-token');
  const { cert, key } = makeCertificate('by-certificate', { issuer: at.api.authority });
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const shown = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
  assert.equal(await whoBy(shown), 'by-certificate');
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 't1' } };
  const args = ['-e', `process.stdout.write(${JSON.stringify(JSON.stringify(credential))})`];
  const exec = { apiVersion: credential.apiVersion, command: process.execPath, args, interactiveMode: 'Never' };
  assert.equal(await whoBy({ exec }), 'by-token');
});

test('k8s takes no context where there is no kubeconfig: it would be another cluster', async () => {
  const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: '1' };
  const resolved = { settings: testSettings(), origins: new Map() };
  const inPod = k8sCommand('prod', listed, resolved, testHost({ env }), instantClock());
  await assert.rejects(inPod, { code: 'SETTING_INVALID', message: /no context is called "prod"/ });
});
