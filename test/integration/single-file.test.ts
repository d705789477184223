import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { after, before, describe } from 'node:test';
import { hashSync } from 'bcryptjs';
import { needsArm64, onArm64 } from '../../testing/emulated-arm64.ts';
import { buildImage } from '../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { file } from '../../testing/image/tar-writer.ts';
import { pushBuilt } from '../../testing/registry/push-built.ts';
import { buildExecutables } from '../../tools/executable/build-executables.ts';
import { nodeVersion, ownTarget, type Target } from '../../tools/executable/nodes.ts';
import { neededLibraries } from '../../tools/container-image/libraries.ts';
import { assertSameAnswers, noSpecialFiles } from './same-answers.ts';
import { appLayer, baseLayer, idsIn, openWorkplace, sampleFindings, type Workplace } from '../end-to-end/sample.ts';

const root = join(import.meta.dirname, '..', '..');
const nodes = join(root, '.cache', 'nodes');
const own = ownTarget();

/** What is built and run: the file of this machine, and that of 64-bit ARM by emulation where it is another. */
const tried: readonly { readonly target: Target; readonly isEmulated: boolean; readonly skip: string | false }[] = [
  { target: own ?? 'linux-x64', isEmulated: false, skip: own === undefined ? 'there is none for this machine' : false },
  ...(own === 'linux-arm64' ? [] : [{ target: 'linux-arm64', isEmulated: true, skip: needsArm64().skip } as const]),
];

function needsNodes(...targets: readonly (Target | undefined)[]): string | false {
  const missing = targets.filter((target) => !existsSync(join(nodes, `${target}-${nodeVersion}`)));
  const flags = missing.map((target) => ` --target ${target}`).join('');
  return missing.length > 0 && `the Node for it is not there: node tools/executable.ts --fetch${flags}`;
}

/** Sends the process SIGTERM before the first script of the program runs; what starts anew in its place gets none. */
const signalWhileLoading = `
const { existsSync, writeFileSync } = require('node:fs');
const sea = require('node:sea');
const { getAsset } = sea;
sea.getAsset = (name, ...more) => {
  if (name === 'cli/main.cjs' && !existsSync(process.env.SIGNALLED)) {
    writeFileSync(process.env.SIGNALLED, '');
    process.kill(process.pid, 'SIGTERM');
  }
  return getAsset(name, ...more);
};`;

