import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { assertOneError, run, start } from './program.ts';

const add = ['--add', 'src:/srv', '--compression', 'none'];

function workFolder(bytes: number) {
  const folder = temporaryDirectory();
  mkdirSync(join(folder.path, 'src'));
  writeFileSync(join(folder.path, 'src/app'), randomBytes(bytes));
  return folder;
}

test('build and image work together, and an error is one line', async () => {
  using folder = workFolder(1000);
  const around = { cwd: folder.path, env: { SEAWORTHY_CACHE_DIR: join(folder.path, 'cache') } };
  const built = await run(['build', ...add, '-o', 'oci-dir:image', '--quiet'], around);
  assert.deepEqual([built.status, built.stderr], [0, '']);
  const listed = await run(['sbom', `oci-dir:image@${built.stdout.trim()}`, '-o', 'spdx-json'], around);
  assert.equal(listed.status, 0, listed.stderr);
  assertOneError(await run(['build', '--add', 'none:/x', '-o', 'oci-dir:x'], around), 'INPUT_UNREADABLE', /no .+none/);
  assertOneError(await run(['build', '--add', 'src:/x', '-o', 'x'], around), 'SETTING_INVALID', /oci-dir:DIR/);
});

/** A name that an image has only when it is whole, and what a killed program may leave beside it. */
const outputs = {
  'oci-archive:image': /^image\.[0-9a-f]{12}\.tmp$/,
  'docker-archive:image': /^image\.[0-9a-f]{12}\.tmp$/,
  'oci-dir:image': /^image\.[0-9a-f]{12}\.tmp$/,
} as const;

for (const [output, stray] of Object.entries(outputs)) {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    test(`build to ${output} leaves nothing half-written when it gets ${signal}`, async () => {
      using folder = workFolder(200_000_000);
      const env = { SEAWORTHY_CACHE_DIR: join(folder.path, 'cache') };
      const { child, ended } = start(['build', ...add, '-o', output], { cwd: folder.path, env });
      const strays = (): string[] => readdirSync(folder.path).filter((name) => stray.test(name));
      while (strays().length === 0 && child.exitCode === null) await wait(2);
      child.kill(signal);
      const { status, stdout } = await ended;
      assert.notEqual(status, 0, 'it was too quick to be ended');
      assert.equal(stdout, '');
      assert.equal(existsSync(join(folder.path, 'image')), false);
      assert.equal(status, signal === 'SIGKILL' ? null : 143);
      if (signal === 'SIGTERM') assert.deepEqual(strays(), []);
      assert.deepEqual(readdirSync(join(folder.path, 'cache/spool')), []);
      assert.deepEqual(
        readdirSync(folder.path)
          .filter((name) => !stray.test(name))
          .sort(),
        ['cache', 'src'],
      );
    });
  }
}
