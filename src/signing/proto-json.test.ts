import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodecError } from '../codec/error.ts';
import { checkProtoJson, type ProtoShape } from './proto-json.ts';

const shape: ProtoShape = {
  fields: {
    text: 'text',
    bytes: 'bytes',
    integer: 'integer',
    time: 'time',
    kind: 'enum',
    on: 'boolean',
    list: { list: { fields: { text: 'text' } }, most: 2 },
  },
  oneOf: ['text', 'bytes'],
};

test('checkProtoJson() takes what ProtoJSON allows', () => {
  for (const value of [
    {},
    { text: '' },
    { bytes: 'QQ==' },
    { integer: 5 },
    { integer: '-9223372036854775808' },
    { time: '2026-01-02T03:04:05.123456789Z' },
    { kind: 'SHA2_256' },
    { kind: 1 },
    { on: true },
    { list: [{}, { text: 'x' }] },
    { text: null, bytes: 'QQ==', list: null },
  ]) {
    checkProtoJson(value, shape, 'it', 'refuse');
  }
  checkProtoJson({ more: { of: 'it' } }, shape, 'it', 'ignore');
});

test('checkProtoJson() refuses everything else, naming the place', () => {
  for (const [value, place] of [
    [null, 'it is not an object'],
    [[], 'it is not an object'],
    ['{}', 'it is not an object'],
    [{ text: 1 }, 'it.text'],
    [{ bytes: 'Q' }, 'it.bytes'],
    [{ bytes: 'Q-==' }, 'it.bytes'],
    [{ integer: 1.5 }, 'it.integer'],
    [{ integer: '01' }, 'it.integer'],
    [{ integer: '1e3' }, 'it.integer'],
    [{ integer: 2 ** 60 }, 'it.integer'],
    [{ time: '2026-01-02' }, 'it.time'],
    [{ time: '2026-99-02T03:04:05Z' }, 'it.time'],
    [{ kind: {} }, 'it.kind'],
    [{ on: 'true' }, 'it.on'],
    [{ list: {} }, 'it.list'],
    [{ list: [{ text: {} }] }, 'it.list\\[0\\].text'],
    [{ more: 1 }, 'field "more"'],
    [{ toString: 1 }, 'field "toString"'],
    [JSON.parse('{"__proto__":1}'), 'field "__proto__"'],
    [{ text: 'a', bytes: 'QQ==' }, 'text and bytes at once'],
  ] as const) {
    assert.throws(
      () => checkProtoJson(value, shape, 'it', 'refuse'),
      (error) => error instanceof CodecError && new RegExp(place).test(error.message),
      JSON.stringify(value),
    );
  }
  assert.throws(() => checkProtoJson({ list: [{}, {}, {}] }, shape, 'it', 'refuse'), { code: 'LIMIT_EXCEEDED' });
});