/** A first process can be had where namespaces can, and is one of the emulator's where that is needed. */
function unlessEmulated(isEmulated: boolean): { readonly skip: string | false } {
  if (isEmulated) return { skip: 'the emulator would be the first process' };
  return { skip: spawnSync('unshare', ['--fork', '--pid', 'true']).status !== 0 && 'no way to be the first process' };
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

for (const { target, isEmulated, skip } of tried) {
  describe(`the single file for ${target}`, { skip: skip || needsNodes(own, target), concurrency: 1 }, () => {
    let program: string;
    let place: Workplace;
    let out: string;
    let env: Readonly<Record<string, string>>;
    // Layers of this size are read by threads.
    const image = buildImage({
      layers: [baseLayer, [...appLayer, file('srv/data', randomBytes(5 * 2 ** 20))]].map((tar) => ({
        tar,
        compression: 'gzip' as const,
      })),
    });

    before(async () => {
      out = mkdtempSync(join(tmpdir(), 'single-file-'));
      [program = ''] = await buildExecutables({ root, targets: [target], out, nodes });
      place = await openWorkplace();
      mkdirSync(join(place.path, 'xdg'));
      // Nothing on the path: neither Node nor the program is to be found there.
      env = { ...place.env, PATH: '/nowhere', XDG_CACHE_HOME: join(place.path, 'xdg'), COSIGN_PASSWORD: 'x' };
    });
    after(() => {
      place[Symbol.dispose]();
      rmSync(out, { recursive: true });
    });

    const start = (args: readonly string[]) => {
      const command = isEmulated ? onArm64(program, args) : { file: program, args };
      return spawn(command.file, command.args, {
        cwd: place.path,
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
        timeout: 120_000,
      });
    };
    const run = (...args: readonly string[]): Promise<Ended> =>
      new Promise((resolve, reject) => {
        const child = start(args);
        let [stdout, stderr] = ['', ''];
        child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
        child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
        child.on('error', reject).on('close', (status) => resolve({ status, stdout, stderr }));
      });

    test('says its version, and keeps what V8 made of it', async () => {
      const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
      const kept = join(place.path, 'xdg', 'seaworthy', 'compiled', 'single-file');
      for (const _ of [1, 2]) {
        assert.deepEqual(await run('--version'), { status: 0, stdout: `${version}\n`, stderr: '' });
        const [name = ''] = readdirSync(kept);
        assert.match(name, /^[0-9a-f]{32}-any$/);
        // What is damaged, and what somebody else made, is not run.
        writeFileSync(join(kept, name), 'damaged');
      }
      assert.equal((await run('--version')).status, 0);
      const [name = ''] = readdirSync(kept);
      assert.ok(statSync(join(kept, name)).size > 1000);
    });

    test('has nothing in it of the folder that it was built in', () => {
      const bytes = readFileSync(program);
      for (const name of [out, basename(out), '.work-']) assert.ok(!bytes.includes(name), name);
    });

    test('needs no other libraries than the documents name', { skip: process.platform !== 'linux' }, () => {
      const page = readFileSync(join(root, 'docs', 'install.md'), 'utf8');
      const [, named = ''] = /^\| a single file +\|(.+)\|$/m.exec(page) ?? [];
      // The rest is glibc itself.
      const others = neededLibraries(readFileSync(program)).filter(
        (name) => !/^(?:ld-linux.*|lib(?:c|dl|m|pthread))\.so\./.test(name),
      );
      assert.deepEqual(others.toSorted(), ['libatomic.so.1', 'libgcc_s.so.1', 'libstdc++.so.6']);
      for (const name of others) assert.ok(named.includes(name.replace(/\.so\..*/, '')), `${name} is not in ${named}`);
    });

    test('ends with 2 and a sentence on a wrong command line', async () => {
      const { status, stderr } = await run('imag');
      assert.equal(status, 2);
      assert.match(stderr, /Did you mean image/i);
    });

    test(
      'ends at a signal that comes while it loads, as the first process of a container too',
      unlessEmulated(isEmulated),
      async () => {
        const hook = join(place.path, 'hook.cjs');
        writeFileSync(hook, signalWhileLoading);
        const signalled = join(place.path, 'signalled');
        const args = ['--fork', '--pid', '--kill-child', program, 'registry', 'serve', '--listen', '127.0.0.1:0'];
        const child = spawn('/usr/bin/unshare', [...args, '--data', 'early'], {
          cwd: place.path,
          env: { ...env, NODE_OPTIONS: `--require=${hook}`, SIGNALLED: signalled },
          stdio: ['ignore', 'pipe', 'pipe'],
          timeout: 120_000,
          killSignal: 'SIGKILL',
        });
        // Where it was not heard, the server says at which address it is.
        child.stdout.on('data', () => child.kill('SIGKILL'));
        assert.deepEqual(await new Promise((resolve) => child.on('close', (...how) => resolve(how))), [143, null]);
        assert.ok(existsSync(signalled));
      },
    );

    test(
      'answers as its sources do',
      { skip: noSpecialFiles || (isEmulated && 'the emulator is not on its path') },
      async () => {
        await assertSameAnswers(place, [program]);
      },
    );

    test('scans an image with threads', async () => {
      writeFiles(join(place.path, 'layout'), layoutFiles([{ content: image }]));
      for (const _ of [1, 2]) {
        const { status, stdout, stderr } = await run(
          'image',
          'oci-dir:layout',
          '-f',
          'json',
          '--no-cache',
          '--exit-code',
          '9',
        );
        assert.equal(status, 9, stderr);
        assert.deepEqual(idsIn(stdout), sampleFindings);
      }
    });

    test('serves images with processes, which scan in processes of their own, and signs and verifies them', async () => {
      writeFileSync(join(place.path, 'users'), `sailor:${hashSync('hold-fast', 4)}\n`);
      writeFileSync(
        join(place.path, 'seaworthy.yaml'),
        `
registry:
  listen: 127.0.0.1:0
  data: ${place.path}/data
  workers: 2
  auth: { htpasswd: users }
  permissions: [{ repositories: ["**"], actions: ["*"], to: [user:sailor] }]
  scanning: { enabled: true }
`,
      );
      const child = start(['registry', 'serve', '--config', 'seaworthy.yaml']);
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
      const over = new Promise((resolve) => child.on('close', resolve));
      try {
        const url = await new Promise<string>((resolve, reject) => {
          createInterface(child.stdout).once('line', resolve);
          void over.then(() => reject(new Error(said)));
        });
        const authorization = `Basic ${Buffer.from('sailor:hold-fast').toString('base64')}`;
        const ask = async (method: string, path: string, { body, headers = {} }: AskOptions = {}) => {
          const answer = await fetch(new URL(path, url), {
            method,
            headers: { authorization, ...headers },
            ...(body === undefined ? {} : { body: new Uint8Array(body) }),
          });
          return { status: answer.status, body: await answer.text() };
        };
        await pushBuilt({ ask } as unknown as Parameters<typeof pushBuilt>[0], 'team/app', 'v1', image);
        assert.equal(childrenOf(child.pid as number).length >= 2, true);

        const { host } = new URL(url);
        mkdirSync(join(place.path, 'home', '.docker'), { recursive: true });
        const auths = { [host]: { auth: authorization.slice('Basic '.length) } };
        writeFileSync(join(place.path, 'home', '.docker', 'config.json'), JSON.stringify({ auths }));

        await eventually(async () => {
          const { status, stdout, stderr } = await run(
            'triage',
            'CVE-2024-0003',
            '--registry',
            host,
            '--plain-http',
            host,
          );
          assert.equal(status, 1, `${stdout}${stderr}${said}`);
          assert.match(stdout, /team\/app/);
        });

        for (const key of ['one', 'other']) {
          const made = await run('generate-key-pair', '--output-key-prefix', key);
          assert.equal(made.status, 0, made.stderr);
        }
        const reference = `${host}/team/app@${image.descriptor.digest}`;
        const plain = ['--plain-http', host];
        const signed = await run('sign', '--key', 'one.key', '--tlog-upload=false', ...plain, reference);
        assert.equal(signed.status, 0, signed.stderr);
        for (const [key, expected] of [
          ['one', 0],
          ['one', 0],
          ['other', 12],
        ] as const) {
          const { status, stderr } = await run(
            'verify',
            '--key',
            `${key}.pub`,
            '--insecure-ignore-tlog',
            ...plain,
            reference,
          );
          assert.equal(status, expected, stderr);
        }
      } finally {
        child.kill('SIGTERM');
        assert.equal(await over, 143, said);
      }
    });
  });
}

interface AskOptions {
  readonly body?: Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

function childrenOf(pid: number): readonly number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** Until it holds, for a minute at most. */
async function eventually(holds: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await holds();
    } catch (error) {
      if (tries === 120) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}
