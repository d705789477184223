import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { assertOneError, run, start } from './program.ts';
import { needsProc } from './several-processes.ts';

const args = ['registry', 'serve', '--listen', '127.0.0.1:0', '--data', 'data'];

/** Serves, and gives the command line of the process that does, as whoever started it knows it. */
async function commandLine(cwd: string, env: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const { child, ended } = start(args, { cwd, env: { HOME: cwd, ...env } });
  const url = String((await once(child.stdout, 'data'))[0]).trim();
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
  const line = readFileSync(`/proc/${child.pid}/cmdline`, 'utf8').split('\0');
  child.kill('SIGTERM');
  const { status, stderr } = await ended;
  assert.equal(status, 143, stderr);
  assert.equal(stderr.split('The registry listens').length, 2, stderr);
  return line;
}

test(
  'registry serve bounds the memory for young objects of its own process, which stays the same',
  needsProc,
  async () => {
    using folder = temporaryDirectory();
    const line = await commandLine(folder.path);
    assert.deepEqual(line.slice(1, 2), ['--max-semi-space-size=16']);
    assert.deepEqual(line.slice(3, -1), args);
    // Whoever says otherwise is heeded.
    const other = await commandLine(folder.path, { NODE_OPTIONS: '--max-semi-space-size=64' });
    assert.deepEqual(other.slice(2, -1), args);
  },
);

test('registry serve tells a failure once, though it starts anew', async () => {
  using folder = temporaryDirectory();
  const surroundings = { cwd: folder.path, env: { HOME: folder.path, SEAWORTHY_REGISTRI: 'x' } };
  folder.write('seaworthy.yaml', 'registry:\n  listen: nowhere\n');
  const { status, stderr } = await run(['registry', 'serve'], surroundings);
  assert.equal(status, 2);
  assert.equal(stderr.split('registry.listen').length, 2, stderr);
  assert.equal(stderr.split('SEAWORTHY_REGISTRI').length, 2, stderr);
  assertOneError(
    await run(['registry', 'serve', '--config', join(folder.path, 'none.yaml')], { cwd: folder.path }),
    'SETTINGS_FILE_UNREADABLE',
  );
});
