import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { start } from './program.ts';

/** Sends the process SIGTERM in the moment in which it listens for signals; what starts anew in its place gets none. */
const signalOnce = `
const { existsSync, writeFileSync } = require('node:fs');
const on = process.on;
process.on = function (name, listener) {
  on.call(process, name, listener);
  if (name === 'SIGHUP' && !existsSync(process.env.SIGNALLED)) {
    writeFileSync(process.env.SIGNALLED, '');
    process.kill(process.pid, 'SIGTERM');
  }
  return process;
};`;

test('a server hears of a signal that comes before it has started anew with flags of Node', async () => {
  using folder = temporaryDirectory();
  const hook = join(folder.path, 'hook.cjs');
  writeFileSync(hook, signalOnce);
  const signalled = join(folder.path, 'signalled');
  const { child, ended } = start(['registry', 'serve', '--listen', '127.0.0.1:0', '--data', 'data'], {
    cwd: folder.path,
    env: { HOME: folder.path, SIGNALLED: signalled, NODE_OPTIONS: `--require=${hook}` },
  });
  // Where it was not heard, the server says at which address it is.
  child.stdout.on('data', () => child.kill('SIGKILL'));
  const { status, stdout, stderr } = await ended;
  assert.ok(existsSync(signalled));
  assert.deepEqual(
    { status, stdout, stderr },
    { status: 143, stdout: '', stderr: 'error INTERRUPTED: Interrupted; nothing was left half-written\n' },
  );
  assert.equal(existsSync(join(folder.path, 'data')), false);
});
