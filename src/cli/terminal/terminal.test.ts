import assert from 'node:assert/strict';
import test from 'node:test';
import { useColour } from './colour.ts';
import { formatBytes } from './format-bytes.ts';
import { openTerminalProgress } from './progress.ts';

const colours: readonly (readonly [env: Record<string, string>, isTerminal: boolean, colour: boolean])[] = [
  [{}, true, true],
  [{}, false, false],
  [{ NO_COLOR: '1' }, true, false],
  [{ NO_COLOR: '' }, true, true],
  [{ TERM: 'dumb' }, true, false],
  [{ TERM: 'xterm-256color' }, true, true],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '1', NO_COLOR: '1', TERM: 'dumb' }, true, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ FORCE_COLOR: 'false' }, true, false],
];

for (const [env, isTerminal, colour] of colours) {
  test(`useColour() is ${colour} for ${JSON.stringify(env)} ${isTerminal ? 'on a terminal' : 'in a pipe'}`, () => {
    assert.equal(useColour(env, isTerminal), colour);
  });
}

for (const [bytes, text] of [
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 KiB'],
  [10_240, '10 KiB'],
  [1_500_000, '1.4 MiB'],
  [2 ** 31, '2.0 GiB'],
  [2 ** 53, '8192 TiB'],
] as const) {
  test(`formatBytes() writes ${bytes} as ${text}`, () => assert.equal(formatBytes(bytes), text));
}

const erase = '\r\u001B[2K';

/** A terminal that remembers what was written, with a clock to turn. */
function terminal(width: number = 80) {
  const state = { written: [] as string[], time: 0 };
  const progress = openTerminalProgress({
    write: (text) => state.written.push(text),
    columns: () => width,
    now: () => state.time,
  });
  const after = (milliseconds: number): void => void (state.time += milliseconds);
  /** What was written since the last call. */
  const take = (): string[] => state.written.splice(0);
  return { progress, after, take };
}

test('openTerminalProgress() draws bytes, totals and percent, and clears at the end', () => {
  const { progress, after, take } = terminal();
  const task = progress.start('Pulling alpine', { total: 4096, unit: 'bytes' });
  assert.deepEqual(take(), [`${erase}Pulling alpine 0 B/4.0 KiB 0%`]);
  after(100);
  task.advance(1024);
  assert.deepEqual(take(), [`${erase}Pulling alpine 1.0 KiB/4.0 KiB 25%`]);
  task.finish();
  assert.deepEqual(take(), [erase]);
  task.advance(1);
  task.finish();
  assert.deepEqual(take(), []);
});

test('openTerminalProgress() draws at most ten times a second', () => {
  const { progress, after, take } = terminal();
  const task = progress.start('Layers', { total: 1000 });
  for (let step = 0; step < 1000; step += 1) {
    after(1);
    task.advance(1);
  }
  const drawn = take();
  assert.equal(drawn.length, 11);
  assert.deepEqual(drawn.slice(-2), [`${erase}Layers 900/1000 90%`, `${erase}Layers 1000/1000 100%`]);
});

test('openTerminalProgress() shows several tasks on one line, and how many do not fit', () => {
  const { progress, after, take } = terminal(40);
  const tasks = ['one', 'two', 'three', 'four'].map((label) => {
    after(100);
    return progress.start(`layer ${label}`, { total: 9 });
  });
  assert.deepEqual(take(), [
    `${erase}layer one 0/9 0%`,
    `${erase}layer one 0/9 0% · layer two 0/9 0%`,
    `${erase}layer one 0/9 0% · +2`,
    `${erase}layer one 0/9 0% · +3`,
  ]);
  after(100);
  tasks[0]?.finish();
  assert.deepEqual(take(), [`${erase}layer two 0/9 0% · +2`]);
});

test('openTerminalProgress() gives the line to others and takes it back', () => {
  const { progress, after, take } = terminal();
  const task = progress.start('Reading');
  take();
  progress.clear();
  progress.clear();
  assert.deepEqual(take(), [erase]);
  after(100);
  task.advance(3);
  assert.deepEqual(take(), [`${erase}Reading 3`]);
});

test('openTerminalProgress() cuts to the width and cleans labels', () => {
  const { progress, take } = terminal(12);
  progress.start('漢字\u001b[2J漢字漢字');
  assert.deepEqual(take(), [`${erase}漢字\uFFFD[2J漢…`]);
});
