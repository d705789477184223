import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { blobOf } from '../client/push.ts';
import { openLocalImage } from '../open-local.ts';
import { LayoutWriter } from './layout-writer.ts';

const defaultPlatform = { os: 'linux', architecture: 'amd64' };
const image = buildImage({ layers: [{ tar: [file('a', 'a')] }] });

async function write(directory: string, commit = true): Promise<void> {
  await using writer = await LayoutWriter.open(directory);
  for (const bytes of image.blobs.values()) await writer.writeBlob(blobOf(bytes));
  if (commit) await writer.commit([image.descriptor]);
}

test('LayoutWriter writes a layout that opens, in a new folder, an empty one, or over another', async () => {
  using folder = temporaryDirectory();
  mkdirSync(join(folder.path, 'empty'));
  for (const name of ['new', 'empty', 'new', 'a/b/c']) {
    const directory = join(folder.path, name);
    await write(directory);
    await using opened = await openLocalImage(directory, { defaultPlatform });
    assert.equal(opened.manifestDigest, image.descriptor.digest);
    assert.deepEqual(readdirSync(directory).sort(), ['blobs', 'index.json', 'oci-layout']);
  }
  assert.deepEqual(readdirSync(folder.path).sort(), ['a', 'empty', 'new']);
});

test('LayoutWriter shows nothing before it is whole, and clears up', async () => {
  using folder = temporaryDirectory();
  const directory = join(folder.path, 'layout');
  await write(directory, false);
  assert.deepEqual(readdirSync(folder.path), []);
  await write(directory);
  const before = readFileSync(join(directory, 'index.json'), 'utf8');
  await write(directory, false);
  assert.equal(readFileSync(join(directory, 'index.json'), 'utf8'), before);
});

test('LayoutWriter stores no blob that is not what its digest says', async () => {
  using folder = temporaryDirectory();
  await using writer = await LayoutWriter.open(join(folder.path, 'layout'));
  const blob = blobOf(Buffer.from('content'));
  for (const [bytes, code] of [
    ['contents', 'SIZE_MISMATCH'],
    ['conten', 'SIZE_MISMATCH'],
    ['CONTENT', 'DIGEST_MISMATCH'],
  ] as const) {
    await assert.rejects(writer.writeBlob({ ...blob, open: () => blobOf(Buffer.from(bytes)).open() }), { code });
  }
  const names = readdirSync(folder.path, { recursive: true }).map(String);
  assert.ok(!names.some((name) => name.includes(blob.digest.slice(7))), names.join('\n'));
});

test('LayoutWriter ends with the signal between two chunks, and keeps none', async () => {
  using folder = temporaryDirectory();
  await using writer = await LayoutWriter.open(join(folder.path, 'layout'));
  const controller = new AbortController();
  const reason = new Error('enough');
  const blob = blobOf(Buffer.from('content'));
  const open = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('con');
    controller.abort(reason);
    yield Buffer.from('tent');
  };
  await assert.rejects(writer.writeBlob({ ...blob, open }, controller.signal), (error) => error === reason);
  const files = readdirSync(folder.path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(files, []);
});

test('LayoutWriter touches no folder that holds something else', async () => {
  using folder = temporaryDirectory();
  writeFileSync(join(folder.path, 'mine'), 'mine');
  await assert.rejects(LayoutWriter.open(folder.path), { name: 'OciError', code: 'LAYOUT_INVALID' });
  await assert.rejects(LayoutWriter.open(join(folder.path, 'mine')), { name: 'OciError', code: 'LAYOUT_INVALID' });
  assert.deepEqual(readdirSync(folder.path), ['mine']);
});

test('a kill in the middle of a layout leaves none', async () => {
  using folder = temporaryDirectory();
  const directory = join(folder.path, 'layout');
  const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
  const script = `
    const { LayoutWriter } = await import(${module('./layout-writer.ts')});
    const { blobOf } = await import(${module('../client/push.ts')});
    const writer = await LayoutWriter.open(${JSON.stringify(directory)});
    await writer.writeBlob(blobOf(Buffer.from('one')));
    const endless = { ...blobOf(Buffer.alloc(1000)), size: 1e12, async *open() {
      for (;;) { yield Buffer.alloc(1000); await new Promise((next) => setTimeout(next, 1)); }
    } };
    console.log('ready');
    await writer.writeBlob(endless);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  await ended;
  const names = readdirSync(folder.path);
  assert.ok(names.length === 1 && names[0]?.endsWith('.tmp') === true, names.join());
  await write(directory);
  await using opened = await openLocalImage(directory, { defaultPlatform });
  assert.equal(opened.manifestDigest, image.descriptor.digest);
});
