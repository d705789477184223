import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { CodecError, type CodecErrorCode } from '../error.ts';
import { derLimits } from './limits.ts';
import {
  readBitString,
  readBoolean,
  readFlags,
  readInteger,
  readIntegerBytes,
  readOctets,
  readOid,
  readText,
  readTime,
} from './primitives.ts';
import { type DerValue, readChildren, readDer, readSequence } from './read.ts';
import { contextTag, derTag } from './tag.ts';
import {
  derBitString,
  derBoolean,
  derContext,
  derGeneralizedTime,
  derInteger,
  derOid,
  derSequence,
  derSet,
  derTime,
  derValue,
} from './write.ts';

function refuses(code: CodecErrorCode, run: () => unknown, message?: string): void {
  assert.throws(run, (error) => error instanceof CodecError && error.code === code, message);
}

function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(' ', ''), 'hex');
}

test('readDer() reads one value and its children, raw bytes as they came', () => {
  const inner = derSequence(derInteger(5), derValue(derTag.null));
  const value = readDer(derSequence(inner, derContext(0, derBoolean(true)), derValue(derTag.octetString, inner)));
  const [first, second, third, ...none] = readSequence(value);
  assert.deepEqual(first?.raw, inner);
  assert.equal(second?.tag, contextTag(0, true));
  assert.equal(readBoolean(readChildren(second)[0]), true);
  assert.deepEqual(readOctets(third), inner);
  assert.deepEqual(none, []);
  const long = readDer(derValue(derTag.octetString, Buffer.alloc(70_000, 7)));
  assert.equal(long.content.length, 70_000);
  assert.equal(long.raw.length, 70_005);
});

test('readDer() refuses what is not DER', () => {
  for (const [bytes, code] of [
    ['', 'TRUNCATED'],
    ['30', 'TRUNCATED'],
    ['30 03 02 01', 'TRUNCATED'],
    ['30 81', 'TRUNCATED'],
    ['30 00 00', 'MALFORMED'],
    ['30 80 00 00', 'MALFORMED'],
    ['30 81 05 02 01 05 05 00', 'MALFORMED'],
    ['30 82 00 80', 'MALFORMED'],
    ['04 85 01 00 00 00 00', 'MALFORMED'],
    ['1f 81 00 00', 'UNSUPPORTED'],
  ] as const) {
    refuses(code, () => readDer(hex(bytes)), bytes);
  }
  refuses('LIMIT_EXCEEDED', () => readDer(derValue(derTag.octetString, Buffer.alloc(derLimits.documentBytes))));
  const many = derSequence(Buffer.alloc(2 * (derLimits.children + 1)).fill(hex('05 00')));
  refuses('LIMIT_EXCEEDED', () => readChildren(readDer(many)));
  refuses('MALFORMED', () => readChildren(readDer(hex('04 02 05 00'))));
  refuses('MALFORMED', () => readSequence(undefined));
});

test('readInteger() reads signed numbers of any size, written as short as can be', () => {
  for (const value of [0n, 1n, 127n, 128n, 255n, 256n, -1n, -128n, -129n, 2n ** 64n, -(2n ** 64n)]) {
    assert.equal(readInteger(readDer(derInteger(value))), value);
  }
  fc.assert(fc.property(fc.bigInt(), (value) => readInteger(readDer(derInteger(value))) === value));
  assert.deepEqual(readIntegerBytes(readDer(derInteger(Buffer.from([0, 0, 200])))), hex('00 c8'));
  for (const bytes of ['02 00', '02 02 00 7f', '02 02 ff 80', '04 01 00']) {
    refuses('MALFORMED', () => readInteger(readDer(hex(bytes))), bytes);
  }
  refuses('LIMIT_EXCEEDED', () => readInteger(readDer(derValue(derTag.integer, Buffer.alloc(3000, 1)))));
});

test('readOid() reads dotted forms', () => {
  for (const oid of [
    '1.3.6.1.4.1.57264.1.8',
    '2.5.29.17',
    '0.9.2342.19200300.100.1.25',
    '2.999',
    '1.2.840.10045.2.1',
  ]) {
    assert.equal(readOid(readDer(derOid(oid))), oid);
  }
  for (const bytes of ['06 00', '06 01 80', '06 02 55 80', '06 03 55 80 01', '02 01 01']) {
    refuses('MALFORMED', () => readOid(readDer(hex(bytes))), bytes);
  }
  refuses('LIMIT_EXCEEDED', () => readOid(readDer(derValue(derTag.oid, Buffer.alloc(200, 1)))));
});

