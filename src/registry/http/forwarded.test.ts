import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import fc from 'fast-check';
import { type ForwardingHeader, hopsOf, plainAddress } from './forwarded.ts';

function addresses(header: ForwardingHeader, text: string | readonly string[]): readonly (string | undefined)[] {
  return [...hopsOf(header, { [header]: text })].map(({ address }) => address);
}

describe('hopsOf() reads X-Forwarded-For from its end', () => {
  const cases: readonly (readonly [text: string, ...hops: readonly (string | undefined)[]])[] = [
    ['192.0.2.1', '192.0.2.1'],
    ['192.0.2.1, 198.51.100.7', '198.51.100.7', '192.0.2.1'],
    ['192.0.2.1,198.51.100.7 ,\t203.0.113.9', '203.0.113.9', '198.51.100.7', '192.0.2.1'],
    ['192.0.2.1:49152', '192.0.2.1'],
    ['2001:db8::1', '2001:db8::1'],
    ['[2001:db8::1]', '2001:db8::1'],
    ['[2001:db8::1]:443', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['', undefined],
    [',', undefined, undefined],
    ['unknown', undefined],
    ['192.0.2.1, unknown', undefined, '192.0.2.1'],
    ['192.0.2.1.', undefined],
    ['192.0.2.256', undefined],
    ['192.0.2.01', undefined],
    ['0x7f.1', undefined],
    ['3221225985', undefined],
    ['192.0.2.1:x', undefined],
    ['192.0.2.1 198.51.100.7', undefined],
    ['fe80::1%eth0', undefined],
    ['[192.0.2.1]', undefined],
    ['2001:db8::1]:443', undefined],
    ['"192.0.2.1"', undefined],
    ['for=192.0.2.1', undefined],
    ['localhost', undefined],
    ["192.0.2.1'; DROP TABLE audit; --", undefined],
  ];
  for (const [text, ...hops] of cases) {
    test(JSON.stringify(text), () => assert.deepEqual(addresses('x-forwarded-for', text), hops));
  }

  test('several headers are one', () => {
    assert.deepEqual(addresses('x-forwarded-for', ['192.0.2.1', '198.51.100.7']), ['198.51.100.7', '192.0.2.1']);
  });

  test('with how the nearest proxy was asked', () => {
    const schemes = (proto: string): readonly unknown[] =>
      [...hopsOf('x-forwarded-for', { 'x-forwarded-for': '192.0.2.1, 192.0.2.2', 'x-forwarded-proto': proto })].map(
        ({ scheme }) => scheme,
      );
    assert.deepEqual(schemes('https'), ['https', undefined]);
    assert.deepEqual(schemes('http, HTTPS'), ['https', undefined]);
    assert.deepEqual(schemes('https, ftp'), [undefined, undefined]);
  });
});

describe('hopsOf() reads Forwarded from its end (RFC 7239)', () => {
  const cases: readonly (readonly [text: string, ...hops: readonly (string | undefined)[]])[] = [
    ['for=192.0.2.1', '192.0.2.1'],
    ['For="[2001:db8:cafe::17]:4711"', '2001:db8:cafe::17'],
    ['for=192.0.2.60;proto=http;by=203.0.113.43', '192.0.2.60'],
    ['for=192.0.2.43, for=198.51.100.17', '198.51.100.17', '192.0.2.43'],
    ['for=192.0.2.43,for="198.51.100.17:80";by=_x; proto=https', '198.51.100.17', '192.0.2.43'],
    ['proto=https;by=203.0.113.43', undefined],
    ['for=unknown', undefined],
    ['for=_hidden, for=192.0.2.1', '192.0.2.1', undefined],
    ['for="_SEVKISEK"', undefined],
    ['for=192.0.2.1;host="a,b;c=d"', '192.0.2.1'],
    ['for="192.0.2.1\\"";proto=http', undefined],
    ['for="\\192.0.2.1"', '192.0.2.1'],
    ['for=192.0.2.1;for=192.0.2.2', undefined],
    ['for=2001:db8::1', undefined],
    ['for=[2001:db8::1]', undefined],
    ['for = 192.0.2.1', undefined],
    ['192.0.2.1', undefined],
    ['', undefined],
    // What stands before may leave a quoted text open, to take in what a proxy adds.
    ['for="x, for=192.0.2.1', '192.0.2.1', undefined],
    ['for="x, for="[2001:db8::1]"', '2001:db8::1', undefined],
    ['a="\\, for=192.0.2.1;by="[::1]"', '192.0.2.1', undefined],
    [`${'; '.repeat(5000)}, for=192.0.2.1`, '192.0.2.1', undefined],
  ];
  for (const [text, ...hops] of cases) {
    test(JSON.stringify(text.slice(0, 60)), () => assert.deepEqual(addresses('forwarded', text), hops));
  }

  test('with how each was asked', () => {
    const hops = [...hopsOf('forwarded', { forwarded: 'for=192.0.2.1;proto=https, for=192.0.2.2;proto=ftp' })];
    assert.deepEqual(
      hops.map(({ scheme }) => scheme),
      [undefined, 'https'],
    );
  });
});

test('hopsOf() finds what the last proxy wrote, whatever stands before it', () => {
  const junk = fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.string({ unit: fc.constantFrom('"', '\\', ',', ';', '=', ' ', 'for', 'a', '[::1]', '6.6.6.6'), maxLength: 60 }),
  );
  const written = fc.constantFrom(
    ['for=192.0.2.1', '192.0.2.1'],
    ['for=192.0.2.1;proto=https;host=example.org', '192.0.2.1'],
    ['for="[2001:db8::1]:80";by="[::1]"', '2001:db8::1'],
  );
  fc.assert(
    fc.property(junk, written, (before, [element = '', address]) => {
      assert.equal(addresses('forwarded', `${before}, ${element}`)[0], address);
      assert.equal(addresses('x-forwarded-for', `${before}, ${address}`)[0], address);
    }),
  );
});

test('hopsOf() looks at no more than a few hops', () => {
  const many = (one: string): string => Array.from({ length: 10_000 }, () => one).join(',');
  assert.equal(addresses('x-forwarded-for', many('192.0.2.1')).length, 16);
  assert.equal(addresses('forwarded', many('for=192.0.2.1')).length, 16);
});

test('hopsOf() finds none where there is no header', () => {
  for (const header of ['x-forwarded-for', 'forwarded'] as const) assert.deepEqual([...hopsOf(header, {})], []);
});

test('plainAddress() takes an IPv4 address out of IPv6', () => {
  const cases = [
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8::ffff:1', '2001:db8::ffff:1'],
  ];
  for (const [given = '', plain] of cases) assert.equal(plainAddress(given), plain);
});
