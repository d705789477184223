import assert from 'node:assert/strict';
import test from 'node:test';
import { lazyObject } from './lazy-object.ts';

test('lazyObject() makes members when they are looked at, once, and only those', () => {
  const made: string[] = [];
  const member = (name: string) => [name, () => (made.push(name), name)] as const;
  const object = lazyObject(new Map([member('a'), member('b'), member('__proto__')]));
  assert.deepEqual(Object.keys(object), ['a', 'b', '__proto__']);
  assert.ok(Object.hasOwn(object, 'a') && 'b' in object && !Object.hasOwn(object, 'constructor'));
  assert.equal(object['constructor'], Object);
  assert.deepEqual(made, []);
  assert.deepEqual([object['a'], object['a'], object['__proto__']], ['a', 'a', '__proto__']);
  assert.deepEqual(made, ['a', '__proto__']);
  assert.deepEqual(Object.entries({ ...object, c: 1 }), [...Object.entries(object), ['c', 1]]);
  assert.equal(JSON.stringify(lazyObject(new Map([member('a')]))), '{"a":"a"}');
});

test('lazyObject() tries again what throws, and takes nothing', () => {
  let times = 0;
  const object = lazyObject(
    new Map([
      [
        'a',
        () => {
          times += 1;
          if (times === 1) throw new Error('not yet');
          return times;
        },
      ],
    ]),
  ) as Record<string, unknown>;
  assert.throws(() => object['a'], /not yet/);
  assert.equal(object['a'], 2);
  assert.throws(() => (object['a'] = 3), TypeError);
  assert.throws(() => delete object['a'], TypeError);
  assert.equal(object['a'], 2);
});
