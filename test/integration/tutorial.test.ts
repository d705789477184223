import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
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
import type { ApiObject } from '../../testing/kubernetes-server/ask.ts';
import { kubeconfigText } from '../../testing/kubernetes-server/kubeconfig.ts';
import { createObject, makeNamespace } from '../../testing/kubernetes-server/objects.ts';
import { type ApiServer, needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { triedSteps, untriedBlocks } from '../doc-examples.ts';

// What docs/tutorial.md has its readers do, in its order and its words. What a whole cluster would do besides is done here: nodes run the
// webhook, and controllers say how far they are.

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'tutorial.md'), 'utf8');
const launcher = join(root, 'bin', 'seaworthy.js');
const { namespace, name } = defaultManifestSettings;
const skip = needsApiServer().skip || needsProgram('kubectl').skip;
const steps = triedSteps(page);

describe('docs/tutorial.md', { skip }, () => {
  test('each of its steps ends as it says', { timeout: 280_000 }, async (context) => {
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
      SEAWORTHY_DB_SOURCE: join(folder.path, 'osv'),
      SEAWORTHY_CA_CERT: folder.write('ca.pem', authority.cert),
    };
    const cwd = join(folder.path, 'work');
    await writeFolder(env.SEAWORTHY_DB_SOURCE, await advisoryFeed());
    void playNamespaces(server, ended.signal);
    for (const { line, script, status, way } of steps) {
      if (way === 'on another cluster') continue;
      if (way === 'goes on') {
        cleanup.use(await startServer(script, cwd, env));
        continue;
      }
      if (way === 'on a node' && canBeNode !== false) {
        context.diagnostic(`docs/tutorial.md:${line} was left out: ${canBeNode}`);
        continue;
      }
      if (way === 'on a node') {
        // What somebody configured stays, and is told to be in the way.
        const outcome = await runOnNode(`${configured}\n${script}`, cwd, env);
        assert.equal(outcome.status, 30, outcome.output);
        assert.match(outcome.output, /CONFIG_PATH_MISSING/);
      }
      const outcome = await (way === 'on a node' ? runOnNode : runStep)(script, cwd, env);
      assert.equal(outcome.status, status, `docs/tutorial.md:${line} says ${outcome.output}`);
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

  const elsewhere = steps.filter(({ way }) => way === 'on another cluster');

  test('its chart is installed on another cluster', { timeout: 120_000, ...needsProgram('helm') }, async () => {
    await using server = await startApiServer();
    using folder = temporaryDirectory();
    const programs = ['helm', 'kubectl'].map((program) => dirname(findProgram(program) as string));
    const env = {
      PATH: [...programs, '/usr/bin', '/bin'].join(delimiter),
      HOME: folder.path,
      KUBECONFIG: folder.write('kubeconfig', server.kubeconfig),
      REGISTRY: 'registry.example.org',
    };
    assert.equal(elsewhere.length, 1);
    for (const { line, script, status } of elsewhere) {
      const outcome = await runStep(script, root, env);
      assert.equal(outcome.status, status, `docs/tutorial.md:${line} says ${outcome.output}`);
    }
    const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
    const { body } = await server.ask({ method: 'GET', path });
    assert.match(JSON.stringify(body['spec']), /"image":"registry\.example\.org\/seaworthy:0\.1\.0"/);
  });
});

test('every command of docs/tutorial.md is tried, but for the names that its readers choose', () => {
  assert.ok(steps.length >= 15);
  const [names, ...others] = untriedBlocks(page);
  assert.deepEqual(others, []);
  const lines = names?.text.split('\n') ?? [];
  assert.deepEqual(
    lines.map((line) => /^export ([A-Z_]+)=/.exec(line)?.[1]),
    ['REGISTRY', 'LISTEN', 'TLS', 'COSIGN_PASSWORD'],
  );
});

interface Outcome {
  readonly status: unknown;
  readonly output: string;
}

function runProgram(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(file, args, { cwd, env, timeout: 120_000 }, (error, out, err) => {
      resolve({ status: error === null ? 0 : error.code, output: `${out}${err}` });
    });
  });
}

function runStep(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  return runProgram('sh', ['-e', '-c', script], cwd, env);
}

/** A namespace in which `/etc` is empty, as that of a node that has no runtime configured yet. */
const node = ['--user', '--map-root-user', '--mount', 'sh', '-e', '-c', 'mount -t tmpfs none /etc; eval "$1"', 'sh'];
const canBeNode =
  needsProgram('unshare', 'mount').skip ||
  (spawnSync(findProgram('unshare') as string, [...node, 'true']).status !== 0 &&
    'this machine gives no namespaces of mounts');

/** A node whose containerd has settings of its own. */
const configured = `mkdir /etc/containerd; echo 'version = 2' > /etc/containerd/config.toml`;

async function runOnNode(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Outcome> {
  // All else of `/` is this machine's.
  assert.deepEqual(readdirSync(join(cwd, 'nodes', 'containerd')), ['etc']);
  return await runProgram(findProgram('unshare') as string, [...node, script], cwd, env);
}

/** Starts a step that goes on, and waits until it says its address. It is asked to end when the test is over. */
async function startServer(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<AsyncDisposable> {
  const log = join(cwd, '..', 'server.log');
  const child = spawn('sh', ['-e', '-c', script.replace(/^(?!#)/m, 'exec ')], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', openSync(log, 'w')],
  });
  assert.ok(child.stdout);
  const ended = once(child, 'exit');
  await Promise.race([once(child.stdout, 'data'), ended.then(() => assert.fail(readFileSync(log, 'utf8')))]);
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      assert.deepEqual(await ended, [143, null], readFileSync(log, 'utf8'));
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

/** What the controller of namespaces would do: one that is to go, and is empty, goes. */
async function playNamespaces(server: ApiServer, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { body } = await server
      .ask({ method: 'GET', path: '/api/v1/namespaces' })
      .catch(() => ({ body: {} as ApiObject }));
    const items = (body['items'] ?? []) as readonly { readonly metadata: ApiObject }[];
    for (const { metadata } of items.filter((each) => each.metadata['deletionTimestamp'] !== undefined)) {
      const put = { apiVersion: 'v1', kind: 'Namespace', metadata, spec: { finalizers: [] } };
      const path = `/api/v1/namespaces/${String(metadata['name'])}/finalize`;
      await server.ask({ method: 'PUT', path, body: put });
    }
    await sleep(200);
  }
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
