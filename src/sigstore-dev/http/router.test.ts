import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusedError } from '../error.ts';
import { codedRefusal } from './refusal.ts';
import { findRoute, matchPath, type Service } from './router.ts';

test('matchPath() takes names for single parts and for all that is left', () => {
  for (const [pattern, path, expected] of [
    ['/a', '/a', {}],
    ['/a', '/a/', undefined],
    ['/a', '/a/b', undefined],
    ['/a/:id', '/a/1', { id: '1' }],
    ['/a/:id', '/a/', undefined],
    ['/a/:id', '/a/1/2', undefined],
    ['/a/:id/b', '/a/1/b', { id: '1' }],
    ['/a/*rest', '/a/b/c', { rest: 'b/c' }],
    ['/a/*rest', '/a/', undefined],
    ['/a/*rest', '/a', undefined],
  ] as const) {
    assert.deepEqual(matchPath(pattern, path), expected, `${pattern} ${path}`);
  }
});

test('findRoute() tells an unknown path from an unknown method', () => {
  const route = { method: 'GET', path: '/a', handle: () => ({ status: 200 }) } as const;
  const service: Service = { name: 'tuf', routes: [route], refuse: codedRefusal };
  assert.equal(findRoute([service], 'GET', '/a').route, route);
  assert.equal(findRoute([service], 'HEAD', '/a').route, route);
  const refuses = (code: string) => (error: unknown) => error instanceof RefusedError && error.code === code;
  assert.throws(() => findRoute([service], 'POST', '/a'), refuses('METHOD_UNKNOWN'));
  assert.throws(() => findRoute([service], 'GET', '/b'), refuses('NOT_FOUND'));
});
