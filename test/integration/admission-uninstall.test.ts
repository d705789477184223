import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownLabels } from '../../src/admission/ownership.ts';
import { Leader } from '../../src/kubernetes/leader/leader.ts';
import { leaseType } from '../../src/kubernetes/leader/lease.ts';
import { chartPath, helm, isCleanup, renderChart } from '../../testing/admission/helm-chart.ts';
import { keptVerdict } from '../../testing/admission/kept-verdicts.ts';
import { policyAbout } from '../../testing/admission/resource-policies.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import type { ApiObject } from '../../testing/kubernetes-server/ask.ts';
import { clientOfServer } from '../../testing/kubernetes-server/client.ts';
import { kubeconfigText } from '../../testing/kubernetes-server/kubeconfig.ts';
import { createObject, makeNamespace, podOf } from '../../testing/kubernetes-server/objects.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { testHost } from '../../testing/test-host.ts';
import { planRotation } from '../../src/admission/certificates/plan-rotation.ts';
import { secretStore } from '../../src/admission/certificates/secret-store.ts';
import { resourceTypes } from '../../src/admission/cluster/resource-types.ts';
import { configurationName, sharedNames } from '../../src/admission/manifests/model.ts';
import type { RbacRule } from '../../src/kubernetes/rbac-rule.ts';
import { imagePolicyType } from '../../src/admission/resources/image-policy.ts';
import { imageVerdictType } from '../../src/admission/resources/image-verdict.ts';
import { readSealKey } from '../../src/admission/verdict-cache/seal-key.ts';
import { verdictObject } from '../../src/admission/verdict-cache/verdict-object.ts';
import { WebhookRegistrar } from '../../src/admission/webhooks/webhook-registrar.ts';
import { silentLogger as logger } from '../../src/base/logger.ts';
import { policyLintCommand } from '../../src/cli/commands/policy-lint.ts';
import { resolveSettings } from '../../src/cli/config/resolve.ts';
import type { KubernetesClient } from '../../src/kubernetes/client.ts';
import { listAll } from '../../src/kubernetes/list-all.ts';
import { systemClock as clock } from '../../src/net/clock.ts';

// The chart from its installation to its end, by real helm and with a real API server. There are no controllers, so the tests do what
// those would: they run the program of a Job, and say what became of it and of the Deployment.

const namespace = 'sea';
const name = 'seaworthy-admission';
const image = ['--set', 'image.repository=registry.test/seaworthy', '--set', 'image.tag=1.0.0'];
const skip = needsApiServer().skip || needsProgram('helm', 'kubectl').skip;
const launcher = join(import.meta.dirname, '..', '..', 'bin', 'seaworthy.js');
const team = '/api/v1/namespaces/team/pods?dryRun=All';

interface Outcome {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

describe('the chart in a cluster', { skip }, () => {
  let server: ApiServer;
  let client: KubernetesClient & AsyncDisposable;
  const cleanup = new AsyncDisposableStack();

  before(async () => {
    server = cleanup.use(await startApiServer());
    client = cleanup.use(await clientOfServer(server));
    for (const each of ['team', 'other', namespace]) await makeNamespace(server, each);
  });
  after(() => cleanup.disposeAsync());

  async function seaworthy(args: readonly string[], kubeconfig: string): Promise<Outcome> {
    using folder = temporaryDirectory();
    const env = {
      PATH: process.env['PATH'],
      HOME: folder.path,
      TMPDIR: folder.path,
      KUBECONFIG: folder.write('config', kubeconfig),
    };
    const child = spawn(process.execPath, [launcher, ...args], { env, timeout: 120_000 });
    const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { status: status as number | null, out, err };
  }

  async function kubeconfigOf(account: string): Promise<string> {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
    const { token } = (await createObject(server, path, review))['status'] as { readonly token: string };
    return kubeconfigText({ url: server.url, caPem: server.caPem, user: { token } });
  }

  /** What the webhook makes while it runs, and then it is gone. It fails closed about everything. */
  async function usedAndGone(): Promise<void> {
    const lease = { client, namespace, name: sharedNames.lease, labels: ownLabels, identity: 'one', clock, logger };
    const leader = new Leader(lease);
    const ended = new AbortController();
    await leader.attempt();
    const { signal } = ended;
    const { state } = planRotation(undefined, Date.now(), { dnsNames: [`${name}.${namespace}.svc`] });
    await secretStore({ client, namespace, name: sharedNames.certificates }).write(state, undefined);
    const seal = { client, namespace, name: sharedNames.sealKey, leads: () => true, clock, logger };
    const key = await readSealKey(seal, signal);
    for (const each of ['a', 'b', 'c']) {
      const now = Date.now();
      const body = verdictObject(keptVerdict(each, { at: now, staleUntil: now + 3_600_000 }), key) as ApiObject;
      await createObject(server, '/apis/verdicts.seaworthy.dev/v1alpha1/imageverdicts', body);
    }
    const address = { service: { namespace, name, port: 443 } };
    const settings = { name: configurationName, namespace, address };
    const yes = (): boolean => true;
    const registrar = new WebhookRegistrar({ client, clock, logger, settings, leads: yes, canAnswer: yes });
    const published = registrar.publish(state.authority.certificate);
    registrar.want([policyAbout('all', ['*'])]);
    await published;
    assert.equal(await registrar.attempt(), 2);
    ended.abort();
    await leader.run(signal);
    await untilStatus(500);
  }

  /** Waits until API servers ask, or do not any more. */
  async function untilStatus(wanted: number): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      const pod = podOf('registry.test/app:1', { name: 'app' });
      const { status, body } = await server.ask({ method: 'POST', path: team, body: pod });
      if (status === wanted) return;
      assert.ok(attempt < 100, `${status} ${JSON.stringify(body)}`);
      await sleep(100);
    }
  }

