import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runEgress } from '../../testing/egress/run-egress.ts';
import { buildImage } from '../../testing/image/image-builder.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { store } from '../../testing/registry/check-layout.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { serviceConfig, startOwnService } from '../../testing/registry/own-service.ts';

const canary = buildImage({ layers: [{ tar: [file('etc/os-release', 'ID=test\n')] }] });

/** What is said of a node that is written by `egress generate`, whose podman pulls a canary. */
async function checkNode({ isLed }: { readonly isLed: boolean }): Promise<{ status: number | undefined; out: string }> {
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
  const direct = folder.write('direct.conf', `[[registry]]\nlocation = "${upstream.host}"\ninsecure = true\n`);
  const storage = `driver = "vfs"\ngraphroot = "${folder.path}/storage"\nrunroot = "${folder.path}/run"\n`;
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder.path,
    TMPDIR: folder.path,
    CONTAINERS_REGISTRIES_CONF: isLed
      ? `${folder.path}/node/crio/etc/containers/registries.conf.d/zz-seaworthy.conf`
      : direct,
    CONTAINERS_STORAGE_CONF: folder.write('storage.conf', `[storage]\n${storage}`),
  };
  const written = await runEgress(folder.path, ['generate', '--target', 'crio', '--output', 'node']);
  assert.equal(written.status, 0, written.err);
  const place = ['--registry', `http://${registry}`, '--root', 'node/crio'];
  const pulled = ['--canary', `${upstream.host}/team/canary:one`, '--canary-with', 'podman'];
  const { status, out, err } = await runEgress(folder.path, ['check', ...place, ...pulled], env);
  return { status, out: `${out}${err}` };
}

describe('a canary that podman pulls', needsProgram('podman'), () => {
  test('through the private registry, as the generated files lead it, is found in the audit trail', async () => {
    const { status, out } = await checkNode({ isLed: true });
    assert.match(out, /team\/canary:one was pulled by anonymous from 127\.0\.0\.1 at /);
    assert.equal(status, 0, out);
  });

  // Half a minute passes until what is not there is given up.
  test('from elsewhere is a way out, whatever the files say', async () => {
    const { status, out } = await checkNode({ isLed: false });
    assert.match(out, /team\/canary:one was pulled, and .* knows of no such pull/);
    assert.equal(status, 30, out);
  });
});
