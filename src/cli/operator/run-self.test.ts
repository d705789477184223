import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { type OwnProgram, runSelf, selfCall } from './run-self.ts';

const own: OwnProgram = {
  execPath: process.execPath,
  execArgv: ['--no-warnings', '--max-semi-space-size=1'],
  argv: ['node', '/app/main.js', 'operator', 'serve'],
  env: { HOME: '/home' },
  isSingleFile: false,
};

test('selfCall() starts the same script with other words, without what bounds an operator', () => {
  const { args, env } = selfCall(own, ['db', 'update']);
  assert.deepEqual(args, ['--no-warnings', '/app/main.js', 'db', 'update']);
  assert.deepEqual(env, { HOME: '/home' });
});

test('selfCall() gives a single file nothing but the words, and leaves other flags in its environment', () => {
  const env = { HOME: '/home', NODE_OPTIONS: '--use-system-ca --max-semi-space-size=1' };
  const argv = ['/bin/seaworthy', '/bin/seaworthy', 'operator', 'serve'];
  const call = selfCall({ ...own, argv, env, isSingleFile: true }, ['db', 'update']);
  assert.deepEqual(call, { args: ['db', 'update'], env: { HOME: '/home', NODE_OPTIONS: '--use-system-ca' } });
});

/** A program that does this. */
function programOf(script: string): OwnProgram {
  return { ...own, execArgv: [], argv: ['node', script], env: process.env };
}

test('runSelf() tells how it ended', async () => {
  using folder = temporaryDirectory();
  const { signal } = new AbortController();
  const program = folder.write('program.cjs', `process.exit(process.argv[2] === 'well' ? 0 : 3)`);
  assert.equal(await runSelf(programOf(program), ['well'], signal), true);
  assert.equal(await runSelf(programOf(program), ['badly'], signal), false);
  assert.equal(await runSelf({ ...programOf(program), execPath: '/nowhere/node' }, ['well'], signal), false);
});

test('runSelf() ends with its signal, and begins nothing after it', async () => {
  using folder = temporaryDirectory();
  const begun = join(folder.path, 'begun');
  const program = folder.write(
    'program.cjs',
    `require('node:fs').writeFileSync(${JSON.stringify(begun)}, String(process.pid)); setTimeout(() => {}, 60_000)`,
  );
  const over = new AbortController();
  const running = runSelf(programOf(program), [], over.signal);
  while (!existsSync(begun)) await new Promise((resolve) => setTimeout(resolve, 10));
  over.abort();
  assert.equal(await running, false);
  using other = temporaryDirectory();
  const never = other.write(
    'never.cjs',
    `require('node:fs').writeFileSync(${JSON.stringify(join(other.path, 'x'))}, '')`,
  );
  assert.equal(await runSelf(programOf(never), [], over.signal), false);
  assert.equal(existsSync(join(other.path, 'x')), false);
});
