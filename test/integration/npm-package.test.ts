import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { findPrograms, needsProgram } from '../../testing/registry/find-program.ts';
import { assertSameAnswers, noSpecialFiles } from './same-answers.ts';
import { idsIn, openWorkplace, sampleFindings, sampleImage, type Workplace } from '../end-to-end/sample.ts';

const root = join(import.meta.dirname, '..', '..');
const dist = join(root, 'dist');
const skip = existsSync(join(dist, 'cli/main.js'))
  ? needsProgram('npm', 'npx').skip
  : 'nothing is built yet: "npm run build" does it';

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly man: readonly string[];
}

interface LockEntry {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly peer?: boolean;
  /** Of this package itself: what only a checkout brings. */
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const readJson = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest;

describe('the npm package', { skip, concurrency: 1 }, () => {
  let place: Workplace;
  let archive: string;
  let env: NodeJS.ProcessEnv;
  let home: string;
  const run = (program: string, ...args: readonly string[]) =>
    spawnSync(program, args, { cwd: home, env, encoding: 'utf8', timeout: 120_000, maxBuffer: 1 << 26 });

  before(async () => {
    place = await openWorkplace();
    home = join(place.path, 'project');
    mkdirSync(home);
    const own = spawnSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' });
    const path = [dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter);
    env = {
      ...place.env,
      COSIGN_PASSWORD: 'hold-fast',
      PATH: path,
      npm_config_cache: own.stdout.trim(),
      npm_config_update_notifier: 'false',
    };
    const packed = run('npm', 'pack', '--silent', dist);
    assert.equal(packed.status, 0, packed.stderr);
    archive = packed.stdout.trim();
  });
  after(() => place[Symbol.dispose]());

  test('holds what users need, and nothing of the machine that built it', () => {
    const listed = run('tar', '-tzf', archive).stdout.trim().split('\n');
    const tops = new Set(listed.map((path) => path.split('/')[1] ?? ''));
    const expected = ['LICENSE', 'README.md', 'THIRD-PARTY-NOTICES', 'bin', 'cli', 'lib', 'man', 'package.json'];
    assert.deepEqual([...tops].toSorted(), expected);
    assert.deepEqual(
      listed.filter((path) => /\.test\.|\.map$|tsbuildinfo|testdata|(?<!\.d)\.ts$/.test(path)),
      [],
    );
    for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const text = readFileSync(path, 'latin1');
      // Where there is no home of anybody, its name is too common.
      for (const name of [root, homedir()].filter((each) => each.split('/').length > 2)) {
        assert.ok(!text.includes(name), `${path} names ${name}`);
      }
    }
  });

  test('has the licence of each package whose code is in it', () => {
    const notices = readFileSync(join(dist, 'THIRD-PARTY-NOTICES'), 'utf8');
    const bundled = new Set<string>();
    for (const name of readdirSync(join(dist, 'cli')).filter((each) => each.endsWith('.js'))) {
      // What a part was bundled from stands above it.
      for (const [, from = ''] of readFileSync(join(dist, 'cli', name), 'utf8').matchAll(
        /^\/\/(?:#region)? (?:\S*\/)?node_modules\/((?:@[^/\s]+\/)?[^/\s]+)\//gm,
      )) {
        bundled.add(from);
      }
    }
    for (const name of ['fastify', 'avvio', 'pg-protocol', 'fast-uri']) assert.ok(bundled.has(name), name);
    for (const name of bundled) {
      const { version, license } = readJson(join(root, 'node_modules', name, 'package.json'));
      assert.ok(notices.includes(`${name} ${version} (${license})\n\n`), name);
    }
  });

  test('is installed into an empty folder, without scripts and without a network', (context) => {
    writeFileSync(join(home, 'package.json'), JSON.stringify({ dependencies: { seaworthy: `file:${archive}` } }));
    // What a lock file of users would have: this package, and what ours names besides.
    const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, LockEntry>;
    };
    const { optionalDependencies = {} } = packages[''] ?? {};
    const others = Object.entries(packages).filter(
      ([folder, { dev, devOptional, peer }]) =>
        folder !== '' &&
        ![dev, devOptional, peer].includes(true) &&
        !Object.hasOwn(optionalDependencies, folder.slice('node_modules/'.length)),
    );
    const own = {
      ...readJson(join(dist, 'package.json')),
      resolved: `file:${archive}`,
      integrity: `sha512-${createHash('sha512')
        .update(readFileSync(join(home, archive)))
        .digest('base64')}`,
    };
    const locked = {
      '': { dependencies: { seaworthy: `file:${archive}` } },
      'node_modules/seaworthy': own,
      ...Object.fromEntries(others),
    };
    writeFileSync(join(home, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages: locked }));
    const installed = run('npm', 'ci', '--ignore-scripts', '--offline', '--no-audit', '--no-fund');
    if (/ENOTCACHED/.test(installed.stderr)) return context.skip('npm has not kept the packages of this checkout');
    assert.equal(installed.status, 0, installed.stderr);
    assert.doesNotMatch(installed.stderr, /EBADENGINE|deprecated/);
    // What a checkout brings for itself is not brought to users.
    assert.deepEqual(
      readdirSync(join(home, 'node_modules')).filter((name) => /^node-|pkcs11js|typescript/.test(name)),
      [],
    );

    const { version, man } = readJson(join(home, 'node_modules/seaworthy/package.json'));
    const npx = (...args: readonly string[]) => run('npx', '--offline', '--no', '--', 'seaworthy', ...args);
    assert.deepEqual([npx('--version').stdout, npx('--version').status], [`${version}\n`, 0]);
    const completion = npx('completion', 'bash');
    assert.match(completion.stdout, /complete .*seaworthy/);
    assert.equal(spawnSync('bash', ['-n'], { input: completion.stdout }).status, 0);
    assert.ok(man.length > 50);
    for (const page of man) assert.ok(existsSync(join(home, 'node_modules/seaworthy', page)), page);

    writeFiles(join(home, 'layout'), layoutFiles([{ content: sampleImage() }]));
    const scanned = npx('image', 'oci-dir:layout', '-f', 'json', '--exit-code', '9');
    assert.equal(scanned.status, 9, scanned.stderr);
    assert.deepEqual(idsIn(scanned.stdout), sampleFindings);
    writeFileSync(
      join(home, 'use.mjs'),
      "import { parseReference } from 'seaworthy/oci/reference'; console.log(parseReference('alpine:3').repository);",
    );
    assert.equal(run('node', 'use.mjs').stdout, 'library/alpine\n');
  });

