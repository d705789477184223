import assert from 'node:assert/strict';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type TemporaryDirectory, temporaryDirectory } from '../../testing/image/temporary-directory.ts';

const run = promisify(execFile);
const child = join(import.meta.dirname, 'whole-chain-child.ts');

/** A run of the chain on a machine where everything that it may touch is in one folder. */
interface ChainRun {
  readonly process: ChildProcess;
  readonly said: () => string;
  readonly complained: () => string;
  readonly status: Promise<number | null>;
}

function startChain(
  machine: TemporaryDirectory,
  args: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): ChainRun {
  for (const name of ['home', 'tmp']) mkdirSync(join(machine.path, name), { recursive: true });
  const env = {
    PATH: process.env['PATH'],
    HOME: join(machine.path, 'home'),
    TMPDIR: join(machine.path, 'tmp'),
    // What a user's shell may have set, and what would lead the chain astray.
    SEAWORTHY_OFFLINE: 'true',
    SEAWORTHY_CACHE_DIR: join(machine.path, 'home', 'mine'),
    COSIGN_REPOSITORY: 'registry.test/mine',
    HTTP_PROXY: 'http://127.0.0.1:9',
    DOCKER_CONFIG: '/nowhere',
    ...more,
  };
  const running = spawn(process.execPath, [child, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const texts = { out: '', err: '' };
  running.stdout.setEncoding('utf8').on('data', (text: string) => void (texts.out += text));
  running.stderr.setEncoding('utf8').on('data', (text: string) => void (texts.err += text));
  const status = once(running, 'close').then(([code]) => code as number | null);
  return { process: running, said: () => texts.out, complained: () => texts.err, status };
}

/** What still runs with anything of the machine's folder. */
async function processesOf(machine: TemporaryDirectory): Promise<readonly string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid,args'], { maxBuffer: 16 << 20 });
  return stdout.split('\n').filter((line) => line.includes(machine.path));
}

async function assertNothingLeft(machine: TemporaryDirectory): Promise<void> {
  assert.deepEqual(await processesOf(machine), []);
  for (const name of ['home', 'tmp']) assert.deepEqual(readdirSync(join(machine.path, name)), [], name);
}

/** What was said between a command that has these words and the next one. */
function outputOf(said: string, command: string): string {
  const at = said.split('\n$ ').filter((part) => part.split('\n', 1)[0]?.includes(command));
  assert.equal(at.length, 1, `${command} in:\n${said}`);
  return at[0] as string;
}

describe('the whole chain', { concurrency: true }, () => {
  test('each step does what it shows, and nothing is left', { timeout: 280_000 }, async () => {
    using machine = temporaryDirectory();
    const chain = startChain(machine);
    const status = await chain.status;
    const said = chain.said();
    assert.equal(status, 0, `${said}\n${chain.complained()}`);
    assert.equal(chain.complained(), '');
    assert.deepEqual(
      [...said.matchAll(/^━━ (\d)\./gm)].map(([, number]) => Number(number)),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );

    assert.match(outputOf(said, 'image --input'), /minimist +CVE-2021-44906 +CRITICAL/);
    const red = outputOf(said, 'app:1.0 oci-dir:');
    assert.match(red, /violated +CVE-2021-44906 in minimist 1\.2\.5[^]*Denied\n +→ exit status 40/);
    assert.match(outputOf(said, 'app:1.1 oci-dir:'), /passed[^]*Allowed\n +→ exit status 0/);
    assert.match(outputOf(said, ' sbom '), /lists pkg:npm\/lodash@4\.17\.21, pkg:npm\/minimist@1\.2\.8/);

    const [, digest = ''] =
      /shop\/app@(sha256:[0-9a-f]{64})/.exec(outputOf(said, '$W/app-1.1:/srv/app --user 65532:65532 --push')) ?? [];
    assert.match(outputOf(said, ' -o oci-dir:$W/image-1.1'), new RegExp(digest));
    assert.match(outputOf(said, ' verify --key'), new RegExp(`${digest}\\): 1 signature holds`));
    assert.match(outputOf(said, ' verify-attestation '), /1 attestation holds/);

    const admitted = outputOf(said, 'review-signed.json');
    assert.match(admitted, /allowed: true/);
    const pinned = `"path":"/spec/containers/0/image","value":"[^"]+/shop/app:1\\.1@${digest}"`;
    assert.match(admitted, new RegExp(`"op":"replace",${pinned}`));
    assert.match(
      outputOf(said, 'review-unsigned.json'),
      /allowed: false[^]*shop\/app:unsigned: [^]*no signatures found/,
    );

    const stopped = outputOf(said, '/hub/tools:1.0');
    assert.match(stopped, /DENIED[^]*answered 403[^]*CVE-2021-44906 in minimist 1\.2\.5[^]*fixed in 1\.2\.6/);
    assert.match(stopped, /→ exit status 14/);
    assert.match(outputOf(said, '/hub/tools:1.1'), /Saved sha256:/);
    assert.match(outputOf(said, ' triage '), /→ exit status 1[^]*→ hub\/tools:1\.0\n +→ shop\/app:1\.0\n/);
    await assertNothingLeft(machine);
  });

  test(
    '--keep leaves the servers up, and says how to look at them and how to end them',
    { timeout: 280_000 },
    async () => {
      using machine = temporaryDirectory();
      const chain = startChain(machine, ['--keep']);
      assert.equal(await chain.status, 0, `${chain.said()}\n${chain.complained()}`);
      const [, left = ''] = chain.said().split('The servers are left up:');
      const pids = [...left.matchAll(/ process (\d+), log /g)].map(([, pid]) => Number(pid));
      const [, prelude = '', looks = ''] = /with:\n\n((?: {2}export .+\n)+)\n((?: {2}\S.+\n)+)/.exec(left) ?? [];
      const [, end = ''] = /all that they have:\n\n([^]+)$/.exec(left) ?? [];
      try {
        assert.equal(pids.length, 3, left);
        const cwd = join(import.meta.dirname, '..', '..');
        const env = { PATH: process.env['PATH'], HOME: join(machine.path, 'home'), NODE_DISABLE_COMPILE_CACHE: '1' };
        for (const look of looks.trim().split('\n')) {
          // `triage` ends with 1 where images are hit.
          const { stdout } = await run('sh', ['-c', `${prelude}\n${look} || [ $? = 1 ]`], { cwd, env });
          assert.match(stdout, /shop\/app/, look);
        }
      } finally {
        await run('sh', ['-c', end]);
      }
      await assertNothingLeft(machine);
    },
  );

  for (const [signal, status, moment] of [
    ['SIGINT', 130, /registry serve --config .+\n +http/],
    ['SIGTERM', 143, /^\$ .+ build /m],
  ] as const) {
    test(`${signal} ends everything`, { timeout: 280_000 }, async () => {
      using machine = temporaryDirectory();
      const chain = startChain(machine);
      while (!moment.test(chain.said())) {
        await Promise.race([sleep(50), chain.status.then((early) => assert.fail(`${early}: ${chain.complained()}`))]);
      }
      chain.process.kill(signal);
      await sleep(20);
      chain.process.kill(signal);
      assert.equal(await chain.status, status);
      assert.equal(chain.complained(), '');
      await assertNothingLeft(machine);
    });
  }

  for (const [signal, expected] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`${signal} while npm fetches ends that at once, and nothing is left`, async () => {
      using machine = temporaryDirectory();
      // An npm that has begun to write, and would go on for a minute whatever it is told.
      const npm = machine.write(
        'npm-cli.js',
        `const { writeFileSync } = require('node:fs');
        const folder = process.argv[process.argv.indexOf('--pack-destination') + 1];
        writeFileSync(folder + '/part.tgz', 'x');
        for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => {});
        setTimeout(() => {}, 60_000);
        writeFileSync(${JSON.stringify(join(machine.path, 'begun'))}, '');`,
      );
      const chain = startChain(machine, ['--npm'], { npm_execpath: npm });
      while (!readdirSync(machine.path).includes('begun')) {
        await Promise.race([sleep(20), chain.status.then((early) => assert.fail(`${early}: ${chain.complained()}`))]);
      }
      const began = performance.now();
      chain.process.kill(signal);
      assert.equal(await chain.status, expected);
      assert.ok(performance.now() - began < 10_000);
      assert.equal(chain.complained(), '');
      await assertNothingLeft(machine);
    });
  }

  test('a step that fails is named with what was said, and nothing is left', async () => {
    using machine = temporaryDirectory();
    const chain = startChain(machine, ['--broken']);
    assert.equal(await chain.status, 1);
    const complaint =
      /^\nStep 2 \("Gate it [^"]+"\) failed: ".+policy check.+" ended with status 40, not 0\n[^]*CVE-2021-44906/;
    assert.match(chain.complained(), complaint);
    await assertNothingLeft(machine);
  });

  test('what is no flag of it is answered with how it is used', async () => {
    using machine = temporaryDirectory();
    const chain = startChain(machine, ['--kept']);
    assert.equal(await chain.status, 2);
    assert.match(chain.complained(), /^Usage: npm start/);
    await assertNothingLeft(machine);
  });
});
