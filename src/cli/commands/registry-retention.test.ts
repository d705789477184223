import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { layoutFiles, writeFiles } from '../../../testing/image/image-files.ts';
import { file } from '../../../testing/image/tar-writer.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { runRegistryCommand as run } from '../../../testing/registry/run-command.ts';

const image = buildImage({ layers: [{ tar: [file('large', '0123456789'.repeat(500))] }] });

test('registry retention preview tells what would go, what a quota cannot have, and that nothing would', async () => {
  using folder = temporaryDirectory();
  writeFiles(join(folder.path, 'layout'), layoutFiles([{ content: image, refName: 'v1' }]));
  for (const name of ['team/app', 'team/web']) {
    assert.equal((await run(folder, ['import', 'layout', '--repository', name, '--data', 'data'])).status, 0);
  }
  const preview = async (rules: string, ...more: readonly string[]): Promise<string> => {
    writeFileSync(join(folder.path, 'own.yaml'), `registry:\n  data: data\n  retention: { rules: [${rules}] }\n`);
    const { status, stdout, stderr } = await run(folder, ['retention', 'preview', '--config', 'own.yaml', ...more]);
    assert.deepEqual([status, stderr], [0, '']);
    return stdout;
  };
  assert.equal(await preview(''), 'There are no rules under registry.retention.rules, so nothing goes\n');
  const old = `{ name: old, kind: delete, tags: [pr-*], olderThan: 30d }`;
  assert.equal(await preview(old), 'Nothing would go from 2 repositories\n');
  assert.equal(await preview(old, '--format', 'json'), '');
  const unmet = await preview(
    `{ name: all, kind: keep, tags: ['*'] }, { name: small, kind: quota, repositories: [team/app], maxBytes: 10B }`,
  );
  assert.match(unmet, /^team\/app\n/);
  assert.match(unmet, /small/);
  assert.doesNotMatch(unmet, /Nothing would go|team\/web/);
  const gone = await preview(`{ name: small, kind: quota, repositories: [team/web], maxBytes: 10B }`);
  assert.match(gone, /v1 +delete +small/);
});
