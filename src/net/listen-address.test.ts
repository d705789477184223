import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatListenAddress, parseListenAddress } from './listen-address.ts';

const addresses: readonly (readonly [text: string, host?: string, port?: number])[] = [
  ['127.0.0.1:5000', '127.0.0.1', 5000],
  [':5000', '::', 5000],
  ['[::1]:0', '::1', 0],
  ['localhost:65535', 'localhost', 65535],
  ['localhost:65536'],
  ['localhost'],
  ['5000'],
  ['::1:5000'],
  ['[localhost]:5000'],
  ['-x:5000'],
  ['http://x:5000'],
  [''],
];

for (const [text, host, port] of addresses) {
  test(`parseListenAddress() reads "${text}"`, () => {
    const address = parseListenAddress(text);
    assert.deepEqual(address, host === undefined ? undefined : { host, port });
    if (address !== undefined) assert.deepEqual(parseListenAddress(formatListenAddress(address)), address);
  });
}
