import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { gzipSync } from 'node:zlib';
import { buildImage, type BuiltImage } from '../../testing/image/image-builder.ts';
import { dockerArchive, layoutFiles, ociArchive, writeFiles } from '../../testing/image/image-files.ts';
import { file, hardlink, symlink, type TarEntry } from '../../testing/image/tar-writer.ts';
import { encodeNdb, encodeRpmHeader } from '../../testing/rpm-database.ts';
import { assertOneError, start, type Ended } from './program.ts';
import { apkDatabase, appLayer, baseLayer, idsIn, openWorkplace, sampleFindings, sampleImage } from './sample.ts';

const place = await openWorkplace();
after(() => place[Symbol.dispose]());

const image = sampleImage();
const [busybox, musl] = sampleFindings as readonly [string, string, string];

function scan(source: string, ...more: readonly string[]): Promise<Ended> {
  return place.run(['image', source, '-o', 'json=report.json', '-o', 'table', '-o', 'json', '--no-cache', ...more]);
}

/** The JSON report that follows the table. */
function jsonOf({ stdout }: Ended): string {
  return stdout.slice(stdout.indexOf('\n{\n') + 1);
}

/** An OCI layout whose second layer's blob was replaced. */
function layoutWithLayer(name: string, change: (blob: Buffer) => Buffer): string {
  const files = layoutFiles([{ content: image }]);
  const path = `blobs/${String(image.layers[1]?.digest).replace(':', '/')}`;
  files.set(path, change(files.get(path) as Buffer));
  writeFiles(join(place.path, name), files);
  return `oci-dir:${name}`;
}

function flip(blob: Buffer, at: number): Buffer {
  const copy = Buffer.from(blob);
  copy[at] = (copy[at] as number) ^ 0x10;
  return copy;
}

const damages: readonly { readonly title: string; readonly change: (blob: Buffer) => Buffer; readonly code: string }[] =
  [
    { title: 'cut in half', change: (blob) => blob.subarray(0, blob.length / 2), code: 'SIZE_MISMATCH' },
    { title: 'empty', change: () => Buffer.alloc(0), code: 'SIZE_MISMATCH' },
    { title: 'with a bit flipped', change: (blob) => flip(blob, 60), code: '(?:DIGEST_MISMATCH|[A-Z_]+)' },
    { title: 'with a byte more', change: (blob) => Buffer.concat([blob, Buffer.alloc(1)]), code: 'SIZE_MISMATCH' },
    {
      title: 'of other contents',
      change: (blob) => gzipSync(Buffer.alloc(1024)).subarray(0, blob.length),
      code: 'SIZE_MISMATCH',
    },
  ];

for (const [at, { title, change, code }] of damages.entries()) {
  test(`seaworthy image lists the rest of an image with a layer ${title}`, async () => {
    const ended = await scan(layoutWithLayer(`damaged-${at}`, change));
    assert.equal(ended.stderr, '');
    assert.match(ended.stdout, /Could not look at/);
    assert.match(ended.stdout, new RegExp(`\\[${code}, incomplete\\]`));
    assert.deepEqual(idsIn(jsonOf(ended)), [busybox, musl]);
    assert.match(jsonOf(ended), new RegExp(image.layers[1]?.digest as string));
    assert.equal(ended.status, 2);
  });
}

test('seaworthy image ends in one sentence, or tells what it could not read, wherever an archive was cut off', async () => {
  for (const archive of [
    dockerArchive([{ image, repoTags: ['app:1'] }]),
    ociArchive([{ content: image }]),
    dockerArchive([{ image }], 'kaniko', 'gzip'),
  ]) {
    for (const share of [0, 0.3, 0.5]) {
      place.write('cut.tar', archive.subarray(0, Math.floor(archive.length * share)));
      const ended = await place.run(['image', '--input', 'cut.tar', '-f', 'json', '--no-cache']);
      assert.equal(ended.status, 2, `${share} ${ended.stderr}`);
      if (ended.stderr !== '') assertOneError(ended, '[A-Z]+_[A-Z]+');
      else assert.match(ended.stdout, /"Incomplete": true|incomplete/i);
    }
  }
});

const osOf = (id: string): TarEntry => file('etc/os-release', `ID=${id}\nVERSION_ID=1\n`);
const rpms = encodeNdb([
  encodeRpmHeader([
    { tag: 1000, value: 'bash' },
    { tag: 1001, value: '5' },
    { tag: 1002, value: '1' },
  ] as never),
]);

const databases: readonly { readonly path: string; readonly entries: readonly TarEntry[] }[] = [
  { path: 'var/lib/dpkg/status', entries: [osOf('debian'), file('var/lib/dpkg/status', randomBytes(3000))] },
  { path: 'lib/apk/db/installed', entries: [osOf('alpine'), file('lib/apk/db/installed', randomBytes(3000))] },
  {
    path: 'lib/apk/db/installed',
    entries: [osOf('alpine'), file('lib/apk/db/installed', apkDatabase.slice(0, apkDatabase.indexOf('V:1.2.4') + 2))],
  },
  {
    path: 'var/lib/rpm/Packages.db',
    entries: [osOf('sles'), file('var/lib/rpm/Packages.db', rpms.subarray(0, rpms.length - 40))],
  },
  { path: 'var/lib/rpm/Packages', entries: [osOf('centos'), file('var/lib/rpm/Packages', randomBytes(3000))] },
  {
    path: 'var/lib/rpm/rpmdb.sqlite',
    entries: [osOf('fedora'), file('var/lib/rpm/rpmdb.sqlite', Buffer.from('SQLite format 3\0garbage'))],
  },
];

