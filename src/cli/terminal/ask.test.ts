import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { askOnTerminal, type AskContext } from './ask.ts';

/** A terminal on which somebody types. */
function terminal(...typed: readonly string[]): AskContext & { readonly shown: string[]; readonly modes: boolean[] } {
  const events = new EventEmitter();
  const shown: string[] = [];
  const modes: boolean[] = [];
  const controller = new AbortController();
  return {
    shown,
    modes,
    input: {
      setRawMode: (on) => void modes.push(on),
      resume: () => setImmediate(() => typed.forEach((text) => events.emit('data', text))),
      pause: () => undefined,
      on: (name, listener) => void events.on(name, listener),
      off: (name, listener) => void events.off(name, listener),
    },
    output: { isTerminal: true, columns: 80, write: (text) => Promise.resolve(void shown.push(text)) },
    interrupt: () => controller.abort(new Error('interrupted')),
    signal: controller.signal,
  };
}

test('askOnTerminal() reads a line, with corrections', async () => {
  for (const [typed, secret, answer, shown] of [
    [['yes\r'], false, 'yes', ['? ', 'y', 'e', 's', '\n']],
    [['s3', 'cret', '\n', 'more'], true, 's3cret', ['? ', '\n']],
    [['ab\u007Fc\r'], true, 'ac', ['? ', '\n']],
    [['\u007F\u{1F600}x\b\b\r'], true, '', ['? ', '\n']],
    [['a\u0001\u001Bb\r'], true, 'ab', ['? ', '\n']],
    [['x\u0004'], true, 'x', ['? ', '\n']],
    [['\r'], true, '', ['? ', '\n']],
  ] as const) {
    const context = terminal(...typed);
    assert.equal(await askOnTerminal('? ', secret, context), answer);
    assert.deepEqual(context.shown, shown);
    assert.deepEqual(context.modes, [true, false]);
  }
});

test('askOnTerminal() ends with Ctrl-C and leaves the terminal as it was', async () => {
  const context = terminal('sec\u0003ret\r');
  await assert.rejects(askOnTerminal('? ', true, context), /interrupted/);
  assert.deepEqual(context.modes, [true, false]);
  assert.deepEqual(context.shown, ['? ', '\n']);
});
