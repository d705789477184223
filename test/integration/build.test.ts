import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { promisify } from 'node:util';
import { needsUnpacking, unpackImage } from '../../testing/daemon/unpacked-image.ts';
import { needsDaemon } from '../../testing/daemon/daemon-process.ts';
import { daemonPrograms, startRealDaemon } from '../../testing/daemon/real-daemon.ts';
import { findProgram, needsProgram } from '../../testing/registry/find-program.ts';
import { startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { openWorkplace } from '../end-to-end/sample.ts';

const run = promisify(execFile);
const place = await openWorkplace();
after(() => place[Symbol.dispose]());

/** What the images here are made of: a program that needs nothing beside it, where there is one, and names that are hard. */
for (const folder of ['src/größe', `src/${'long/'.repeat(40)}`])
  mkdirSync(join(place.path, folder), { recursive: true });
place.write('src/hello', 'ahoy\n');
place.write('src/größe/日本語', 'x');
place.write(`src/${'long/'.repeat(40)}file`, 'y');
const flags = ['--add', 'src:/srv', '--mkdir', '/tmp:mode=1777', '--user', '65532:65532'];
const hello = ['--entrypoint', '["/bin/busybox","cat","/srv/hello"]'];

async function build(...more: readonly string[]): Promise<string> {
  const built = await place.run(['build', ...flags, ...hello, ...more]);
  assert.equal(built.status, 0, built.stderr);
  return built.stdout.trim();
}

async function client(name: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(findProgram(name) as string, args, { cwd: place.path, timeout: 60_000 });
  return stdout;
}

const skopeo = needsProgram('skopeo');

test('skopeo reads what build writes, and copies it byte by byte', skopeo, async () => {
  const digest = await build(
    '-o',
    'oci-dir:sk',
    '-o',
    'oci-archive:sk.tar',
    '-o',
    'docker-archive:skd.tar',
    '--tag',
    'example.com/app:1',
  );
  for (const source of ['oci:sk:1', 'oci-archive:sk.tar:1']) {
    const raw = await client('skopeo', 'inspect', '--format', '{{.Digest}}', source);
    assert.equal(raw.trim(), digest);
    await client('skopeo', '--insecure-policy', 'copy', '--preserve-digests', source, 'dir:copied');
    rmSync(join(place.path, 'copied'), { recursive: true });
  }
  // This unpacks the layers.
  for (const compression of ['gzip', 'zstd', 'none']) {
    await build('-o', `oci-dir:${compression}`, '--compression', compression);
    await client(
      'skopeo',
      '--insecure-policy',
      'copy',
      '--dest-decompress',
      `oci:${compression}`,
      `dir:plain-${compression}`,
    );
  }
  await client('skopeo', '--insecure-policy', 'copy', 'docker-archive:skd.tar:example.com/app:1', 'oci:copied:1');
});

test('crane finds what build pushes whole, an index of two platforms too', needsProgram('crane'), async () => {
  await using registry = await startOwnRegistry();
  for (const [name, more] of [
    ['one', []],
    ['both', ['--platform', 'linux/amd64,linux/arm64']],
  ] as const) {
    const image = `${registry.host}/team/${name}:1`;
    const digest = await build('--push', image, ...more);
    await client('crane', 'validate', '--insecure', '--remote', image);
    assert.equal(
      `${registry.host}/team/${name}@${(await client('crane', 'digest', '--insecure', image)).trim()}`,
      digest,
    );
  }
  const image = `${registry.host}/team/child:1`;
  await build('--from', `${registry.host}/team/both:1`, '--platform', 'linux/arm64', '--push', image);
  await client('crane', 'validate', '--insecure', '--remote', image);
  const config = JSON.parse(await client('crane', 'config', '--insecure', image)) as { architecture: string };
  assert.equal(config.architecture, 'arm64');
});

test('umoci unpacks what build writes, with the modes that were told', needsProgram('umoci'), async () => {
  await build('-o', 'oci-dir:um', '--tag', '1');
  await client('umoci', 'unpack', '--rootless', '--image', 'um:1', 'bundle');
  assert.equal(readFileSync(join(place.path, 'bundle/rootfs/srv/größe/日本語'), 'utf8'), 'x');
  const { stdout } = await run('stat', ['-c', '%a', join(place.path, 'bundle/rootfs/tmp')]);
  assert.equal(stdout.trim(), '1777');
});

for (const kind of ['docker', 'podman'] as const) {
  test(`${kind} loads what build writes`, needsDaemon(daemonPrograms[kind]), async (context) => {
    await using daemon = await startRealDaemon(kind).catch((error: Error) => {
      context.skip(error.message);
      return undefined;
    });
    if (daemon === undefined) return;
    await build('-o', `docker-archive:${kind}.tar`, '--tag', 'localhost/team/app:1');
    await daemon.load(readFileSync(join(place.path, `${kind}.tar`)));
    const env = kind === 'docker' ? { DOCKER_HOST: daemon.host } : { CONTAINER_HOST: daemon.host };
    const asked = await place.run(['image', `${kind}:localhost/team/app:1`, '--no-cache'], { env });
    assert.equal(asked.status, 0, asked.stderr);
  });
}

const busybox = findProgram('busybox');
const canRun = busybox === undefined ? needsProgram('busybox') : needsUnpacking();

test('a program in an image of build runs where podman unpacked it, as the user that was told', canRun, async () => {
  await build(
    '--add',
    `${realpathSync(busybox ?? '')}:/bin/busybox`,
    '-o',
    'docker-archive:run.tar',
    '--tag',
    'localhost/run:1',
  );
  await using image = await unpackImage(join(place.path, 'run.tar'), 'localhost/run:1');
  assert.equal(await image.run('65532:65532', '/bin/busybox', 'cat', '/srv/hello'), 'ahoy\n');
  assert.equal(await image.run('65532:65532', '/bin/busybox', 'touch', '/tmp/own'), '');
  await assert.rejects(image.run('65532:65532', '/bin/busybox', 'touch', '/srv/hello'), /Permission denied/);
});
