import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { StoreError } from '../../error.ts';
import { WalSync } from './wal-sync.ts';

/** Syncs that end when the test says so. */
function syncs(): { readonly sync: () => Promise<void>; readonly begun: PromiseWithResolvers<void>[] } {
  const begun: PromiseWithResolvers<void>[] = [];
  const sync = (): Promise<void> => {
    const next = Promise.withResolvers<void>();
    begun.push(next);
    return next.promise;
  };
  return { sync, begun };
}

/** The names of those who waited long enough, in order. */
function waiters(log: WalSync): { readonly told: string[]; readonly wait: (name: string) => void } {
  const told: string[] = [];
  return {
    told,
    wait: (name) =>
      void log.wait().then(
        () => told.push(name),
        () => told.push(`${name} failed`),
      ),
  };
}

test('WalSync: those who wait at the same time share a sync', async () => {
  const { sync, begun } = syncs();
  const { told, wait } = waiters(new WalSync(sync));
  wait('a');
  wait('b');
  await nextTurn();
  assert.equal(begun.length, 1);
  assert.deepEqual(told, []);
  begun[0]?.resolve();
  await nextTurn();
  assert.deepEqual(told, ['a', 'b']);
  assert.equal(begun.length, 1);
});

test('WalSync: a sync that had begun says nothing about what came after', async () => {
  const { sync, begun } = syncs();
  const { told, wait } = waiters(new WalSync(sync));
  wait('a');
  await nextTurn();
  wait('b');
  await nextTurn();
  wait('c');
  await nextTurn();
  assert.equal(begun.length, 1);
  begun[0]?.resolve();
  await nextTurn();
  assert.deepEqual(told, ['a']);
  assert.equal(begun.length, 2);
  wait('d');
  begun[1]?.resolve();
  await nextTurn();
  assert.deepEqual(told, ['a', 'b', 'c']);
  begun[2]?.resolve();
  await nextTurn();
  assert.deepEqual(told, ['a', 'b', 'c', 'd']);
});

test('WalSync: after a sync that failed nothing more is promised', async () => {
  const { sync, begun } = syncs();
  const log = new WalSync(sync);
  const { told, wait } = waiters(log);
  wait('a');
  await nextTurn();
  wait('b');
  begun[0]?.reject(new Error('EIO'));
  await nextTurn();
  wait('c');
  await nextTurn();
  assert.deepEqual(told, ['a failed', 'b failed', 'c failed']);
  assert.equal(begun.length, 1);
  assert.ok(log.failure instanceof StoreError);
  assert.equal(log.failure.code, 'STORE_UNAVAILABLE');
});
