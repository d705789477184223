import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import { silentProgress } from '../../src/base/progress.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { openRegistryImage } from '../../src/oci/client/open-registry-image.ts';
import { parseReference } from '../../src/oci/reference.ts';
import { readImageInventory } from '../../src/scan/image-inventory.ts';
import { LayerPool } from '../../src/scan/layer-pool.ts';
import { skipNothing } from '../../src/scan/skip-rules.ts';
import { readPromises } from '../../src/scan/table/promise.ts';
import { startBuildkit } from '../../testing/daemon/buildkit.ts';
import { needsDaemon } from '../../testing/daemon/daemon-process.ts';
import { buildImage } from '../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { directory, file, hardlink, opaque, symlink, whiteout } from '../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { npmPackage } from '../../testing/package-files.ts';
import { store } from '../../testing/registry/check-layout.ts';
import { openClientHome } from '../../testing/registry/client-programs.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { findSkopeo, needsSkopeo } from '../../testing/skopeo.ts';

/*
 * What real builders write for runtimes that load layers lazily says the same as its tar, or nobody could use a gate with them.
 */

/** Bytes that no compression makes smaller, in more than one piece of any builder's. */
const noise = Buffer.concat(Array.from({ length: 150_000 }, (_, at) => createHash('sha512').update(`${at}`).digest()));

const image = buildImage({
  layers: [
    {
      tar: [
        directory('./'),
        directory('usr/'),
        file('usr/noise', noise, { mode: 0o4755 }),
        file('empty'),
        file('zeros', Buffer.alloc(3_000_000)),
        symlink('lib', 'usr/lib'),
        hardlink('usr/same', 'usr/noise'),
        { name: 'dev/null', type: 'char', device: [1, 3] },
        { name: 'pipe', type: 'fifo' },
        file(`é/${'long'.repeat(60)}`, 'x'),
        file('gnu/'.padEnd(180, 'n'), 'x', { dialect: 'gnu' }),
        file('attributes', 'x', { pax: { 'SCHILY.xattr.user.x': 'y' } }),
        file('/absolute/file', 'x'),
        file('./dot/file', 'x'),
        npmPackage('left-pad', '1.3.0'),
      ],
    },
    { tar: [whiteout('usr/same'), opaque('dot'), symlink('two', '/usr/../one')] },
    { tar: [] },
  ],
});

/** Reads an image of a registry; all its layers must promise a table, and be read whole. */
async function expectAgreement(host: string, reference: string, layers: number): Promise<void> {
  await using network = openNetwork();
  const options = { defaultPlatform: { os: 'linux', architecture: 'amd64' } };
  await using opened = await openRegistryImage(network, parseReference(`${host}/${reference}`), options);
  const promises = opened.layers.map(({ descriptor }) => readPromises(descriptor?.annotations ?? {}));
  assert.deepEqual(
    promises.map(({ kept, broken }) => [kept.length, broken.length]),
    Array.from({ length: layers }, () => [1, 0]),
  );
  await using pool = new LayerPool(1);
  const { signal } = new AbortController();
  const inventory = await readImageInventory(opened, {
    runner: pool,
    skip: skipNothing,
    progress: silentProgress,
    signal,
  });
  assert.deepEqual(inventory.problems, []);
  assert.deepEqual(
    inventory.packages.map(({ name }) => name),
    ['left-pad'],
  );
}

describe('zstd:chunked', () => {
  test('skopeo writes tables that say what its tars say', needsProgram('skopeo'), async () => {
    await using own = await startOwnRegistry();
    using home = openClientHome();
    writeFiles(home.path('layout'), layoutFiles([{ content: image, refName: '1' }]));
    const copy = ['copy', '--insecure-policy', '--dest-tls-verify=false', '--dest-compress-format', 'zstd:chunked'];
    await home.run('skopeo', ...copy, `oci:${home.path('layout')}:1`, `docker://${own.host}/app:1`);
    await expectAgreement(own.host, 'app:1', 3);
  });

  test('a newer skopeo does, and names them otherwise', needsSkopeo(), async () => {
    await using own = await startOwnRegistry();
    using folder = temporaryDirectory();
    writeFiles(`${folder.path}/layout`, layoutFiles([{ content: image, refName: '1' }]));
    const copy = ['copy', '--insecure-policy', '--dest-tls-verify=false', '--dest-compress-format', 'zstd:chunked'];
    await findSkopeo()?.run(folder.path, ...copy, `oci:${folder.path}/layout:1`, `docker://${own.host}/app:1`);
    await expectAgreement(own.host, 'app:1', 3);
  });

  for (const program of ['podman', 'buildah']) {
    test(`${program} pushes tables that say what its tars say`, needsProgram(program), async () => {
      // Into another one than it came from, which has its layers already.
      await using from = await startOwnRegistry();
      await using own = await startOwnRegistry();
      using home = openClientHome();
      await store(from, 'app', '1', image);
      await home.run(program, 'pull', '--tls-verify=false', `${from.host}/app:1`);
      const push = ['push', '--tls-verify=false', '--format', 'oci', '--compression-format', 'zstd:chunked'];
      await home.run(program, ...push, image.config.digest, `docker://${own.host}/app:1`);
      await expectAgreement(own.host, 'app:1', 3);
    });
  }
});

describe('eStargz', () => {
  test('BuildKit builds tables that say what its tars say', needsDaemon('buildkitd', 'buildctl'), async () => {
    await using own = await startOwnRegistry();
    await using builder = await startBuildkit({ [own.host]: 'http = true' });
    const { name, body = '' } = npmPackage('left-pad', '1.3.0');
    const links = 'FROM scratch\nCOPY . /usr\nCOPY noise /usr/noise2\nWORKDIR /empty\n';
    const files = { Dockerfile: Buffer.from(links), noise, empty: Buffer.alloc(0), [name]: Buffer.from(body) };
    writeFiles(builder.home.path('context'), new Map(Object.entries(files)));
    const how = 'push=true,compression=estargz,force-compression=true,oci-mediatypes=true';
    await builder.build(builder.home.path('context'), '--output', `type=image,name=${own.host}/app:1,${how}`);
    await expectAgreement(own.host, 'app:1', 3);
  });
});
