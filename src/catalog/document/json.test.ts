import assert from 'node:assert/strict';
import test from 'node:test';
import { CatalogError } from '../error.ts';
import { elements, member, members, parseJson, parseJsonObject } from './json.ts';

const malformed = (error: unknown): boolean => error instanceof CatalogError && error.code === 'MALFORMED';

test('parseJson() skips a byte-order mark', () => {
  assert.deepEqual(parseJson(Buffer.from('\uFEFF{"a":1}')), { a: 1 });
});

for (const text of [
  '',
  '\uFEFF',
  '{',
  '{"a":1,}',
  '// note\n{}',
  '{"a":1}/* note */',
  "{'a':1}",
  '{"a":NaN}',
  '\u0000',
]) {
  test(`parseJson() refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseJson(Buffer.from(text)), malformed);
  });
}

test('parseJsonObject() refuses what is no object', () => {
  for (const text of ['[]', 'null', '"a"', '1']) assert.throws(() => parseJsonObject(Buffer.from(text)), malformed);
});

test('parseJson() reads a million nested arrays without running out of stack', () => {
  const depth = 1_000_000;
  assert.ok(Array.isArray(parseJson(Buffer.from('['.repeat(depth) + ']'.repeat(depth)))));
});

test('member() never reaches a prototype', () => {
  const document = parseJsonObject(Buffer.from('{"__proto__":{"polluted":1},"a":null}'));
  assert.deepEqual(member(document, '__proto__'), { polluted: 1 });
  assert.equal(member(document, 'polluted'), undefined);
  assert.equal(member(document, 'constructor'), undefined);
  assert.equal(member({}, '__proto__'), undefined);
  assert.equal(member('text', 'length'), undefined);
  assert.equal(member(null, 'a'), undefined);
  assert.equal(Reflect.get({}, 'polluted'), undefined);
});

test('members() and elements() are empty for everything else', () => {
  for (const value of [undefined, null, 'ab', 3]) {
    assert.deepEqual(members(value), []);
    assert.deepEqual(elements(value), []);
  }
  assert.deepEqual(members(['a']), []);
  assert.deepEqual(elements({ length: 1 }), []);
  assert.deepEqual(members({ a: 1 }), [['a', 1]]);
});

test('members() and elements() stop at an absurd number of entries', () => {
  const many = Array.from({ length: 250_001 }, (_, index) => index);
  for (const read of [() => elements(many), () => members(Object.fromEntries(many.entries()))]) {
    assert.throws(read, (error) => error instanceof CatalogError && error.code === 'LIMIT_EXCEEDED');
  }
  assert.equal(elements(many.slice(1)).length, 250_000);
});
