import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { EndingSignal } from './exit-code.ts';
import type { Host, Output } from './host.ts';
import { openHost } from './open-host.ts';

interface Setting {
  readonly host: Host;
  readonly said: string[];
  readonly exits: number[];
  readonly interrupt: (signal: EndingSignal) => void;
}

function setUp({ mock }: TestContext, stdin: readonly string[] = []): Setting {
  mock.timers.enable({ apis: ['setTimeout'] });
  const said: string[] = [];
  const exits: number[] = [];
  let interrupt: Setting['interrupt'] = () => undefined;
  const output: Output = {
    isTerminal: false,
    columns: undefined,
    write: async (text) => void said.push(text),
  };
  const host = openHost({
    env: {},
    cwd: '/',
    home: '/',
    arch: 'x64',
    cores: 1,
    version: '0',
    stdout: output,
    stderr: output,
    stdin: async function* chunks() {
      yield* stdin;
    },
    onInterrupt: (stop) => {
      interrupt = stop;
    },
    exit: (status) => void exits.push(status),
  });
  return { host, said, exits, interrupt: (signal) => interrupt(signal) };
}

for (const [signal, status] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`openHost() aborts what runs on ${signal}, and ends the process with ${status} when that takes long`, async (t) => {
    const { host, said, exits, interrupt } = setUp(t);
    assert.equal(host.interruptStatus(), undefined);
    interrupt(signal);
    assert.equal(host.signal.aborted, true);
    assert.equal(host.interruptStatus(), status);
    t.mock.timers.tick(499);
    assert.deepEqual(exits, []);
    t.mock.timers.tick(1);
    await Promise.resolve();
    assert.deepEqual(exits, [status]);
    assert.match(said.join(''), /^error INTERRUPTED: [^\n]+\n$/);
  });
}

test('openHost() waits as long as its command asks for', (t) => {
  const { host, exits, interrupt } = setUp(t);
  host.endWithin(3000);
  interrupt('SIGTERM');
  t.mock.timers.tick(2999);
  assert.deepEqual(exits, []);
});

test('openHost() takes the same key press that comes twice for one', (t) => {
  const { exits, interrupt } = setUp(t);
  interrupt('SIGINT');
  interrupt('SIGINT');
  assert.deepEqual(exits, []);
});

test('openHost() reads standard input up to a bound', async (t) => {
  assert.equal((await setUp(t, ['ab', 'c']).host.readStdin(3)).toString(), 'abc');
  t.mock.timers.reset();
  await assert.rejects(setUp(t, ['ab', 'cd']).host.readStdin(3), { code: 'TARGET_INVALID' });
});
