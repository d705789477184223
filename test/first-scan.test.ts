import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { fetchPackages } from '../examples/first-scan/fetch-packages.ts';
import { buildFirstScanImage } from '../examples/first-scan/first-scan-image.ts';
import { integrityOf } from '../examples/first-scan/integrity.ts';
import { npmPack } from '../examples/first-scan/npm-pack.ts';
import type { PinnedPackage } from '../examples/first-scan/pinned-packages.ts';
import { commandLine } from '../examples/first-scan/run-program.ts';
import { writeStoredZip } from '../examples/first-scan/stored-zip.ts';
import { writeTar } from '../examples/first-scan/tar.ts';
import { openWorkFolder } from '../examples/first-scan/work-folder.ts';
import { writeFolder } from '../examples/first-scan/write-folder.ts';
import { openZip } from '../src/codec/zip/archive.ts';
import { defaultTarLimits } from '../src/codec/tar/limits.ts';
import { TarReader } from '../src/codec/tar/reader.ts';
import { openLocalImage } from '../src/oci/open-local.ts';
import { validateImage } from '../src/oci/validate/validate-image.ts';
import { temporaryDirectory } from '../testing/image/temporary-directory.ts';

/** A tarball as `npm pack` makes them, with a library's text and a program. */
function tarballOf(text: string): Buffer {
  return gzipSync(
    writeTar([
      { path: 'package/package.json', mode: 0o644, bytes: Buffer.from(text) },
      { path: 'package/bin/tool', mode: 0o755, bytes: Buffer.from('\x7fELF') },
    ]),
  );
}

function pinOf(name: string, tarball: Buffer): PinnedPackage {
  return { name, version: '1.0.0', integrity: integrityOf(tarball), into: `opt/${name}`, holds: [] };
}

function entriesOf(tar: Buffer): { path: string; mode: number; text: string }[] {
  const entries: { path: string; mode: number; text: string }[] = [];
  const reader = new TarReader(({ path, mode }) => {
    const entry = { path, mode, text: '' };
    entries.push(entry);
    return {
      data: (chunk) => {
        entry.text += chunk.toString();
        return true;
      },
      end: () => undefined,
    };
  }, defaultTarLimits);
  reader.write(tar);
  reader.end();
  return entries;
}

test('writeTar() writes what a tar reader reads back', () => {
  const long = `${'folder/'.repeat(18)}name`;
  const tar = writeTar([
    { path: 'b/run', mode: 0o755, bytes: Buffer.from('#!') },
    { path: 'a', mode: 0o644, bytes: Buffer.alloc(0) },
    { path: long, mode: 0o600, bytes: Buffer.from('x'.repeat(600)) },
  ]);
  const entries = entriesOf(tar).filter(({ path }) => !path.endsWith('/'));
  assert.deepEqual(entries, [
    { path: 'a', mode: 0o644, text: '' },
    { path: 'b/run', mode: 0o755, text: '#!' },
    { path: long, mode: 0o600, text: 'x'.repeat(600) },
  ]);
  assert.equal(tar.length % 512, 0);
});

test('writeTar() gives the same bytes in whatever order the files come', () => {
  const files = ['a/b/c', 'a/b', 'z', 'a-b/c'].map((path) => ({
    path: `${path}.txt`,
    mode: 0o644,
    bytes: Buffer.from(path),
  }));
  assert.deepEqual(writeTar(files), writeTar(files.toReversed()));
});

test('writeTar() refuses a path that the format cannot hold', () => {
  assert.throws(() => writeTar([{ path: 'x'.repeat(101), mode: 0o644, bytes: Buffer.alloc(0) }]), RangeError);
});

test('writeStoredZip() writes what a zip reader reads back', () => {
  const files = new Map([
    ['a.json', Buffer.from('{"a":1}')],
    ['empty', Buffer.alloc(0)],
    ['b.json', Buffer.from('body')],
  ]);
  const archive = openZip(writeStoredZip(files));
  const read = [...archive.entries()].map((entry) => [entry.name, Buffer.from(archive.read(entry, 1000))] as const);
  assert.deepEqual(new Map(read), files);
});

test('buildFirstScanImage() makes the same whole image every time', async () => {
  const tarballs = [tarballOf('{"name":"one"}'), tarballOf('{"name":"two"}')];
  const pins = tarballs.map((tarball, at) => pinOf(`pin-${at}`, tarball));
  const files = buildFirstScanImage(pins, tarballs);
  assert.deepEqual(files, buildFirstScanImage(pins, tarballs));
  using folder = temporaryDirectory();
  await writeFolder(folder.path, files);
  const defaultPlatform = { os: 'linux', architecture: 'arm64' };
  await using image = await openLocalImage(folder.path, { defaultPlatform });
  assert.equal(image.layers.length, 2);
  assert.deepEqual(image.platform, { os: 'linux', architecture: 'amd64' });
  assert.deepEqual(await validateImage(image), []);
});

