import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { typedLine, seaworthyLine } from '../examples/whole-chain/command-line.ts';
import { chainEnvironment } from '../examples/whole-chain/environment.ts';
import { recipes, releasesOf } from '../examples/whole-chain/packages.ts';
import { withPackageFolder } from '../examples/whole-chain/package-folder.ts';
import { shorten } from '../examples/whole-chain/shorten.ts';
import { temporaryDirectory } from '../testing/image/temporary-directory.ts';

const posix = { skip: process.platform === 'win32' };

test('typedLine() writes what a shell takes for the same words', posix, () => {
  const word = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', '/', ' ', "'", '"', '$', '`', '\\', '*', '~', '\n', 'é') }),
    fc.constantFrom('/tmp/w', 'oci-dir:/tmp/w/image', "/tmp/w/it's", '/tmp/w/tmp/w', '$W', '/a b'),
  );
  const place = fc.constantFrom('/tmp/w', '/a b');
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 6 }), place, (words, work) => {
      const line = typedLine(['printf', '%s\\0', ...words], { work, platform: 'linux' });
      const said = execFileSync('sh', ['-c', line], { env: { ...process.env, W: work }, encoding: 'utf8' });
      assert.deepEqual(said.split('\0').slice(0, -1), words, line);
    }),
    { numRuns: 60 },
  );
});

test('seaworthyLine() calls the program from the checkout', () => {
  const args = ['sbom', 'oci-dir:/tmp/w/image 1'];
  assert.equal(
    seaworthyLine(args, { work: '/tmp/w', platform: 'linux' }),
    `./bin/seaworthy.js sbom oci-dir:$W'/image 1'`,
  );
  const windows = { work: 'C:\\w', platform: 'win32' } as const;
  assert.equal(seaworthyLine(['sbom', 'C:\\w\\a b'], windows), 'node bin\\seaworthy.js sbom "C:\\w\\a b"');
});

test('shorten() counts what it leaves out', () => {
  for (const [text, shown] of [
    ['a\nb\n', 'a\nb'],
    ['a\nb\nc', 'a\nb\n… (1 more line)'],
    ['a\nb\nc\nd\n\n', 'a\nb\n… (2 more lines)'],
    ['abcdefg', 'abcde… (2 more characters)'],
  ] as const) {
    assert.equal(shorten(text, { lines: 2, characters: 5 }), shown);
  }
});

test('chainEnvironment() keeps nothing by which settings, credentials or proxies of the user would count', () => {
  const env = chainEnvironment('/w', {
    PATH: '/bin',
    HOME: '/home/me',
    TERM: 'xterm',
    LC_ALL: 'C',
    SEAWORTHY_CONFIG: 'x',
    DOCKER_CONFIG: 'x',
    COSIGN_KEY: 'x',
    https_proxy: 'x',
    XDG_CONFIG_HOME: 'x',
    AWS_PROFILE: 'x',
  });
  const own = ['HOME', 'USERPROFILE', 'XDG_CACHE_HOME', 'SEAWORTHY_CACHE_DIR', 'COSIGN_PASSWORD'];
  assert.deepEqual(Object.keys(env).toSorted(), ['PATH', 'TERM', 'LC_ALL', ...own].toSorted());
  assert.equal(env['HOME'], '/w/home');
});

test('npm start says which folder it cannot write to, and by what another is named', posix, () => {
  using folder = temporaryDirectory();
  const missing = join(folder.path, 'missing');
  const program = join(import.meta.dirname, '../examples/whole-chain/run.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], {
    env: { ...process.env, TMPDIR: missing },
    encoding: 'utf8',
  });
  const said = `\nNo folder can be made in ${missing} (ENOENT); name one for temporary files with the variable TMPDIR\n`;
  assert.deepEqual([status, stdout, stderr], [1, '', said]);
});

test('releasesOf() names each release once', () => {
  const names = releasesOf(recipes).map(({ name, version }) => `${name}@${version}`);
  assert.equal(new Set(names).size, names.length);
  assert.equal(names.length, 6);
});

test('withPackageFolder() keeps packages in the checkout, and leaves nothing elsewhere where that is read-only', async () => {
  using checkout = temporaryDirectory();
  using temporary = temporaryDirectory();
  const places = { checkout: checkout.path, temporary: temporary.path };
  const use = async (folder: string): Promise<string> => {
    writeFileSync(join(folder, 'a.tgz'), '');
    return folder;
  };
  assert.ok(existsSync(join(await withPackageFolder(places, use), 'a.tgz')));

  // Permissions do not bind everybody: a file in the place of the folder does.
  using bound = temporaryDirectory();
  writeFileSync(join(bound.path, '.cache'), '');
  const readOnly = { ...places, checkout: bound.path };
  assert.ok((await withPackageFolder(readOnly, use)).startsWith(temporary.path));
  await assert.rejects(
    withPackageFolder(readOnly, async (folder) => {
      await use(folder);
      throw new Error('no network');
    }),
    /no network/,
  );
  assert.deepEqual(readdirSync(temporary.path), []);
});
