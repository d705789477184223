import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepFor } from './keep-for.ts';

test('keepFor() asks again after a while, and after a failure', async () => {
  let time = 0;
  let fetched = 0;
  let broken = true;
  const ask = keepFor(100, { now: () => new Date(time) }, () => {
    fetched += 1;
    return broken ? Promise.reject(new Error('broken')) : Promise.resolve(fetched);
  });
  await assert.rejects(ask(), /broken/);
  broken = false;
  assert.equal(await ask(), 2);
  time = 99;
  assert.equal(await ask(), 2);
  time = 100;
  assert.equal(await ask(), 3);
});
