import assert from 'node:assert/strict';
import { chmodSync, chownSync, cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Containers, needsContainers, openContainers } from '../../testing/daemon/containers.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { idsIn, openWorkplace, sampleFindings, sampleImage, type Workplace } from '../end-to-end/sample.ts';
import { buildOwnImage, needsOwnImage } from './own-image.ts';

const name = 'localhost/seaworthy:1';
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};
const skip = needsOwnImage().skip || needsContainers().skip;

/** What the program prints of the processes that it sees, as a script of Node, since the image has no shell. */
const processes = `
const { readdirSync, readFileSync } = require('fs');
console.log(JSON.stringify(readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)).flatMap((pid) => {
  try {
    const [, state, parent] = /\\) (\\w) (\\d+)/.exec(readFileSync('/proc/' + pid + '/stat', 'utf8'));
    return [{ pid: Number(pid), state, parent: Number(parent), command: readFileSync('/proc/' + pid + '/cmdline', 'utf8') }];
  } catch { return []; }
})));`;

interface Process {
  readonly pid: number;
  readonly state: string;
  readonly parent: number;
  readonly command: string;
}

describe('a container of the image of the program', { skip, concurrency: 1 }, () => {
  let place: Workplace;
  let containers: Containers | undefined;
  let obstacle = '';

  before(async () => {
    place = await openWorkplace();
    const build = async (busybox: string, folder: string): Promise<void> => {
      const output = ['-o', `docker-archive:${folder}/probe.tar`, '--tag', 'localhost/probe:1'];
      const built = await place.run(['build', '--add', `${busybox}:/busybox:mode=0755`, ...output]);
      assert.equal(built.status, 0, built.stderr);
    };
    containers = await openContainers(build).catch((error: Error) => {
      obstacle = error.message;
      return undefined;
    });
    if (containers === undefined) return;
    await buildOwnImage(place, '-o', 'docker-archive:own.tar', '--tag', name);
    await containers.load(join(place.path, 'own.tar'));
    writeFiles(join(place.path, 'shared/in'), layoutFiles([{ content: sampleImage() }]));
    cpSync(place.feeds, join(place.path, 'shared/feeds'), { recursive: true });
    for (const folder of ['data', 'cached']) {
      mkdirSync(join(place.path, folder));
      chownSync(join(place.path, folder), 65_532, 65_532);
    }
    chmodSync(place.path, 0o755);
  });
  after(async () => {
    await containers?.[Symbol.asyncDispose]();
    place[Symbol.dispose]();
  });

  /** A folder of the test in the container. */
  const volume = (folder: string, at: string, how = 'ro'): readonly string[] => [
    '--volume',
    `${join(place.path, folder)}:${at}:${how}`,
  ];
  const cache = (): readonly string[] => volume('cached', '/home/nonroot/.cache/seaworthy', 'rw');

  test('says its version, and its help when nothing is asked', async (context) => {
    if (containers === undefined) return context.skip(obstacle);
    assert.deepEqual(await containers.run([], name, '--version'), { status: 0, stdout: `${version}\n`, stderr: '' });
    assert.match((await containers.run([], name)).stdout, /^Usage: seaworthy/);
    assert.equal((await containers.run([], name, 'imag')).status, 2);
  });

  test('lists an image without any folder that can be written to, and scans it with one for the database', async (context) => {
    if (containers === undefined) return context.skip(obstacle);
    const shut = ['--read-only-tmpfs=false', ...volume('shared/in', '/in')];
    const listed = await containers.run(shut, name, 'sbom', 'oci-dir:/in', '-o', 'spdx-json');
    assert.equal(listed.status, 0, listed.stderr);
    assert.match(listed.stdout, /"name": ?"busybox"/);
    const built = await containers.run(
      [...cache(), ...volume('shared/feeds', '/feeds')],
      name,
      'db',
      'build',
      '--from',
      '/feeds',
    );
    assert.equal(built.status, 0, built.stderr);
    const flags = [...cache(), ...volume('shared/in', '/in')];
    const scanned = await containers.run(flags, name, 'image', 'oci-dir:/in', '-f', 'json', '--exit-code', '9');
    assert.equal(scanned.status, 9, scanned.stderr);
    assert.deepEqual(idsIn(scanned.stdout), sampleFindings);
  });

  test('serves as the first process, without rights or zombies, and ends when it is told to', async (context) => {
    if (containers === undefined) return context.skip(obstacle);
    const { podman } = containers;
    place.write(
      'shared/registry.yaml',
      'registry: { listen: 127.0.0.1:5000, data: /data, workers: 2, scanning: { enabled: true } }\n',
    );
    const flags = [...cache(), ...volume('data', '/data', 'rw'), ...volume('shared/registry.yaml', '/registry.yaml')];
    const id = await containers.start(flags, name, 'registry', 'serve', '--config', '/registry.yaml');
    const node = async (script: string): Promise<string> => {
      const { status, stdout, stderr } = await podman('exec', id, '/usr/local/bin/node', '-e', script);
      assert.equal(status, 0, stderr);
      return stdout.trim();
    };
    const listed = async (): Promise<readonly Process[]> => JSON.parse(await node(processes)) as Process[];
    const workers = async (): Promise<readonly Process[]> =>
      (await listed()).filter(({ parent, command }) => parent === 1 && command.includes('registry-worker'));
    const log = async (): Promise<string> => (await podman('logs', id)).stderr;

    const answer =
      "fetch('http://127.0.0.1:5000/v2/').then((answer) => console.log(answer.status), () => console.log(0))";
    await eventually(async () => assert.equal(await node(answer), '200', await log()));
    const rights = await node("console.log(require('fs').readFileSync('/proc/1/status', 'utf8'))");
    assert.match(rights, /^Uid:\t65532\t65532\t65532\t65532$/m);
    for (const set of ['Prm', 'Eff', 'Bnd', 'Amb']) assert.match(rights, new RegExp(`^Cap${set}:\t0+$`, 'm'));
    assert.match(rights, /^NoNewPrivs:\t1$/m);

    const before = await workers();
    assert.equal(before.length, 2);
    const killed = before[0]?.pid as number;
    await node(`process.kill(${killed}, 'SIGKILL')`);
    await eventually(async () => {
      const now = await workers();
      assert.deepEqual([now.length, now.some(({ pid }) => pid === killed)], [2, false]);
    });
    assert.deepEqual(
      (await listed()).filter(({ state }) => state === 'Z'),
      [],
    );
    assert.equal(await node(answer), '200');

    const started = Date.now();
    assert.equal((await podman('stop', '--time', '30', id)).status, 0);
    assert.ok(Date.now() - started < 15_000, 'it waited to be killed');
    assert.equal((await podman('inspect', '--format', '{{.State.ExitCode}}', id)).stdout.trim(), '143', await log());
    assert.match(await log(), /The registry ends/);
  });
});

/** Until it holds, for half a minute at most. */
async function eventually(holds: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await holds();
    } catch (error) {
      if (tries === 60) throw error;
      await sleep(500);
    }
  }
}
