import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, type TestContext } from 'node:test';
import type { DaemonKind } from '../../src/oci/daemon/sockets.ts';
import { needsDaemon } from '../../testing/daemon/daemon-process.ts';
import { daemonPrograms, startRealDaemon, type RealDaemon } from '../../testing/daemon/real-daemon.ts';
import { buildImage } from '../../testing/image/image-builder.ts';
import { dockerArchive } from '../../testing/image/image-files.ts';
import { file, hardlink, symlink, whiteout } from '../../testing/image/tar-writer.ts';
import { npmPackage } from '../../testing/package-files.ts';
import { assertOneError } from '../end-to-end/program.ts';
import { appLayer, baseLayer, openWorkplace, packagesIn } from '../end-to-end/sample.ts';

const place = await openWorkplace();
after(() => place[Symbol.dispose]());

/** Three layers; the last takes a package away, and links to others. */
const image = buildImage({
  layers: [
    { tar: [...baseLayer, npmPackage('old', '1.0.0')] },
    { tar: appLayer },
    {
      tar: [
        whiteout('app/node_modules/old'),
        npmPackage('new', '2.0.0'),
        symlink('srv', 'app'),
        file('opt/a.txt', 'a'),
        hardlink('opt/b.txt', 'opt/a.txt'),
      ],
    },
  ],
  // Podman tells this as the version of the system.
  config: { docker_version: '18.06.1-ce' },
});
const name = 'localhost/team/app:1';
const archive = dockerArchive([{ image, repoTags: [name] }]);
place.write('app.tar', archive);

interface Report {
  readonly Metadata: { readonly ImageID: string; readonly DiffIDs: readonly string[] };
  readonly Results: readonly { readonly Target: string; readonly Packages: readonly { readonly Layer: object }[] }[];
}

/** What must be the same wherever the image comes from: archives and daemons store layers in other forms. */
function comparable(json: string, source: string): unknown {
  const { Metadata, Results } = JSON.parse(
    json.replaceAll(source, 'SOURCE').replaceAll(/"Digest": "sha256:[^"]*",?/g, ''),
  ) as Report;
  return { ImageID: Metadata.ImageID, DiffIDs: Metadata.DiffIDs, Results };
}

async function start(context: TestContext, kind: DaemonKind): Promise<RealDaemon | undefined> {
  try {
    return await startRealDaemon(kind);
  } catch (error) {
    context.skip((error as Error).message);
    return undefined;
  }
}

const addresses = { docker: 'DOCKER_HOST', podman: 'CONTAINER_HOST' } as const;

for (const kind of ['docker', 'podman'] as const) {
  const needed = needsDaemon(daemonPrograms[kind]);
  test(`an image of a real ${kind} is reported as from its archive`, needed, async (context) => {
    await using daemon = await start(context, kind);
    if (daemon === undefined) return;
    await daemon.load(archive);
    const env = { [addresses[kind]]: daemon.host };
    const flags = ['--no-cache', '--list-all-pkgs', '-f', 'json'];
    const saved = await place.run(['image', '--input', 'app.tar', ...flags]);
    const asked = await place.run(['image', `${kind}:${name}`, ...flags], { env });
    assert.equal(saved.status, 0, saved.stderr);
    assert.equal(asked.status, 0, asked.stderr);
    assert.deepEqual(packagesIn(asked.stdout), ['busybox', 'lodash', 'musl', 'new', 'zlib']);
    assert.deepEqual(comparable(asked.stdout, `${kind}:${name}`), comparable(saved.stdout, 'app.tar'));
    const table = await place.run(['image', `${kind}:${image.config.digest}`, '--no-cache'], { env });
    assert.match(table.stdout, / · linux\/amd64 · 5 packages\n/);
    assertOneError(await place.run(['image', `${kind}:nowhere:1`], { env }), 'IMAGE_NOT_FOUND', /nowhere:1/);
    assert.deepEqual(readdirSync(join(place.cache, 'spool')), []);
  });
}
