import assert from 'node:assert/strict';
import test from 'node:test';
import { developmentOnly } from './reach.ts';

const graph = new Map([
  ['a', ['b']],
  ['b', ['a', 'c']],
  ['tool', ['c', 'd']],
  ['d', ['tool']],
  ['alone', ['d']],
]);

test('developmentOnly() gives what no root of production leads to, loops or not', () => {
  assert.deepEqual([...developmentOnly(graph, ['a'], ['tool'])], ['tool', 'd']);
  assert.deepEqual([...developmentOnly(graph, ['a', 'd'], ['tool'])], []);
  assert.deepEqual([...developmentOnly(graph, [], [])], []);
});
