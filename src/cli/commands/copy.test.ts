import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { plainHost, plainSettings } from '../../../testing/plain-host.ts';
import { storeIndexOf } from '../../../testing/registry/attached.ts';
import { serveAttached } from '../../../testing/registry/attached-image.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { fallbackTag } from '../../oci/referrer.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import { type CopyCommandOptions, copyCommand, loadCommand, saveCommand } from './copy.ts';

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

type Around = Parameters<typeof plainHost>[1];

async function copy(
  from: string,
  to: string,
  options: Partial<CopyCommandOptions> = {},
  settings: Partial<Settings> = {},
  around: Around = {},
): Promise<Ended> {
  const { host, out, err } = plainHost('/nowhere', around);
  const status = await copyCommand(from, to, { only: [], force: false, ...options }, plainSettings(settings), host);
  return { status, out: out(), err: err() };
}

async function folderCommand(
  command: typeof saveCommand,
  name: string,
  cwd: string,
  dir: string,
  settings: Partial<Settings> = {},
): Promise<Ended> {
  const { host, out, err } = plainHost(cwd);
  const status = await command(name, { dir }, plainSettings(settings), host);
  return { status, out: out(), err: err() };
}

test('copy tells what it copied, and nothing when it is to be quiet', async () => {
  await using served = await serveAttached();
  await using target = await startTestRegistry({ referrers: false });
  const { image, digest } = served;
  const to = `${target.host}/copy/app:v1`;
  const sentence = `Copied ${digest} to ${to}, with 5 attachments\n`;
  assert.deepEqual(await copy(image, to), { status: 0, out: '', err: sentence });
  assert.equal(target.store.manifest('copy/app', 'v1')?.digest, digest);
  assert.deepEqual(await copy(image, to, {}, { quiet: true }), { status: 0, out: '', err: '' });
});

test('copy, save and load tell of foreign layers that the source does not have, and end well', async () => {
  using folder = temporaryDirectory();
  await using registry = await startTestRegistry();
  const mediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
  const layer = { tar: [file('a', 'a')], mediaType, urls: ['https://example.com/a'] };
  const { descriptor, layers, blobs } = buildImage({ docker: true, layers: [layer, { tar: [file('b', 'b')] }] });
  const [foreign] = layers.map(({ digest }) => digest);
  for (const [digest, bytes] of blobs) if (digest !== foreign) registry.store.putBlob('team/app', bytes);
  registry.store.putManifest('team/app', 'v1', descriptor.mediaType, blobs.get(descriptor.digest) as Buffer);
  const [from, to] = [`${registry.host}/team/app:v1`, `${registry.host}/copy/app:v1`];
  const told = `Left out 1 foreign layer that the source does not have; clients fetch such layers from their publisher: ${foreign}\n`;
  const copied = `${told}Copied ${descriptor.digest} to ${to}, with 0 attachments\n`;
  assert.deepEqual(await copy(from, to), { status: 0, out: '', err: copied });
  assert.deepEqual(await copy(from, to, {}, { quiet: true }), { status: 0, out: '', err: '' });
  for (const [command, name] of [
    [saveCommand, from],
    [loadCommand, to],
  ] as const) {
    const { status, err } = await folderCommand(command, name, folder.path, 'saved');
    assert.deepEqual([status, err.startsWith(told)], [0, true]);
  }
});

test('copy shows how far it is on a terminal, and clears the line', async () => {
  await using served = await serveAttached();
  const eraseLine = '\r\u001B[2K';
  const around = { columns: 80 };
  const told = await copy(served.image, `${served.registry.host}/copy/app:v1`, {}, {}, around);
  assert.match(told.err, /Copying 3 blobs 0 B\/\d+ B 0%/);
  assert.match(told.err.slice(told.err.lastIndexOf(eraseLine) + eraseLine.length), /^Copied sha256:[^\n]+\n$/);
  for (const settings of [{ quiet: true }, { noProgress: true }]) {
    const { err } = await copy(served.image, `${served.registry.host}/again/app:v1`, {}, settings, around);
    assert.doesNotMatch(err, /Copying/);
  }
});

test('copy --only takes what it is told, and moves no tag', async () => {
  await using served = await serveAttached();
  const { image, registry, digest } = served;
  const { store, host } = registry;
  for (const [only, count] of [
    [['sig'], 2],
    [['sig,att'], 4],
    [['sbom', 'att'], 3],
  ] as const) {
    const repository = `only/${only.join('-').replaceAll(',', '-')}`;
    const { status, err } = await copy(image, `${host}/${repository}:v1`, { only });
    assert.match(err, new RegExp(`, with ${count} attachments\\n$`));
    assert.equal(status, 0);
    assert.equal(store.manifest(repository, 'v1'), undefined);
    const tag = digest.replace(':', '-');
    const there = ['sig', 'att', 'sbom'].filter(
      (suffix) => store.manifest(repository, `${tag}.${suffix}`) !== undefined,
    );
    assert.deepEqual(
      there,
      ['sig', 'att', 'sbom'].filter((word) => only.join(',').includes(word)),
    );
  }
  for (const word of ['sigs', 'toString', 'sig,', '']) {
    await assert.rejects(copy(image, `${host}/none/app:v1`, { only: [word] }), ConfigError, word);
  }
});