  async function left(): Promise<readonly string[]> {
    const targets = [
      ...[resourceTypes.validatingWebhooks, resourceTypes.mutatingWebhooks].map((type) => ({
        type,
        each: configurationName,
      })),
      ...[sharedNames.certificates, sharedNames.sealKey].map((each) => ({
        type: resourceTypes.secrets,
        each,
        place: { namespace },
      })),
      { type: leaseType, each: sharedNames.lease, place: { namespace } },
    ];
    const found: string[] = [];
    for (const { type, each, place } of targets.map((target) => ({ place: {}, ...target }))) {
      if ((await client.get(type, each, place)) !== undefined) found.push(`${type.kind} ${each}`);
    }
    const { objects } = await listAll(client, imageVerdictType);
    return [...found, ...objects.map(() => 'ImageVerdict')];
  }

  test('helm installs it, and says what to do next, with a policy that is one', async () => {
    const notes = await helm(['install', 'sea', chartPath, '--namespace', namespace, ...image], server.kubeconfig);
    const [, indented = ''] = /<<'POLICY'\n([^]*?)\n *POLICY\n/.exec(notes) ?? [];
    const policy = indented.replaceAll(/^ {2}/gm, '');
    using folder = temporaryDirectory();
    folder.write('policy.yaml', policy);
    const options = { format: 'text', failLevel: 'error' } as const;
    const host = testHost({ cwd: folder.path });
    const resolved = resolveSettings({ flags: new Map(), env: {}, home: folder.path });
    assert.equal(await policyLintCommand(['policy.yaml'], options, resolved, host), 0, host.said.join(''));
    const kubectl = ['apply', '--server-side', '--validate=strict', '-f', join(folder.path, 'policy.yaml')];
    await program('kubectl', kubectl);
    assert.ok(await client.get(imagePolicyType, 'first'));
    assert.match(notes, /kubectl -n sea rollout status deployment\/seaworthy-admission/);
    assert.match(notes, /helm uninstall sea --namespace sea --no-hooks/);
  });

  test('kubectl applies what helm renders, what cleans up too', async () => {
    const values = {
      image: { repository: 'registry.test/seaworthy' },
      admission: { secrets: { namespaces: ['team'] } },
    };
    const objects = await renderChart(values, namespace);
    using folder = temporaryDirectory();
    const list = { apiVersion: 'v1', kind: 'List', items: objects };
    const file = folder.write('all.json', JSON.stringify(list));
    const applied = [
      '--server-side',
      '--validate=strict',
      '--dry-run=server',
      '--field-manager=helm',
      '--force-conflicts',
    ];
    await program('kubectl', ['apply', ...applied, '-f', file]);
    // The Pods of both are what the strictest standard for Pods allows.
    for (const { kind, metadata, ...rest } of objects) {
      if (kind !== 'Deployment' && kind !== 'Job') continue;
      const { template } = rest['spec'] as { readonly template: ApiObject & { readonly metadata: object } };
      const pod = { apiVersion: 'v1', kind: 'Pod', ...template, metadata: { ...template.metadata, name: 'one' } };
      const labels = { 'pod-security.kubernetes.io/warn': 'restricted' };
      await client.patch(resourceTypes.namespaces, 'other', { kind: 'merge', body: { metadata: { labels } } });
      delete (pod as { spec?: { serviceAccountName?: string } }).spec?.serviceAccountName;
      const path = '/api/v1/namespaces/other/pods?dryRun=All&fieldValidation=Strict';
      const answer = await server.ask({ method: 'POST', path, body: pod });
      assert.equal(answer.status, 201, `${metadata.name} ${JSON.stringify(answer.body)}`);
      assert.deepEqual(answer.warnings, [], metadata.name);
    }
  });

