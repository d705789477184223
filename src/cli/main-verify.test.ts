import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test from 'node:test';

function run(entry: string, args: readonly string[]) {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, entry), ...args], {
    encoding: 'utf8',
    input: '',
  });
  return { stdout, stderr, status };
}

for (const [args, status] of [
  [['verify', '--help'], 0],
  [['verify'], 2],
  [['verify', '--kez', 'cosign.pub', 'image'], 2],
  [['verify', 'example.com/app:1'], 2],
  [['verify', '--key', 'not-there.pub', 'example.com/app:1'], 2],
  [['verify', '--output=yaml', 'image'], 2],
] as const) {
  test(`the program for verify alone says the same of "${args.join(' ')}"`, () => {
    const alone = run('main-verify.ts', args);
    assert.deepEqual(alone, run('main.ts', args));
    assert.equal(alone.status, status);
  });
}
