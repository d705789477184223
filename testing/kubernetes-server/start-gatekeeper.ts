import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../free-port.ts';
import { needsProgram } from '../registry/find-program.ts';
import { applyObjects } from './apply.ts';
import type { ApiObject } from './ask.ts';
import { needsDefinitions, readObjects } from './definitions.ts';
import { folderOfProcess } from './folder-of-process.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { createObject } from './objects.ts';
import { startServer } from './server-process.ts';
import { type ApiServer, needsApiServer } from './start-api-server.ts';

/** A real Gatekeeper, registered with an API server as its own project has it registered. */
export interface Gatekeeper extends AsyncDisposable {
  /** PEM of the authority that it made for its webhooks, and that vouches for it where it asks a provider. */
  readonly authority: string;
  /** What it wrote until now. */
  log(): Promise<string>;
}

const namespace = 'gatekeeper-system';
const secretPath = `/api/v1/namespaces/${namespace}/secrets/gatekeeper-webhook-server-cert`;
/** Of its webhooks, which its machine may need: it shares it with others here. */
const timeoutSeconds = 30;

/** Options for a test that starts Gatekeeper: skips with the reason where something is absent. */
export function needsGatekeeper(): { skip: string | false } {
  const programs = needsProgram('gatekeeper', 'kubectl');
  return { skip: needsApiServer().skip || programs.skip || needsDefinitions('gatekeeper').skip };
}

/**
 * Applies what Gatekeeper's project has applied, and starts its manager with the account, the rights and the arguments of there, all of
 * its work in one process. It makes its own certificates, and what a kubelet does with them is done here. Its webhooks fail closed.
 *
 * @throws Error with its last words when it does not come up
 */
export async function startGatekeeper(server: ApiServer): Promise<Gatekeeper> {
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(await folderOfProcess('gatekeeper')).path;
  const [port, health] = [await freePort(), await freePort()];
  const objects = readObjects('gatekeeper').map((each) => onLoopback(each, port));
  // No controller says how much of a quota is used, and without that nothing may be made.
  await applyObjects(
    server,
    objects.filter(({ kind }) => kind !== 'ResourceQuota'),
  );
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/gatekeeper-admin/token`;
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { token } = (await createObject(server, account, review))['status'] as { readonly token: string };
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, kubeconfigText({ url: server.url, caPem: server.caPem, user: { token } }), {
    mode: 0o600,
  });
  const certificates = join(folder, 'certificates');
  mkdirSync(certificates);
  const ended = new AbortController();
  cleanup.defer(() => ended.abort());
  const mounted = mountSecret(server, certificates, ended.signal);
  mounted.catch(() => undefined);
  const started = cleanup.use(
    await startServer({
      program: 'gatekeeper',
      folder,
      env: { POD_NAMESPACE: namespace },
      args: [
        ['--kubeconfig', kubeconfig, '--cert-dir', certificates, '--debug-use-fake-pod'],
        ['--host=127.0.0.1', `--port=${port}`, `--health-addr=127.0.0.1:${health}`],
        // Of its ways to tell figures, this one does not listen; nobody is there to be told.
        ['--metrics-backend=opentelemetry', '--otlp-endpoint=127.0.0.1:1'],
        argumentsOf(objects, 'gatekeeper-controller-manager'),
        argumentsOf(objects, 'gatekeeper-audit').filter((each) => each !== '--operation=audit'),
      ].flat(),
      isReady: async () => (await statusOf(`http://127.0.0.1:${health}/readyz`)) === 200,
    }),
  );
  await mounted;
  await failClosed(server);
  const secret = await server.ask({ method: 'GET', path: secretPath });
  const { 'ca.crt': authority = '' } = secret.body['data'] as Readonly<Record<string, string>>;
  const kept = cleanup.move();
  return {
    authority: Buffer.from(authority, 'base64').toString(),
    log: () => started.log(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** What a project has applied, so that its Service leads to a port of this machine. */
function onLoopback(object: ApiObject, port: number): ApiObject {
  if (object['kind'] === 'Service') return { ...object, spec: { type: 'ExternalName', externalName: 'localhost' } };
  const { webhooks } = object as { readonly webhooks?: readonly ApiObject[] };
  if (webhooks === undefined) return object;
  const changed = webhooks.map((each) => {
    const { clientConfig } = each as { readonly clientConfig: { readonly service: object } };
    return { ...each, clientConfig: { ...clientConfig, service: { ...clientConfig.service, port } } };
  });
  return { ...object, webhooks: changed };
}

/** What a Deployment starts its program with, but for what there is one of in a process and is said elsewhere. */
function argumentsOf(objects: readonly ApiObject[], name: string): readonly string[] {
  const found = objects.find((each) => {
    const { kind, metadata } = each as { readonly kind: string; readonly metadata: { readonly name: string } };
    return kind === 'Deployment' && metadata.name === name;
  });
  assert.ok(found, name);
  const { containers } = (found['spec'] as { readonly template: { readonly spec: object } }).template.spec as {
    readonly containers: readonly [{ readonly args: readonly string[] }];
  };
  return containers[0].args.filter((each) => !/^--(?:port|disable-cert-rotation)\b/.test(each));
}

/** Does what a kubelet does: the Secret's files come to lie in a folder, once there are any. */
async function mountSecret(server: ApiServer, folder: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { body } = await server.ask({ method: 'GET', path: secretPath });
    const data = (body['data'] ?? {}) as Readonly<Record<string, string>>;
    if (data['tls.crt'] !== undefined) {
      for (const [name, text] of Object.entries(data)) {
        writeFileSync(join(folder, name), Buffer.from(text, 'base64'), { mode: 0o600 });
      }
      return;
    }
    await sleep(100, undefined, { signal });
  }
}

/** Sets what users are told to set, so that nothing passes unseen. */
async function failClosed(server: ApiServer): Promise<void> {
  for (const [kind, phase] of [
    ['validatingwebhookconfigurations', 'validating'],
    ['mutatingwebhookconfigurations', 'mutating'],
  ]) {
    const path = `/apis/admissionregistration.k8s.io/v1/${kind}/gatekeeper-${phase}-webhook-configuration`;
    const found = (await server.ask({ method: 'GET', path })).body as { readonly webhooks: readonly object[] };
    const body = { webhooks: found.webhooks.map((each) => ({ ...each, failurePolicy: 'Fail', timeoutSeconds })) };
    const contentType = 'application/merge-patch+json';
    const answer = await server.ask({ method: 'PATCH', path, body, contentType });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }
}

async function statusOf(url: string): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    const asked = get(url, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.once('error', reject);
  });
}