  test('who the webhook is may do what its rules say, and nothing that matters else', async () => {
    const objects = await renderChart({ image: { repository: 'registry.test/seaworthy' } }, namespace);
    const rulesOf = (kind: string): readonly RbacRule[] =>
      (objects.find((each) => each.kind === kind && !isCleanup(each)) as unknown as { rules: readonly RbacRule[] })
        .rules;
    const wanted = [
      ...rulesOf('ClusterRole').map((rule) => ({ rule, where: 'other' })),
      ...rulesOf('Role').map((rule) => ({ rule, where: namespace })),
    ];
    for (const { rule, where } of wanted) {
      for (const [group, resource, verb, resourceName] of askedOf(rule)) {
        const attributes = { namespace: where, group, resource, verb, name: resourceName };
        assert.ok(await may(attributes), JSON.stringify(attributes));
      }
    }
    const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
    const refused: (readonly [group: string, resource: string, verbs: readonly string[], where?: string])[] = [
      ['', 'secrets', verbs, 'other'],
      ['', 'secrets', verbs, 'kube-system'],
      ['', 'secrets', verbs],
      ['', 'secrets', ['get', 'list', 'watch', 'update', 'patch', 'delete', 'deletecollection'], namespace],
      ['', 'pods', ['create', 'update', 'patch', 'delete', 'deletecollection'], 'other'],
      ['', 'pods/exec', ['create', 'get'], namespace],
      ['', 'serviceaccounts/token', ['create'], namespace],
      ['', 'serviceaccounts', ['impersonate', 'list', 'create'], 'other'],
      ['', 'nodes/proxy', ['get', 'create']],
      ['', 'configmaps', ['list', 'watch', 'create', 'update', 'patch', 'delete'], 'other'],
      ['apps', 'deployments', ['create', 'update', 'patch', 'delete'], namespace],
      ['rbac.authorization.k8s.io', 'clusterroles', ['escalate', 'bind', 'create', 'update', 'patch', 'list']],
      ['rbac.authorization.k8s.io', 'rolebindings', ['create', 'update', 'patch', 'delete'], namespace],
      ['admissionregistration.k8s.io', 'validatingwebhookconfigurations', ['update', 'patch', 'delete']],
      ['seaworthy.dev', 'imagepolicies', ['create', 'update', 'patch', 'delete', 'deletecollection']],
      ['*', '*', ['*']],
    ];
    for (const [group, resource, each, where] of refused) {
      for (const verb of each) {
        const attributes = { group, resource, verb, ...(where === undefined ? {} : { namespace: where }) };
        assert.ok(!(await may(attributes)), JSON.stringify(attributes));
      }
    }
  });

  test('a webhook that is gone and fails closed lets nothing in, until what it made is taken out', async () => {
    await usedAndGone();
    assert.equal((await left()).length, 8);
    const dry = await seaworthy(['admission', 'cleanup', '--all', '--dry-run'], server.kubeconfig);
    assert.equal(dry.status, 0, dry.err);
    assert.equal(dry.out.match(/would be removed/g)?.length, 6, dry.out);
    assert.match(dry.out, /^Lease sea\/seaworthy-admission: would be removed$/m);
    await untilStatus(500);
    const done = await seaworthy(['admission', 'cleanup', '--all'], server.kubeconfig);
    assert.equal(done.status, 0, done.err);
    assert.match(done.out, /^ImageVerdict, 3 of them: removed$/m);
    await untilStatus(201);
    assert.deepEqual(await left(), []);
    const again = await seaworthy(['admission', 'cleanup', '--all', '--namespace', namespace], server.kubeconfig);
    assert.deepEqual([again.status, again.out.startsWith('Nothing that the webhook made')], [0, true], again.err);
  });

