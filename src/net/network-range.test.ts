import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatNetworkRange, parseNetworkRange } from './network-range.ts';

for (const [text, wanted] of [
  ['10.0.0.5', '10.0.0.5/32'],
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['0.0.0.0/0', '0.0.0.0/0'],
  ['FD00::5', 'fd00::5/128'],
  ['fd00::/64', 'fd00::/64'],
  ['::ffff:10.0.0.1/128', '::ffff:10.0.0.1/128'],
  ['10.0.0.0/33', undefined],
  ['fd00::/129', undefined],
  ['10.0.0', undefined],
  ['010.0.0.1', undefined],
  ['fe80::1%eth0', undefined],
  ['host', undefined],
  ['', undefined],
] as const) {
  test(`parseNetworkRange() of "${text}"`, () => {
    const range = parseNetworkRange(text);
    assert.equal(range === undefined ? undefined : formatNetworkRange(range), wanted);
  });
}
