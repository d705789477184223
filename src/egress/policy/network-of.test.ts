import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatNetworkRange, type NetworkRange, parseNetworkRange } from '../../net/network-range.ts';
import { NetworkSet } from '../../net/network-set.ts';
import { networkOf } from './network-of.ts';

test('networkOf() leaves a network as it is, and takes from an address what is behind it', () => {
  for (const [given, wanted] of [
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['10.0.0.5/8', '10.0.0.0/8'],
    ['10.0.0.5/31', '10.0.0.4/31'],
    ['255.255.255.255/1', '128.0.0.0/1'],
    ['10.0.0.5', '10.0.0.5/32'],
    ['fd00::5/8', 'fd00::/8'],
    ['FD00:0:0:0:1:2:3:4/66', 'fd00::/66'],
    ['fd00::5', 'fd00::5/128'],
    ['::ffff:10.0.0.5', '::ffff:a00:5/128'],
    ['::/0', '::/0'],
  ] as const) {
    assert.equal(formatNetworkRange(networkOf(parseNetworkRange(given) as NetworkRange)), wanted, given);
  }
});

test('networkOf() holds the same addresses', () => {
  const v4 = fc.tuple(fc.ipV4(), fc.nat(32)).map(([address, bits]) => ({ family: 4 as const, address, bits }));
  const v6 = fc.tuple(fc.ipV6(), fc.nat(128)).map(([address, bits]) => ({ family: 6 as const, address, bits }));
  fc.assert(
    fc.property(fc.oneof(v4, v6), (given) => {
      const network = networkOf(given);
      const [whole, own] = [new NetworkSet(), new NetworkSet()];
      whole.add(given);
      own.add(network);
      assert.ok(whole.has(network.address) && own.has(given.address));
      assert.deepEqual(networkOf(network), network);
    }),
    { numRuns: 300 },
  );
});
