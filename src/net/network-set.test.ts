import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNetworkRange } from './network-range.ts';
import { NetworkSet } from './network-set.ts';

test('a NetworkSet holds addresses of its networks, of both families', () => {
  const set = new NetworkSet();
  for (const text of ['10.0.0.0/8', '192.0.2.1', 'fd00::/64']) {
    const range = parseNetworkRange(text);
    assert.ok(range !== undefined);
    set.add(range);
  }
  for (const address of ['10.1.2.3', '192.0.2.1', 'fd00::5']) assert.ok(set.has(address), address);
  for (const address of ['11.0.0.1', '192.0.2.2', 'fd00:0:0:1::', 'host', '']) assert.ok(!set.has(address), address);
});
