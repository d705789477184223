import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { everything, openStage, targets } from '../../../testing/registry/copy-stage.ts';
import { loadImage } from './load.ts';
import { saveImage } from './save.ts';

for (const [from, to] of [
  [true, true],
  [true, false],
  [false, true],
  [false, false],
] as const) {
  const name = (api: boolean): string => (api ? 'with the API' : 'without');
  test(`saveImage() and loadImage() bring everything from a registry ${name(from)} to one ${name(to)}`, async () => {
    using folder = temporaryDirectory();
    await using stage = await openStage({ referrers: from }, { referrers: to });
    const { digest, child } = stage;
    const layout = join(folder.path, 'layout');
    await saveImage(stage.from, 'v1', layout);
    assert.deepEqual(readdirSync(folder.path), ['layout']);
    const loaded = await loadImage(layout, stage.to, 'v1');
    assert.deepEqual([loaded.digest, loaded.attachments.length], [digest, 6]);
    assert.deepEqual(await everything(stage.to, [digest, child]), await everything(stage.from, [digest, child]));
    assert.equal(stage.target.store.manifest(targets, 'v1')?.digest, digest);
  });
}

test('saveImage() leaves nothing behind when it fails, and nothing else alone', async () => {
  using folder = temporaryDirectory();
  await using stage = await openStage({ faults: [{ kind: 'wrong-bytes', path: '/blobs/', times: 1 }] });
  const layout = join(folder.path, 'layout');
  await assert.rejects(saveImage(stage.from, 'v1', layout), { code: 'DIGEST_MISMATCH' });
  assert.deepEqual(readdirSync(folder.path), []);
  mkdirSync(layout);
  writeFileSync(join(layout, 'mine'), 'mine');
  await assert.rejects(saveImage(stage.from, 'v1', layout), { code: 'LAYOUT_INVALID' });
  assert.deepEqual(readdirSync(layout), ['mine']);
  const other = join(folder.path, 'deep', 'er');
  await saveImage(stage.from, 'v1', other);
  const first = readFileSync(join(other, 'index.json'), 'utf8');
  await saveImage(stage.from, 'v1-amd64', other);
  const second = readFileSync(join(other, 'index.json'), 'utf8');
  assert.notEqual(first, second);
  assert.deepEqual(
    readdirSync(other, { recursive: true }).filter((name) => String(name).endsWith('.tmp')),
    [],
  );
});

test('loadImage() trusts nothing in the folder', async (t) => {
  using folder = temporaryDirectory();
  await using stage = await openStage();
  const layout = join(folder.path, 'layout');
  await saveImage(stage.from, 'v1', layout);
  const index = join(layout, 'index.json');
  const whole = readFileSync(index, 'utf8');
  const { manifests } = JSON.parse(whole) as { manifests: { digest: string; annotations?: Record<string, string> }[] };
  const entries = (change: unknown[]): string => JSON.stringify({ schemaVersion: 2, manifests: change });
  const blob = (digest: string): string => join(layout, 'blobs', 'sha256', digest.slice(7));
  for (const [title, text, code] of [
    ['no image', entries(manifests.slice(1)), 'IMAGE_NOT_FOUND'],
    ['two images', entries([manifests[0], ...manifests]), 'IMAGE_AMBIGUOUS'],
    [
      'a digest that is a path',
      whole.replaceAll(manifests[0]?.digest ?? '', 'sha256:../../../etc/passwd'),
      'LAYOUT_INVALID',
    ],
    ['no JSON', '{', 'LAYOUT_INVALID'],
    ['an image that is not there', entries([{ ...manifests[0], digest: `sha256:${'00'.repeat(32)}` }]), 'BLOB_UNKNOWN'],
  ] as const) {
    await t.test(title, async () => {
      writeFileSync(index, text);
      await assert.rejects(loadImage(layout, stage.to, 'v1'), { code });
    });
  }
  writeFileSync(index, whole);
  await t.test('a damaged layer', async () => {
    const path = blob(JSON.parse(readFileSync(blob(stage.child), 'utf8')).layers[0].digest as string);
    const bytes = readFileSync(path);
    writeFileSync(path, Buffer.alloc(bytes.length));
    await assert.rejects(loadImage(layout, stage.to, 'v1'), { code: 'DIGEST_MISMATCH' });
    writeFileSync(path, bytes);
  });
  assert.equal(stage.target.store.manifest(targets, 'v1'), undefined);
  assert.ok(existsSync(index));
});
