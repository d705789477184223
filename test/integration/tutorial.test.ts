import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { advisoryFeed } from '../../examples/first-scan/advisory-feed.ts';
import { writeFolder } from '../../examples/first-scan/write-folder.ts';
import { defaultManifestSettings } from '../../src/admission/manifests/model.ts';
import { startWebhookProcess, type WebhookProcess } from '../../testing/admission/serve-process.ts';
import { freePort } from '../../testing/free-port.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { kubeconfigText } from '../../testing/kubernetes-server/kubeconfig.ts';
import { createObject, makeNamespace } from '../../testing/kubernetes-server/objects.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { triedSteps } from '../doc-examples.ts';

// What docs/tutorial.md has its readers do, in its order and its words. What stands between its steps for other machines is done here: the
// vulnerability database, the registry that serves, and the webhook, which a node would run.

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'tutorial.md'), 'utf8');
const launcher = join(root, 'bin', 'seaworthy.js');
const { namespace, name } = defaultManifestSettings;
const skip = needsApiServer().skip || needsProgram('kubectl').skip;

describe('docs/tutorial.md', { skip }, () => {
  test('each of its steps ends as it says', { timeout: 280_000 }, async () => {
    await using cleanup = new AsyncDisposableStack();
    const folder = cleanup.use(temporaryDirectory());
    const ended = new AbortController();
    cleanup.defer(() => ended.abort());
    const server = cleanup.use(await startApiServer());
    await makeNamespace(server, 'shop');
    for (const each of ['bin', 'home', 'work', 'tls']) mkdirSync(join(folder.path, each));
    symlinkSync(launcher, join(folder.path, 'bin', 'seaworthy'));
    const authority = makeCertificate('authority');
    const leaf = makeCertificate('localhost', { issuer: authority, dnsNames: ['localhost'] });
    folder.write('tls/tls.crt', leaf.cert);
    folder.write('tls/tls.key', leaf.key);
    const port = await freePort();
    const env = {
      PATH: [
        join(folder.path, 'bin'),
        dirname(findProgram('kubectl') as string),
        dirname(process.execPath),
        '/usr/bin',
        '/bin',
      ].join(delimiter),
      HOME: join(folder.path, 'home'),
      TMPDIR: folder.path,
      KUBECONFIG: folder.write('kubeconfig', server.kubeconfig),
      REGISTRY: `localhost:${port}`,
      LISTEN: `127.0.0.1:${port}`,
      TLS: join(folder.path, 'tls'),
      COSIGN_PASSWORD: 'sea',
      SEAWORTHY_CA_CERT: folder.write('ca.pem', authority.cert),
    };
    const cwd = join(folder.path, 'work');
    const steps = triedSteps(page);
    assert.ok(steps.length >= 10);
    for (const { line, script, status } of steps) {
      const outcome = await new Promise<{ readonly status: unknown; readonly output: string }>((resolve) => {
        execFile('sh', ['-e', '-c', script], { cwd, env, timeout: 120_000 }, (error, out, err) => {
          resolve({ status: error === null ? 0 : error.code, output: `${out}${err}` });
        });
      });
      assert.equal(outcome.status, status, `docs/tutorial.md:${line} says ${outcome.output}`);
      if (script.includes('registry robot create')) cleanup.use(await serveRegistry(cwd, env));
      if (script.includes('admission manifests')) {
        const webhook = cleanup.use(await serveWebhook(server, env, folder.path));
        void whenScaledToNone(server, ended.signal).then(async (isNone) => {
          if (!isNone) return;
          await webhook.stop();
          await tellScaled(server);
        });
      }
      if (script.includes('shop/unsigned:1.0') && script.includes('kubectl')) {
        assert.match(outcome.output, /signed[^]*Let the pipeline sign it/);
      }
      // Nobody but the API server says when it asks a webhook that has registered itself.
      if (script.includes('imagepolicies.seaworthy.dev/signed')) await untilGuarded(env);
    }
  });
});

/** The registry of the tutorial, on its machine, with a database. */
async function serveRegistry(cwd: string, env: NodeJS.ProcessEnv): Promise<AsyncDisposable> {
  const feed = join(cwd, '..', 'osv');
  await writeFolder(feed, await advisoryFeed());
  await run(process.execPath, [launcher, 'db', 'build', '--from', feed], { cwd, env });
  const log = openSync(join(cwd, '..', 'registry.log'), 'w');
  const args = [launcher, 'registry', 'serve', '--config', 'registry.yaml'];
  const child = spawn(process.execPath, args, { cwd, env, stdio: ['ignore', 'pipe', log] });
  assert.ok(child.stdout);
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended.then(() => assert.fail('the registry ended'))]);
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The webhook as its Pod would be, with the rights that the manifests give. */
async function serveWebhook(
  server: ApiServer,
  env: Readonly<Record<string, string>>,
  home: string,
): Promise<WebhookProcess> {
  const account = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} };
  const { token } = (await createObject(server, account, review))['status'] as { readonly token: string };
  await writeFolder(
    home + '/webhook',
    new Map([['kubeconfig', Buffer.from(kubeconfigText({ ...server, user: { token } }))]]),
  );
  const port = await freePort();
  return await startWebhookProcess(
    [
      ['--cluster', '--kubeconfig', join(home, 'webhook', 'kubeconfig'), '--namespace', namespace],
      ['--url', `https://127.0.0.1:${port}`, '--listen', `127.0.0.1:${port}`, '--scan-workers', '0'],
      ['--allow-registry', env['REGISTRY'] as string, '--ca-cert', env['SEAWORTHY_CA_CERT'] as string],
    ].flat(),
    join(home, 'home'),
  );
}

/** What the controller of Deployments would wait for. @returns false when it is not waited for any more */
async function whenScaledToNone(server: ApiServer, signal: AbortSignal): Promise<boolean> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  while (!signal.aborted) {
    const { body } = await server.ask({ method: 'GET', path }).catch(() => ({ body: {} as { spec?: unknown } }));
    if ((body['spec'] as { readonly replicas?: number } | undefined)?.replicas === 0) return true;
    await sleep(200);
  }
  return false;
}

/** What the controller of Deployments would say then. */
async function tellScaled(server: ApiServer): Promise<void> {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
  const { generation } = (await server.ask({ method: 'GET', path })).body['metadata'] as {
    readonly generation: number;
  };
  const body = { status: { replicas: 0, observedGeneration: generation } };
  const contentType = 'application/merge-patch+json';
  await server.ask({ method: 'PATCH', path: `${path}/status`, body, contentType });
}

async function untilGuarded(env: NodeJS.ProcessEnv): Promise<void> {
  const trial = [
    'run',
    'trial',
    '--namespace',
    'shop',
    '--image',
    `${env['REGISTRY']}/shop/unsigned:1.0`,
    '--dry-run=server',
  ];
  for (let look = 0; look < 200; look += 1) {
    const isDenied = await run('kubectl', trial, { env }).then(
      () => false,
      () => true,
    );
    if (isDenied) return;
    await sleep(200);
  }
  assert.fail('nothing is denied');
}
