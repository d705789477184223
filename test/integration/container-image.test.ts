import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { needsUnpacking, unpackImage } from '../../testing/daemon/unpacked-image.ts';
import { layoutFiles, writeFiles } from '../../testing/image/image-files.ts';
import { startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { idsIn, openWorkplace, packagesIn, sampleFindings, sampleImage } from '../end-to-end/sample.ts';
import { buildOwnImage, needsOwnImage, ownPackages, ownProgram } from './own-image.ts';
import { neededLibraries } from '../../tools/container-image/libraries.ts';

const root = join(import.meta.dirname, '..', '..');
const place = await openWorkplace();
after(() => place[Symbol.dispose]());
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

test(
  'neededLibraries() tells what the loader tells of Node',
  { skip: process.platform !== 'linux' || process.arch !== 'x64' },
  () => {
    assert.deepEqual(neededLibraries(readFileSync(process.execPath)).toSorted(), [
      'ld-linux-x86-64.so.2',
      'libc.so.6',
      'libdl.so.2',
      'libgcc_s.so.1',
      'libm.so.6',
      'libpthread.so.0',
      'libstdc++.so.6',
    ]);
    assert.throws(() => neededLibraries(Buffer.alloc(64)), /64-bit Linux/);
  },
);

const name = 'localhost/seaworthy:1';

test(
  'the image of the program has a user that is not root, and packages that its own scan finds',
  needsOwnImage(),
  async () => {
    const digest = await buildOwnImage(place, '-o', 'docker-archive:own.tar', '-o', 'oci-dir:own', '--tag', name);
    assert.match(digest, /^sha256:[0-9a-f]{64}$/);
    // The sample's database knows no Debian, so the program says that it could not look up its packages.
    const scanned = await place.run(['image', 'oci-dir:own', '-f', 'json']);
    assert.deepEqual(packagesIn(scanned.stdout), [...ownPackages, 'seaworthy'].toSorted());
    const { Metadata } = JSON.parse(scanned.stdout) as { Metadata: { ImageConfig: { config: { User: string } } } };
    assert.equal(Metadata.ImageConfig.config.User, '65532:65532');
  },
);

const runs = needsOwnImage().skip === false ? needsUnpacking() : needsOwnImage();

test('the program runs from its image where podman unpacked it, and scans an image', runs, async () => {
  assert.ok(existsSync(join(place.path, 'own.tar')), 'the test before this one makes it');
  await using unpacked = await unpackImage(join(place.path, 'own.tar'), name);
  const licence = readFileSync(join(unpacked.path, 'usr/local/share/doc/node/LICENSE'), 'utf8');
  assert.match(licence, /^Node\.js is licensed for use as follows/);
  assert.equal((await unpacked.run('65532:65532', ...ownProgram, '--version')).trim(), version);
  writeFiles(join(unpacked.path, 'tmp/sample'), layoutFiles([{ content: sampleImage() }]));
  cpSync(place.feeds, join(unpacked.path, 'tmp/feeds'), { recursive: true });
  await unpacked.run('65532:65532', ...ownProgram, 'db', 'build', '--from', '/tmp/feeds');
  const report = await unpacked.run('65532:65532', ...ownProgram, 'image', 'oci-dir:/tmp/sample', '-f', 'json');
  assert.deepEqual(idsIn(report), sampleFindings);
});

test('what is pushed with a key is signed, and its list of packages attested', needsOwnImage(), async () => {
  await using registry = await startOwnRegistry();
  const keys = await place.run(['generate-key-pair'], { env: { COSIGN_PASSWORD: 'hold-fast' } });
  assert.equal(keys.status, 0, keys.stderr);
  const target = `${registry.host}/team/seaworthy:1`;
  const reference = await buildOwnImage(
    place,
    '--push',
    target,
    '--key',
    'cosign.key',
    '--',
    '--tlog-upload=false',
    '--use-signing-config=false',
  );
  assert.match(reference, /@sha256:[0-9a-f]{64}$/);
  const flags = ['--key', 'cosign.pub', '--insecure-ignore-tlog'];
  const verified = await place.run(['verify', ...flags, reference]);
  assert.equal(verified.status, 0, verified.stderr);
  const attested = await place.run(['verify-attestation', ...flags, '--type', 'cyclonedx', reference]);
  assert.equal(attested.status, 0, attested.stderr);
  const { payload } = JSON.parse(attested.stdout.split('\n')[0] ?? '') as { payload: string };
  assert.match(Buffer.from(payload, 'base64').toString(), /libstdc\+\+6/);
});
