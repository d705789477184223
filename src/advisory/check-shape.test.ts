import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { checkShape } from './check-shape.ts';

const schema = z.object({ name: z.string().min(1).max(3), list: z.array(z.unknown()).max(1).optional() });

const cases: readonly (readonly [title: string, json: unknown, checked: object])[] = [
  ['what fits', { name: 'a' }, { value: { name: 'a' }, tooBig: false }],
  ['what does not fit', { name: 1 }, { tooBig: false }],
  ['text that is too long', { name: 'abcd' }, { tooBig: true }],
  ['a list that is too long', { name: 'a', list: [1, 2] }, { tooBig: true }],
  ['a text that is an object with a length of no kind', { name: { length: { toString: 1 } } }, { tooBig: false }],
  ['a list that is such an object', { name: 'a', list: { length: { toString: 1 } } }, { tooBig: false }],
];

for (const [title, json, checked] of cases) {
  test(`checkShape() says of ${title} whether it fits`, () => assert.deepEqual(checkShape(schema, json), checked));
}