for (const [at, { path, entries }] of databases.entries()) {
  test(`seaworthy image names the damaged ${path} (${at}), lists what else there is, and does not pass`, async () => {
    const damaged = buildImage({ layers: [{ tar: entries }, { tar: appLayer }] });
    place.write('damaged.tar', dockerArchive([{ image: damaged }]));
    const ended = await scan('docker-archive:damaged.tar');
    assert.equal(ended.stderr, '');
    assert.match(ended.stdout.slice(0, ended.stdout.indexOf('\n{\n')), new RegExp(path));
    assert.ok(idsIn(jsonOf(ended)).includes('CVE-2024-0003'));
    assert.equal(ended.status, 2);
  });
}

function archived(name: string, built: BuiltImage): string {
  place.write(name, ociArchive([{ content: built }]));
  return `oci-archive:${name}`;
}

test('seaworthy image survives a layer that is nothing but traps', async () => {
  const traps = buildImage({
    layers: [
      { tar: baseLayer },
      {
        tar: [
          symlink('loop/a', 'b'),
          symlink('loop/b', 'a'),
          symlink('app', '../../../../..'),
          file('../../escape', 'x'),
          file('/etc/../../passwd', 'x'),
          hardlink('gone', 'nowhere/at/all'),
          symlink('lib64', 'lib64/lib64'),
          file('__proto__/constructor', 'x'),
        ],
      },
      { tar: Array.from({ length: 20_000 }, (_, index) => file(`tiny/${index}`, '')) },
    ],
  });
  const { status, stdout, stderr } = await place.run([
    'image',
    archived('traps.tar', traps),
    '-f',
    'json',
    '--no-cache',
  ]);
  assert.equal(stderr, '');
  assert.deepEqual(idsIn(stdout), [busybox, musl]);
  assert.ok(status === 0 || status === 2);
});

test('seaworthy image refuses a layer that unpacks to far more than it is', async () => {
  const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20));
  const bombs = Buffer.concat(Array.from({ length: 400 }, () => bomb));
  const built = buildImage({
    layers: [
      { tar: baseLayer },
      { tar: bombs, compression: 'none', mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' },
    ],
  });
  writeFiles(join(place.path, 'bomb'), layoutFiles([{ content: built }]));
  const { status, stdout, stderr } = await place.run(['image', 'oci-dir:bomb', '--no-cache']);
  assert.equal(stderr, '');
  assert.match(stdout, /\[LIMIT_EXCEEDED, incomplete\]/);
  assert.match(stdout, new RegExp(musl));
  assert.equal(status, 2);
});

test('seaworthy image gives right results from a cache that another scan was killed over', async () => {
  writeFiles(join(place.path, 'image'), layoutFiles([{ content: image }]));
  for (const delay of [150, 250, 350]) {
    rmSync(join(place.cache, 'scans'), { recursive: true, force: true });
    const { child, ended } = start(['image', 'oci-dir:image', '-f', 'json'], { env: place.env, cwd: place.path });
    setTimeout(() => child.kill('SIGKILL'), delay);
    await ended;
    const { status, stdout, stderr } = await place.run(['image', 'oci-dir:image', '-f', 'json']);
    assert.equal(stderr, '');
    assert.deepEqual(idsIn(stdout), sampleFindings);
    assert.equal(status, 0);
  }
});

test('seaworthy image reads anew what is damaged in its cache', async () => {
  writeFiles(join(place.path, 'image'), layoutFiles([{ content: image }]));
  await place.run(['image', 'oci-dir:image']);
  const entries = readdirSync(join(place.cache, 'scans'), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  assert.ok(entries.length >= 3);
  for (const [at, { parentPath, name }] of entries.entries()) {
    writeFiles(parentPath, new Map([[name, at % 2 === 0 ? Buffer.alloc(0) : randomBytes(500)]]));
  }
  const { status, stdout, stderr } = await place.run(['image', 'oci-dir:image', '-f', 'json']);
  assert.equal(stderr, '');
  assert.deepEqual(idsIn(stdout), sampleFindings);
  assert.equal(status, 0);
});

test('eight scans at once over one new cache find the same, while the database is replaced', async () => {
  writeFiles(join(place.path, 'image'), layoutFiles([{ content: image }]));
  mkdirSync(join(place.path, 'shared'));
  const cache = ['--cache-dir', 'shared'];
  await place.run(['db', 'build', '--from', 'feeds', ...cache]);
  const scans = Array.from({ length: 8 }, () => place.run(['image', 'oci-dir:image', '-f', 'json', ...cache]));
  const built = await place.run(['db', 'build', '--from', 'feeds', ...cache]);
  assert.equal(built.stderr, '');
  for (const { status, stdout, stderr } of await Promise.all(scans)) {
    assert.equal(stderr, '');
    assert.deepEqual(idsIn(stdout), sampleFindings);
    assert.equal(status, 0);
  }
});