  test('helm uninstalls it, and the cluster goes on', async () => {
    await usedAndGone();
    await client.patch(
      deployments,
      name,
      { kind: 'merge', body: { status: { replicas: 2, observedGeneration: 1 } }, subresource: 'status' },
      { namespace },
    );
    const ended = helm(['uninstall', 'sea', '--namespace', namespace, '--timeout', '90s'], server.kubeconfig);
    // What helm has to say comes at the end; a failure of the Job's program is told before.
    const failed = ended.then(
      () => Promise.reject(new Error('helm did not wait for the Job')),
      (error: unknown) => Promise.reject(error as Error),
    );
    failed.catch(() => undefined);
    const look = untilThere(() => client.get(jobs, `${name}-cleanup`, { namespace }));
    const job = await Promise.race([look, failed]);
    const pod = (job['spec'] as { readonly template: { readonly spec: PodSpec } }).template.spec;
    assert.equal(pod.serviceAccountName, `${name}-cleanup`);
    const controller = scaledDown();
    const done = await seaworthy(pod.containers[0].args, await kubeconfigOf(pod.serviceAccountName));
    assert.equal(done.status, 0, done.err);
    await controller;
    await completed(`${name}-cleanup`);
    await ended;
    await untilStatus(201);
    assert.deepEqual(await left(), []);
    const all = (await helm(['list', '--all', '--namespace', namespace, '--short'], server.kubeconfig)).trim();
    assert.equal(all, '');
    // What others made by the definitions stays, and nothing that lets the Job do its work.
    assert.ok(await client.get(imagePolicyType, 'first'));
    for (const each of [name, `${name}-cleanup`]) {
      assert.equal(await client.get(resourceTypes.clusterRoles, each), undefined);
      assert.equal(await client.get(resourceTypes.serviceAccounts, each, { namespace }), undefined);
    }
    // And it can be installed again, over the definitions that stayed.
    await helm(['install', 'sea', chartPath, '--namespace', namespace, ...image], server.kubeconfig);
  });

  async function program(command: string, args: readonly string[]): Promise<void> {
    using folder = temporaryDirectory();
    const env = { HOME: folder.path, KUBECONFIG: folder.write('config', server.kubeconfig) };
    const child = spawn(findProgram(command) as string, args, { env, timeout: 60_000 });
    const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    assert.equal(status, 0, `${out}${err}`);
  }

  async function may(attributes: ApiObject): Promise<boolean> {
    const review = await createObject(server, '/apis/authorization.k8s.io/v1/subjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:${namespace}:${name}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
        resourceAttributes: splitSubresource(attributes),
      },
    });
    return (review['status'] as { readonly allowed: boolean }).allowed;
  }

  /** Does what a controller of Deployments does where there are Pods. */
  async function scaledDown(): Promise<void> {
    const now = await untilThere(async () => {
      const found = await client.get(deployments, name, { namespace });
      return (found?.['spec'] as { readonly replicas?: number } | undefined)?.replicas === 0 ? found : undefined;
    });
    const status = { replicas: 0, observedGeneration: now.metadata.generation };
    await client.patch(deployments, name, { kind: 'merge', body: { status }, subresource: 'status' }, { namespace });
  }

  /** Does what a controller of Jobs does when the Pod of one has ended well. */
  async function completed(job: string): Promise<void> {
    const time = `${new Date().toISOString().slice(0, 19)}Z`;
    const condition = { status: 'True', lastTransitionTime: time, lastProbeTime: time };
    const status = {
      startTime: time,
      completionTime: time,
      succeeded: 1,
      conditions: ['SuccessCriteriaMet', 'Complete'].map((type) => ({ type, ...condition })),
    };
    await client.patch(jobs, job, { kind: 'merge', body: { status }, subresource: 'status' }, { namespace });
  }
});

interface PodSpec {
  readonly serviceAccountName: string;
  readonly containers: readonly [{ readonly args: readonly string[] }];
}

const deployments = { group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', namespaced: true };
const jobs = { group: 'batch', version: 'v1', resource: 'jobs', kind: 'Job', namespaced: true };

function askedOf({ apiGroups, resources, verbs, resourceNames = [''] }: RbacRule): readonly (readonly string[])[] {
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) =>
      verbs.flatMap((verb) => resourceNames.map((resourceName) => [group, resource, verb, resourceName])),
    ),
  );
}

function splitSubresource({ resource, ...rest }: ApiObject): ApiObject {
  const [whole, subresource] = String(resource).split('/');
  return { ...rest, resource: whole, ...(subresource === undefined ? {} : { subresource }) };
}

async function untilThere<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(100);
  }
  throw new Error('it does not come');
}
