import assert from 'node:assert/strict';
import test from 'node:test';
import type { SqlQueries } from './database.ts';
import { TransactionScope } from './transaction-scope.ts';

const engine: SqlQueries = {
  all: () => Promise.resolve([]),
  get: () => Promise.resolve(undefined),
  run: (sql) => (sql === 'wrong' ? Promise.reject(new Error('no')) : Promise.resolve(1)),
};

test('TransactionScope: a statement that failed dooms the transaction', async () => {
  const scope = new TransactionScope(engine);
  assert.equal(await scope.run('right'), 1);
  assert.equal(scope.failure, undefined);
  await assert.rejects(scope.run('wrong'), /no/);
  await assert.rejects(scope.all('right'), /no/);
  assert.throws(() => scope.close(), /no/);
});

test('TransactionScope: nothing can be asked once it is over', async () => {
  const scope = new TransactionScope(engine);
  scope.close();
  await assert.rejects(scope.get('right'), { code: 'STORE_BUSY' });
});

test('TransactionScope: work that asks for ever ends in an error, though it gives no turn to timers', async () => {
  const scope = new TransactionScope(engine, { time: 5 });
  const forever = async (): Promise<never> => {
    for (;;) await scope.run('right');
  };
  await assert.rejects(forever(), { code: 'STORE_BUSY' });
  assert.throws(() => scope.close(), { code: 'STORE_BUSY' });
});

test('TransactionScope: work that writes for ever ends in an error before the disk is full', async () => {
  const scope = new TransactionScope(engine, { bytes: 100_000 });
  let written = 0;
  const forever = async (): Promise<never> => {
    for (;;) {
      await scope.run('right', 'x'.repeat(500), new Uint8Array(400), 1, null);
      written += 900;
    }
  };
  await assert.rejects(forever(), { code: 'STORE_BUSY' });
  assert.ok(written > 80_000 && written <= 100_000, String(written));
  assert.throws(() => scope.close(), { code: 'STORE_BUSY' });
});
