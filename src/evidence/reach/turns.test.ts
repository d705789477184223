import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Turns } from './turns.ts';

test('no group takes more than its share, and another one passes it by', async () => {
  const turns = new Turns({ most: 3, each: 2, waiting: 2 });
  const first = await turns.enter('evil', undefined);
  await turns.enter('evil', undefined);
  const order: string[] = [];
  const late = turns.enter('evil', undefined).then((leave) => (order.push('evil'), leave));
  const leave = await turns.enter('good', undefined);
  await setImmediate();
  assert.deepEqual([turns.size, order], [3, []]);
  const other = turns.enter('good', undefined).then(() => order.push('good'));
  leave?.();
  leave?.();
  await other;
  assert.deepEqual([turns.size, order], [3, ['good']]);
  first?.();
  await late;
  assert.deepEqual([turns.size, order], [3, ['good', 'evil']]);
});

test('who waits in vain hears of it, and who gives up takes no place', async () => {
  const turns = new Turns({ most: 1, each: 1, waiting: 1 });
  const leave = await turns.enter('a', undefined);
  const over = new AbortController();
  const waiting = turns.enter('b', over.signal);
  assert.equal(await turns.enter('c', undefined), undefined);
  over.abort(new Error('late'));
  await assert.rejects(waiting, /late/);
  leave?.();
  assert.equal(turns.size, 0);
  assert.ok((await turns.enter('c', undefined)) !== undefined);
});
