import assert from 'node:assert/strict';
import test from 'node:test';
import { fastify } from 'fastify';
import { withMethods } from '../../../testing/with-methods.ts';
import { systemClock } from '../../net/clock.ts';
import { StoreError } from '../../store/error.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import { addHealth } from './health.ts';

const never = new Promise<never>(() => undefined);

const cases: readonly (readonly [title: string, get: () => Promise<never>, status: number])[] = [
  ['answers', () => Promise.resolve({ one: 1 } as never), 200],
  ['fails', () => Promise.reject(new StoreError('STORE_UNAVAILABLE', 'away')), 503],
  ['is silent', () => never, 503],
];

test('/readyz tells what a registry serves without, and that it serves', async () => {
  const server = fastify();
  const get = (): Promise<never> => Promise.resolve({ one: 1 } as never);
  const missing: 'vulnerability-database'[] = [];
  addHealth(server, withMethods({} as SqlDatabase, { get }), systemClock, () => missing);
  assert.deepEqual((await server.inject('/readyz')).json(), { status: 'ok' });
  missing.push('vulnerability-database');
  const ready = await server.inject('/readyz');
  assert.equal(ready.statusCode, 200);
  assert.deepEqual(ready.json(), { status: 'degraded', missing: ['vulnerability-database'] });
});

for (const [title, get, status] of cases) {
  test(`/readyz of a registry whose database ${title} is ${status}, and /healthz says that the process lives`, async () => {
    const server = fastify();
    const waited: number[] = [];
    const sleep = async (milliseconds: number): Promise<void> => {
      waited.push(milliseconds);
      await new Promise((resolve) => setImmediate(resolve));
    };
    addHealth(server, withMethods({} as SqlDatabase, { get }), withMethods(systemClock, { sleep }));
    const ready = await server.inject('/readyz');
    assert.equal(ready.statusCode, status);
    assert.doesNotMatch(ready.body, /away/);
    assert.ok(waited.length === 1 && (waited[0] as number) <= 5000, 'it is not awaited for long');
    assert.equal((await server.inject('/healthz')).statusCode, 200);
  });
}
