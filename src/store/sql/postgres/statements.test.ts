import assert from 'node:assert/strict';
import test from 'node:test';
import { PostgresStatements } from './statements.ts';
import { postgresLimits } from './limits.ts';

test('PostgresStatements: parameters are numbered, and each text has one name', () => {
  const statements = new PostgresStatements();
  const first = statements.get('SELECT ? AS a, ? AS b');
  assert.deepEqual(first, { text: 'SELECT $1 AS a, $2 AS b', name: 'seaworthy_0' });
  assert.deepEqual(statements.get('SELECT 1'), { text: 'SELECT 1', name: 'seaworthy_1' });
  assert.equal(statements.get('SELECT ? AS a, ? AS b'), first);
});

test('PostgresStatements: beyond a number of texts they get no name, so that no connection keeps them', () => {
  const statements = new PostgresStatements();
  for (let at = 0; at < postgresLimits.statements; at++) statements.get(`SELECT ${at}`);
  assert.deepEqual(statements.get('SELECT ?'), { text: 'SELECT $1' });
  assert.equal(statements.get('SELECT 5').name, 'seaworthy_5');
});
