import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import test from 'node:test';
import { setUnpackingThreads } from './unpacking-threads.ts';

const wanted = String(Math.max(2, Math.min(16, availableParallelism())));

const cases: readonly (readonly [string, string | undefined, string | undefined])[] = [
  ['image', undefined, wanted],
  ['k8s', undefined, wanted],
  ['image', '7', '7'],
  ['image', '', wanted],
  ['registry', undefined, undefined],
];

for (const [command, given, expected] of cases) {
  test(`setUnpackingThreads() for ${command} with ${given}`, () => {
    const env: Record<string, string | undefined> = given === undefined ? {} : { UV_THREADPOOL_SIZE: given };
    setUnpackingThreads(command, env);
    assert.equal(env['UV_THREADPOOL_SIZE'], expected);
  });
}
