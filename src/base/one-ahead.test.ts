import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneAhead } from './one-ahead.ts';

async function* counted(to: number, told: string[], failAt = to): AsyncGenerator<number> {
  try {
    for (let at = 0; at < to; at += 1) {
      told.push(`asked ${at}`);
      await Promise.resolve();
      if (at === failAt) throw new Error(`no ${at}`);
      yield at;
    }
  } finally {
    told.push('ended');
  }
}

test('oneAhead() asks for the next while one is worked on', async () => {
  const told: string[] = [];
  for await (const item of oneAhead(counted(3, told))) told.push(`got ${item}`);
  for (const at of [1, 2]) assert.ok(told.indexOf(`asked ${at}`) < told.indexOf(`got ${at - 1}`), told.join());
  assert.deepEqual(
    told.filter((line) => line.startsWith('got')),
    ['got 0', 'got 1', 'got 2'],
  );
  for await (const item of oneAhead(counted(0, []))) assert.fail(`got ${item}`);
});

test('oneAhead() tells a failure in its turn, and ends what nobody wants more of', async () => {
  const told: string[] = [];
  const got: number[] = [];
  await assert.rejects(
    async () => {
      for await (const item of oneAhead(counted(5, told, 2))) {
        await new Promise((resolve) => void setImmediate(resolve));
        got.push(item);
      }
    },
    { message: 'no 2' },
  );
  assert.deepEqual(got, [0, 1]);
  const others: string[] = [];
  for await (const item of oneAhead(counted(5, others))) if (item === 1) break;
  assert.equal(others.at(-1), 'ended');
  assert.ok(!others.includes('asked 3'));
});
