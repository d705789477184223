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
