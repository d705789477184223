import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import { silentProgress } from '../../src/base/progress.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { openRegistryImage } from '../../src/oci/client/open-registry-image.ts';
import type { Image } from '../../src/oci/image.ts';
import { openLocalImage } from '../../src/oci/open-local.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { readImageInventory } from '../../src/scan/image-inventory.ts';
import { LayerPool } from '../../src/scan/layer-pool.ts';
import { skipNothing } from '../../src/scan/skip-rules.ts';
import { buildImage, type BuiltImage, type LayerCompression } from '../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { file, whiteout } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { apkDatabase, npmPackage, osRelease } from '../../testing/package-files.ts';
import { startDockerRegistry } from '../../testing/registry/docker-registry.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';

const run = promisify(execFile);
const defaultPlatform = { os: 'linux', architecture: 'amd64' };
/** An image whose upper layer takes a package away and adds another. */
function imageWith(compression: LayerCompression): BuiltImage {
  const base = [osRelease('alpine', '3.19.1'), apkDatabase({ musl: '1.2.4-r2' }), npmPackage('old', '1.0.0')];
  const top = [npmPackage('new', '2.0.0'), whiteout('app/node_modules/old'), file('opt/x', 'x')];
  return buildImage({ layers: [{ tar: base }, { tar: top, compression }] });
}

async function packagesOf(opened: Image): Promise<string[]> {
  await using open = opened;
  await using pool = new LayerPool(1);
  const signal = new AbortController().signal;
  const { packages, problems } = await readImageInventory(open, {
    runner: pool,
    skip: skipNothing,
    progress: silentProgress,
    signal,
  });
  assert.deepEqual(problems, []);
  return packages.map(({ purl, locations }) => `${purl} ${locations[0]?.path} ${locations[0]?.layer?.diffId}`);
}

/** How each client brings the layout `FOLDER:tag` into a registry. */
const pushes: Readonly<Record<string, (layout: string, target: string) => readonly string[]>> = {
  skopeo: (layout, target) => [
    'copy',
    '--insecure-policy',
    '--dest-tls-verify=false',
    `oci:${layout}:1`,
    `docker://${target}`,
  ],
  crane: (layout, target) => ['push', layout, target, '--insecure'],
  oras: (layout, target) => ['cp', '--from-oci-layout', `${layout}:1`, target, '--to-plain-http'],
};

for (const [client, args] of Object.entries(pushes)) {
  test(
    `what ${client} pushes to docker-registry is listed as in the layout`,
    needsProgram(client, 'docker-registry'),
    async () => {
      using folder = temporaryDirectory();
      const layout = join(folder.path, 'layout');
      writeFiles(layout, layoutFiles([{ content: imageWith('zstd'), refName: '1' }]));
      const expected = await packagesOf(await openLocalImage(layout, { defaultPlatform }));
      assert.ok(expected.length >= 2 && !expected.some((line) => line.includes('/old@')), expected.join('\n'));
      await using registry = await startDockerRegistry();
      const target = `${registry.host}/team/${client}:1`;
      await run(findProgram(client) as string, [...args(layout, target)]);
      await using network = openNetwork();
      assert.deepEqual(
        await packagesOf(await openRegistryImage(network, parseReference(target), { defaultPlatform })),
        expected,
      );
    },
  );
}

/** Forms that skopeo writes. Docker's archive knows no zstd, and holds layers unpacked. */
const forms = { oci: 'zstd', 'oci-archive': 'zstd', 'docker-archive': 'gzip' } as const;

for (const [form, compression] of Object.entries(forms)) {
  test(`what skopeo writes as ${form} is listed as in the layout`, needsProgram('skopeo'), async () => {
    using folder = temporaryDirectory();
    const layout = join(folder.path, 'layout');
    const written = join(folder.path, 'written');
    writeFiles(layout, layoutFiles([{ content: imageWith(compression), refName: '1' }]));
    const expected = await packagesOf(await openLocalImage(layout, { defaultPlatform }));
    const name = form === 'docker-archive' ? 'team/app:1' : '1';
    await run(findProgram('skopeo') as string, [
      'copy',
      '--insecure-policy',
      `oci:${layout}:1`,
      `${form}:${written}:${name}`,
    ]);
    assert.deepEqual(await packagesOf(await openLocalImage(written, { defaultPlatform })), expected);
  });
}