test('copy moves a tag only when it is told to', async () => {
  await using served = await serveAttached();
  const { store, host } = served.registry;
  const other = storeImage(store, 'copy/app', 'v1', makeSyntheticImage([{ other: 'other' }]));
  const refused = await copy(served.image, `${host}/copy/app:v1`);
  assert.match(refused.err, new RegExp(`^error IMAGE_EXISTS: .+${other}`));
  assert.equal(refused.status, 2);
  assert.equal(store.manifest('copy/app', 'v1')?.digest, other);
  assert.equal((await copy(served.image, `${host}/copy/app:v1`, { force: true })).status, 0);
  assert.equal(store.manifest('copy/app', 'v1')?.digest, served.digest);
});

test('copy, save and load say what cannot be done', async () => {
  await using served = await serveAttached();
  using folder = temporaryDirectory();
  const { image, digest, registry } = served;
  const name = `${registry.host}/team/app`;
  await assert.rejects(copy(image, `${name}@${digest}`), /A copy keeps its digest/);
  assert.equal((await copy(`${name}:none`, `${name}:v2`)).status, 11);
  assert.equal((await copy('not a name', `${name}:v2`)).status, 2);
  assert.equal((await folderCommand(saveCommand, `${name}:none`, folder.path, 'out')).status, 11);
  assert.deepEqual(readdirSync(folder.path), []);
  writeFileSync(join(folder.path, 'other'), '');
  const inUse = await folderCommand(saveCommand, image, folder.path, '.');
  assert.match(inUse.err, /^error LAYOUT_INVALID: .+ name an empty folder\n$/);
  assert.equal(inUse.status, 2);
  await assert.rejects(folderCommand(loadCommand, `${name}:v2`, folder.path, 'none'), {
    code: 'SETTING_INVALID',
    message: 'There is no folder none; check --dir',
  });
  const noLayout = await folderCommand(loadCommand, `${name}:v2`, folder.path, '.');
  assert.match(noLayout.err, /^error LAYOUT_INVALID: /);
  assert.equal(noLayout.status, 2);
});

test('copy says 14, and leaves no tag, when it cannot be looked up what is attached', async () => {
  await using served = await serveAttached({ faults: [{ kind: 'status', status: 403, path: '/referrers/' }] });
  await using target = await startTestRegistry();
  using folder = temporaryDirectory();
  const { status, err } = await copy(served.image, `${target.host}/copy/app:v1`);
  assert.match(err, /^error SIGNATURES_UNAVAILABLE: /);
  assert.equal(status, 14);
  assert.equal(target.store.manifest('copy/app', 'v1'), undefined);
  assert.equal((await folderCommand(saveCommand, served.image, folder.path, 'out')).status, 14);
  assert.deepEqual(readdirSync(folder.path), []);
});

test('save and load bring all of it, also of attachments that are kept apart', async () => {
  await using served = await serveAttached();
  await using target = await startTestRegistry({ referrers: false });
  using folder = temporaryDirectory();
  const { image, digest, registry } = served;
  const saved = await folderCommand(saveCommand, image, folder.path, 'out');
  assert.deepEqual(saved, { status: 0, out: '', err: `Saved ${digest} in out, with 5 attachments\n` });
  assert.ok(existsSync(join(folder.path, 'out', 'index.json')));
  const to = `${target.host}/loaded/app:v1`;
  const loaded = await folderCommand(loadCommand, to, folder.path, 'out');
  assert.deepEqual(loaded, { status: 0, out: '', err: `Loaded ${digest} into ${to}, with 5 attachments\n` });
  const apart = { signatureRepository: `${registry.host}/team/apart` };
  assert.match((await folderCommand(saveCommand, image, folder.path, 'apart', apart)).err, /, with 0 attachments\n$/);
  const around = { env: { COSIGN_REPOSITORY: apart.signatureRepository } };
  assert.match((await copy(image, `${target.host}/bare/app:v1`, {}, {}, around)).err, /, with 0 attachments\n$/);
});

test('copy and save tell of what they could not read, and their status does', async () => {
  await using served = await serveAttached({ referrers: false });
  using folder = temporaryDirectory();
  const { registry, repository, digest, image } = served;
  const lost = { mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 2, digest: `sha256:${'1'.repeat(64)}` };
  storeIndexOf(registry.store, repository, fallbackTag(digest), [lost]);
  for (const { status, err } of [
    await copy(image, `${registry.host}/copy/app:v1`),
    await folderCommand(saveCommand, image, folder.path, 'out'),
  ]) {
    assert.match(err, new RegExp(`, with 3 attachments\\n${lost.digest}: [^\\n]+\\n$`));
    assert.equal(status, 2);
  }
});
