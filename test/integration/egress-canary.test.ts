import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { startContainerd } from '../../testing/daemon/containerd.ts';
import { needsDaemon } from '../../testing/daemon/daemon-process.ts';
import { runEgress } from '../../testing/egress/run-egress.ts';
import { buildImage } from '../../testing/image/image-builder.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { store } from '../../testing/registry/check-layout.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { serviceConfig, startOwnService } from '../../testing/registry/own-service.ts';

const canary = buildImage({ layers: [{ tar: [file('etc/os-release', 'ID=test\n')] }] });

/** A runtime, and how it is led. */
interface Runtime extends AsyncDisposable {
  /** What its client is run with. */
  readonly env: Readonly<Record<string, string>>;
}

interface Node {
  readonly folder: TemporaryDirectory;
  readonly upstream: OwnRegistry;
  /** By the files that were generated in `node`; else straight to the upstream. */
  readonly isLed: boolean;
}

/** By the name of `egress generate --target`. */
const runtimes: Readonly<Record<string, (node: Node) => Promise<Runtime>>> = {
  async crio({ folder, upstream, isLed }) {
    const direct = folder.write('direct.conf', `[[registry]]\nlocation = "${upstream.host}"\ninsecure = true\n`);
    const led = join(folder.path, 'node/crio/etc/containers/registries.conf.d/zz-seaworthy.conf');
    const storage = `driver = "vfs"\ngraphroot = "${folder.path}/storage"\nrunroot = "${folder.path}/run"\n`;
    const env = {
      CONTAINERS_REGISTRIES_CONF: isLed ? led : direct,
      CONTAINERS_STORAGE_CONF: folder.write('storage.conf', `[storage]\n${storage}`),
    };
    return { env, [Symbol.asyncDispose]: () => Promise.resolve() };
  },
  async containerd({ folder, upstream, isLed }) {
    mkdirSync(join(folder.path, 'direct', upstream.host), { recursive: true });
    folder.write(`direct/${upstream.host}/hosts.toml`, `server = "${upstream.url}"\n`);
    const hosts = join(folder.path, isLed ? 'node/containerd/etc/containerd/certs.d' : 'direct');
    const containerd = await startContainerd({ hosts, snapshotter: 'native' });
    const env = { CONTAINER_RUNTIME_ENDPOINT: containerd.endpoint, IMAGE_SERVICE_ENDPOINT: containerd.endpoint };
    return { env, [Symbol.asyncDispose]: () => containerd[Symbol.asyncDispose]() };
  },
};

/** What is said of a node that is written by `egress generate`, whose runtime pulls a canary. */
async function checkNode(
  target: string,
  client: string,
  isLed: boolean,
): Promise<{ readonly status: number | undefined; readonly out: string }> {
  await using upstream = await startOwnRegistry();
  await store(upstream, 'team/canary', 'one', canary);
  using folder = temporaryDirectory();
  const settings = `registry:
  listen: 127.0.0.1:0
  upstreams: {registries: [{host: "${upstream.host}", url: "${upstream.url}", allowPrivate: true}]}
`;
  await using service = await startOwnService(await serviceConfig(folder, settings));
  const registry = new URL(service.url).host;
  folder.write('egress.yaml', `registry: {url: 'http://${registry}'}\nhosts: ['${upstream.host}']\n`);
  const written = await runEgress(folder.path, ['generate', '--target', target, '--output', 'node']);
  assert.equal(written.status, 0, written.err);
  const open = runtimes[target] as (node: Node) => Promise<Runtime>;
  await using runtime = await open({ folder, upstream, isLed });
  // Where it was found, which may be below the checkout.
  const path = [process.env['PATH'], dirname(findProgram(client) ?? '')].join(delimiter);
  const env = { PATH: path, HOME: folder.path, TMPDIR: folder.path, ...runtime.env };
  const place = ['--registry', `http://${registry}`, '--root', `node/${target}`];
  const pulled = ['--canary', `${upstream.host}/team/canary:one`, '--canary-with', client];
  const { status, out, err } = await runEgress(folder.path, ['check', ...place, ...pulled], env);
  return { status, out: `${out}${err}` };
}

const clients = [
  ['podman', 'crio', needsProgram('podman')],
  ['crictl', 'containerd', needsDaemon('containerd', 'ctr', 'crictl')],
] as const;

for (const [client, target, needs] of clients) {
  describe(`a canary that ${client} pulls`, needs, () => {
    test('through the private registry, as the generated files lead it, is found in the audit trail', async () => {
      const { status, out } = await checkNode(target, client, true);
      assert.match(out, /team\/canary:one was pulled by anonymous from 127\.0\.0\.1 at /);
      assert.equal(status, 0, out);
    });

    // Half a minute passes until what is not there is given up.
    test('from elsewhere is a way out, whatever the files say', async () => {
      const { status, out } = await checkNode(target, client, false);
      assert.match(out, /team\/canary:one was pulled, and .* knows of no such pull/);
      assert.equal(status, 30, out);
    });
  });
}
