import assert from 'node:assert/strict';
import test from 'node:test';
import { type RestartedProcess, restartWith } from './restart-with.ts';

const flag = '--max-semi-space-size=16';

/** What would be executed, or undefined. */
function restarted(changes: Partial<RestartedProcess> = {}): readonly string[] | undefined {
  let command: readonly string[] | undefined;
  restartWith({
    platform: 'linux',
    execPath: process.execPath,
    execArgv: ['--no-warnings'],
    argv: [process.execPath, '/bin/seaworthy', 'registry', 'serve', '--listen', ':5000'],
    env: {},
    execve: (file, args) => {
      command = [file, ...args];
    },
    ...changes,
  })(flag);
  return command;
}

test('restartWith() starts the same anew, with the flag behind those of Node', () => {
  const node = process.execPath;
  const own = ['--no-warnings', flag, '/bin/seaworthy', 'registry', 'serve', '--listen', ':5000'];
  assert.deepEqual(restarted(), [node, node, ...own]);
  assert.notEqual(restarted({ env: { NODE_OPTIONS: '--max-old-space-size=512' } }), undefined);
});

test('restartWith() gives a single file the flag in its environment, behind what is there', () => {
  let seen: readonly unknown[] = [];
  const argv = ['/bin/seaworthy', './seaworthy', 'registry', 'serve'];
  restartWith({
    platform: 'linux',
    execPath: process.execPath,
    execArgv: [],
    argv,
    env: { HOME: '/home', NODE_OPTIONS: '--max-old-space-size=512' },
    isSingleFile: true,
    execve: (...given) => (seen = given),
  })(flag);
  const env = { HOME: '/home', NODE_OPTIONS: `--max-old-space-size=512 ${flag}` };
  assert.deepEqual(seen, [process.execPath, [process.execPath, 'registry', 'serve'], env]);
});

test('restartWith() leaves alone what has the flag, whoever set it, and what cannot be replaced', () => {
  const cases: readonly Partial<RestartedProcess>[] = [
    { execArgv: [flag] },
    { execArgv: ['--max_semi_space_size=64'] },
    { env: { NODE_OPTIONS: '--no-warnings  --max-semi-space-size=64' } },
    { platform: 'win32' },
    { connected: true },
    { execve: undefined },
    { execPath: '/nowhere/node' },
  ];
  for (const changes of cases) assert.equal(restarted(changes), undefined, JSON.stringify(changes));
});
