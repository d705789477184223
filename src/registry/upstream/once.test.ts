import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OnceAtATime } from './once.ts';

test('OnceAtATime does work once for all who wait, and again for who comes later', async () => {
  const once = new OnceAtATime();
  const { signal } = new AbortController();
  let done = 0;
  const { promise, resolve } = Promise.withResolvers<void>();
  const work = async (): Promise<number> => {
    await promise;
    done += 1;
    return done;
  };
  const waiting = Array.from({ length: 5 }, () => once.run('a', signal, work));
  const other = once.run('b', signal, () => Promise.resolve('other'));
  assert.equal(await other, 'other');
  resolve();
  assert.deepEqual(await Promise.all(waiting), [1, 1, 1, 1, 1]);
  assert.equal(await once.run('a', signal, work), 2);
});

test('who stops waiting stops nothing, and a failure is everybody’s', async () => {
  const once = new OnceAtATime();
  const leaving = new AbortController();
  const { promise, reject } = Promise.withResolvers<string>();
  const left = once.run('a', leaving.signal, () => promise);
  const stays = once.run('a', new AbortController().signal, () => Promise.resolve('another'));
  leaving.abort(new Error('gone'));
  await assert.rejects(left, /gone/);
  reject(new Error('failed'));
  await assert.rejects(stays, /failed/);
  await assert.rejects(
    once.run('a', leaving.signal, () => Promise.resolve('x')),
    /gone/,
  );
});