test('buildFirstScanImage() unpacks each tarball into its folder and lets programs be run', async () => {
  const tarball = tarballOf('{}');
  const files = buildFirstScanImage([pinOf('pin', tarball)], [tarball]);
  using folder = temporaryDirectory();
  await writeFolder(folder.path, files);
  await using image = await openLocalImage(folder.path, { defaultPlatform: { os: 'linux', architecture: 'amd64' } });
  const found: { path: string; mode: number }[] = [];
  for (const layer of image.layers) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of layer.open()) chunks.push(Buffer.from(chunk));
    found.push(...entriesOf(gunzipSync(Buffer.concat(chunks))).map(({ path, mode }) => ({ path, mode })));
  }
  assert.deepEqual(found, [
    { path: 'etc/', mode: 0o755 },
    { path: 'etc/os-release', mode: 0o644 },
    { path: 'etc/passwd', mode: 0o644 },
    { path: 'opt/', mode: 0o755 },
    { path: 'opt/pin/', mode: 0o755 },
    { path: 'opt/pin/bin/', mode: 0o755 },
    { path: 'opt/pin/bin/tool', mode: 0o755 },
    { path: 'opt/pin/package.json', mode: 0o644 },
  ]);
});

test('fetchPackages() fetches what is missing once and checks what is kept', async () => {
  using folder = temporaryDirectory();
  const tarballs = [tarballOf('one'), tarballOf('two')];
  const pins = [pinOf('one', tarballs[0] as Buffer), pinOf('@scope/two', tarballs[1] as Buffer)];
  const names = ['one-1.0.0.tgz', 'scope-two-1.0.0.tgz'];
  const asked: (readonly string[])[] = [];
  const pack = async (specs: readonly string[], to: string): Promise<void> => {
    asked.push(specs);
    for (const [at, name] of names.entries()) await writeFile(join(to, name), tarballs[at] as Buffer);
  };
  assert.deepEqual(await fetchPackages(pins, folder.path, pack), tarballs);
  assert.deepEqual(await fetchPackages(pins, folder.path, pack), tarballs);
  folder.write(names[1] as string, 'cut off');
  assert.deepEqual(await fetchPackages(pins, folder.path, pack), tarballs);
  assert.deepEqual(asked, [['one@1.0.0', '@scope/two@1.0.0'], ['@scope/two@1.0.0']]);
  assert.deepEqual(await readFile(join(folder.path, names[1] as string)), tarballs[1]);
});

test('fetchPackages() refuses a tarball that is not the one pinned, and keeps none of it', async () => {
  using folder = temporaryDirectory();
  const pin = pinOf('one', tarballOf('one'));
  const pack = async (_: readonly string[], to: string): Promise<void> => {
    await writeFile(join(to, 'one-1.0.0.tgz'), tarballOf('other'));
  };
  await assert.rejects(fetchPackages([pin], folder.path, pack), { code: 'PACKAGE_CHANGED', message: /one@1\.0\.0/ });
  assert.deepEqual(readdirSync(folder.path), []);
});

test('fetchPackages() says when npm left nothing', async () => {
  using folder = temporaryDirectory();
  const pin = pinOf('one', tarballOf('one'));
  await assert.rejects(
    fetchPackages([pin], folder.path, async () => {}),
    { code: 'NPM_FAILED', message: /one@1\.0\.0/ },
  );
});

test('npmPack() says in one sentence why npm failed', async () => {
  using folder = temporaryDirectory();
  const npmCli = folder.write(
    'npm-cli.js',
    `process.stderr.write('npm warn x\\nnpm error code ENOTFOUND\\n'); process.exit(1);`,
  );
  await assert.rejects(npmPack(['a@1', 'b@2'], folder.path, { cwd: folder.path, npmCli }), {
    code: 'NPM_FAILED',
    message: /^npm could not fetch 2 packages \(ENOTFOUND\); [^\n]+$/,
  });
});

test('npmPack() asks npm for the releases by name and runs none of their scripts', async () => {
  using folder = temporaryDirectory();
  const npmCli = folder.write(
    'npm-cli.js',
    `require('node:fs').writeFileSync('asked.json', JSON.stringify(process.argv.slice(2)));`,
  );
  await npmPack(['a@1', '@b/c@2'], '/to here', { cwd: folder.path, npmCli });
  const asked = JSON.parse(readFileSync(join(folder.path, 'asked.json'), 'utf8')) as string[];
  assert.deepEqual(asked.slice(0, 6), ['pack', 'a@1', '@b/c@2', '--ignore-scripts', '--pack-destination', '/to here']);
});

test('openWorkFolder() uses the cache of the user, else a temporary folder', async () => {
  using folder = temporaryDirectory();
  const blocked = folder.write('file', '');
  const temporary = folder.path;
  const cases = [
    { env: { XDG_CACHE_HOME: join(folder.path, 'xdg') }, home: '/nowhere', path: /xdg[\\/]seaworthy-first-scan$/ },
    { env: { XDG_CACHE_HOME: 'relative' }, home: folder.path, path: /\.cache[\\/]seaworthy-first-scan$/ },
    { env: {}, home: blocked, path: /seaworthy-first-scan-\w{6}$/ },
  ];
  for (const { env, home, path } of cases) {
    assert.match(await openWorkFolder({ env, home, temporary }), path);
  }
});

test('commandLine() quotes what a shell would take apart', () => {
  const args = ['image', '--input', `/a b/it's`];
  assert.equal(commandLine(args, 'linux'), `./bin/seaworthy.js image --input '/a b/it'\\''s'`);
  assert.equal(commandLine(['image', 'C:\\a b'], 'win32'), 'node bin\\seaworthy.js image "C:\\a b"');
});
