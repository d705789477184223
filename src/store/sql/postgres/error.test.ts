import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { DatabaseError } from 'pg';
import { StoreError } from '../../error.ts';
import { isConflict, postgresError } from './error.ts';

function stateError(code: string): DatabaseError {
  const error = new DatabaseError('no, not with secret', 10, 'error');
  error.code = code;
  return error;
}

test('postgresError() maps what the outside is to blame for', () => {
  const cases = [
    ['08006', 'STORE_UNAVAILABLE'],
    ['25006', 'STORE_UNAVAILABLE'],
    ['25P03', 'STORE_BUSY'],
    ['28P01', 'STORE_UNAVAILABLE'],
    ['40001', 'STORE_BUSY'],
    ['53100', 'STORE_FULL'],
    ['53300', 'STORE_UNAVAILABLE'],
    ['57014', 'STORE_BUSY'],
    ['57P01', 'STORE_UNAVAILABLE'],
    ['58030', 'STORE_UNAVAILABLE'],
    ['XX001', 'STORE_DAMAGED'],
  ] as const;
  for (const [state, code] of cases) {
    const error = postgresError(stateError(state), ['secret']);
    assert.ok(error instanceof StoreError && error.code === code, state);
    assert.ok(!inspect(error, { showHidden: true }).includes('secret'), state);
    assert.ok(inspect(error).includes(state));
  }
  const lost = postgresError(new Error('Connection terminated unexpectedly'), []);
  assert.ok(lost instanceof StoreError && lost.code === 'STORE_UNAVAILABLE');
});

test('postgresError() leaves mistakes of the program as they are', () => {
  for (const state of ['23505', '42601', '22021', '25P02']) {
    const error = stateError(state);
    assert.equal(postgresError(error, []), error);
  }
});

test('isConflict() knows what may be tried again', () => {
  assert.ok(isConflict(stateError('40001')));
  assert.ok(isConflict(stateError('40P01')));
  assert.ok(!isConflict(stateError('23505')));
  assert.ok(!isConflict(Object.assign(new Error('no'), { code: '40001' })));
});
