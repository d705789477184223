import assert from 'node:assert/strict';
import { test } from 'node:test';
import { embeddedAddress } from './embedded-address.ts';

const cases: readonly (readonly [address: string, led: string | undefined])[] = [
  ['::ffff:127.0.0.1', '127.0.0.1'],
  ['::ffff:7f00:1', '127.0.0.1'],
  ['0:0:0:0:0:FFFF:A9FE:A9FE', '169.254.169.254'],
  ['::ffff:0:10.1.2.3', '10.1.2.3'],
  ['::10.1.2.3', '10.1.2.3'],
  ['::1', '0.0.0.1'],
  ['::', '0.0.0.0'],
  ['64:ff9b::169.254.169.254', '169.254.169.254'],
  ['64:ff9b:1::7f00:1', '127.0.0.1'],
  ['64:ff9b:2::7f00:1', undefined],
  ['2002:7f00:1::', '127.0.0.1'],
  ['2001:0:1:2:3:4:80ff:fffe', '127.0.0.1'],
  ['2001:db8::7f00:1', undefined],
  ['fe80::7f00:1%eth0', undefined],
  ['::ffff:127.0.0.1%lo', '127.0.0.1'],
  ['fd00:ec2::254', undefined],
  ['127.0.0.1', undefined],
  ['name', undefined],
  ['', undefined],
];

for (const [address, led] of cases) {
  test(`embeddedAddress() finds ${led ?? 'nothing'} in ${address}`, () => {
    assert.equal(embeddedAddress(address), led);
  });
}