test('readTime() reads times of certificates and timestamps', () => {
  const general = (text: string): DerValue => readDer(derValue(derTag.generalizedTime, Buffer.from(text)));
  const utc = (text: string): DerValue => readDer(derValue(derTag.utcTime, Buffer.from(text)));
  for (const [value, iso] of [
    [utc('490102030405Z'), '2049-01-02T03:04:05.000Z'],
    [utc('500102030405Z'), '1950-01-02T03:04:05.000Z'],
    [general('20500102030405Z'), '2050-01-02T03:04:05.000Z'],
    [general('20260102030405.5Z'), '2026-01-02T03:04:05.500Z'],
    [general('20260102030405.25Z'), '2026-01-02T03:04:05.250Z'],
    [general('20260102030405.123456789Z'), '2026-01-02T03:04:05.123Z'],
    [general('20240229000000Z'), '2024-02-29T00:00:00.000Z'],
    [general('00010101000000Z'), '0001-01-01T00:00:00.000Z'],
  ] as const) {
    assert.equal(readTime(value).toISOString(), iso);
  }
  for (const value of [
    utc('2601020304Z'),
    utc('260102030405+0000'),
    general('20260102030405.50Z'),
    general('20260102030405.Z'),
    general('20260102030405'),
    general('20260231000000Z'),
    general('20260102240000Z'),
    general('20260102006000Z'),
    general('20260002000000Z'),
    readDer(derInteger(1)),
  ]) {
    refuses('MALFORMED', () => readTime(value), value.content.toString());
  }
  refuses('MALFORMED', () => readTime(undefined));
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2400-01-01'), noInvalidDate: true }), (date) => {
      assert.deepEqual(readTime(readDer(derGeneralizedTime(date))), date);
      const whole = Math.floor(date.getTime() / 1000) * 1000;
      assert.equal(readTime(readDer(derTime(date))).getTime(), whole);
    }),
  );
});

test('the other primitives take their own form and no other', () => {
  assert.deepEqual(readBitString(readDer(derBitString(hex('01 02')))), hex('01 02'));
  assert.deepEqual([...readFlags(readDer(hex('03 02 05 a0')))], [0, 2]);
  assert.deepEqual([...readFlags(readDer(hex('03 01 00')))], []);
  assert.equal(readText(readDer(derValue(derTag.utf8String, Buffer.from('h\u00E9')))), 'h\u00E9');
  assert.equal(readText(readDer(derValue(derTag.ia5String, Buffer.from('a@b')))), 'a@b');
  for (const run of [
    () => readBitString(readDer(hex('03 02 01 02'))),
    () => readBitString(readDer(hex('03 00'))),
    () => readFlags(readDer(hex('03 01 03'))),
    () => readFlags(readDer(hex('03 02 08 00'))),
    () => readBoolean(readDer(hex('01 01 01'))),
    () => readBoolean(readDer(hex('01 02 ff ff'))),
    () => readText(readDer(derValue(derTag.utf8String, hex('ff')))),
    () => readText(readDer(derValue(derTag.ia5String, hex('e9')))),
    () => readText(readDer(hex('04 01 41'))),
    () => readText(undefined),
  ]) {
    refuses('MALFORMED', run, String(run));
  }
});

test('derSet() orders its values', () => {
  const [small, large] = [derInteger(1), derInteger(300)];
  assert.deepEqual(derSet(large, small), derSet(small, large));
});

test('readDer() survives hostile bytes', () => {
  const seed = derSequence(
    derOid('1.3.6.1.4.1.57264.1.8'),
    derInteger(77_777),
    derContext(3, derSequence(derBitString(Buffer.from('signature')))),
    derTime(new Date('2026-01-02T03:04:05Z')),
  );
  const visit = (value: DerValue, depth = 0): void => {
    for (const read of [readInteger, readOid, readTime, readText, readFlags, readBitString, readBoolean]) {
      try {
        read(value);
      } catch (error) {
        assert.ok(error instanceof CodecError);
      }
    }
    if ((value.tag & 0x20) !== 0 && depth < 20) for (const child of readChildren(value)) visit(child, depth + 1);
  };
  assertSurvives([seed], (bytes) => visit(readDer(bytes)));
});