  test('verifies once, and says so once, where parts of the program are loaded late', () => {
    run('tar', '-xzf', archive);
    const program = (...args: readonly string[]) => run('node', 'package/bin/seaworthy.js', ...args);
    const made = program('generate-key-pair', '--output-key-prefix', 'once');
    assert.equal(made.status, 0, made.stderr);
    const { status, stdout, stderr } = program(
      'verify',
      '--key',
      'once.pub',
      '--tuf-mirror',
      'http://127.0.0.1:1',
      'x:1',
    );
    assert.deepEqual([status, stdout], [14, '']);
    assert.match(stderr, /^error TRUSTED_ROOT_UNAVAILABLE: [^\n]+\n$/);
  });

  test('answers as its sources do', { skip: noSpecialFiles }, async () => {
    run('tar', '-xzf', archive);
    await assertSameAnswers(place, [process.execPath, join(home, 'package/bin/seaworthy.js')]);
  });

  test('ends with a sentence on a Node that is too old', (context) => {
    const isOld = (node: string): boolean => {
      const [major = 0, minor = 0] = spawnSync(node, ['--version'], { encoding: 'utf8' })
        .stdout.slice(1)
        .split('.')
        .map(Number);
      return major < 24 || (major === 24 && minor < 15);
    };
    const old = findPrograms('node').find(isOld);
    if (old === undefined) return context.skip('there is no older Node on this machine');
    run('tar', '-xzf', archive);
    for (const args of [['--version'], ['image', 'oci-dir:layout'], ['verify', 'x']]) {
      const { status, stdout, stderr } = run(old, 'package/bin/seaworthy.js', ...args);
      assert.deepEqual([status, stdout], [2, '']);
      assert.match(stderr, /^[^\n]*needs Node 24\.15 or newer and this is \d[^\n]*\n$/);
    }
  });
});
