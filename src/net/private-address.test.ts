import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { listen } from '../../testing/registry/listen.ts';
import { resolveTo } from '../../testing/resolve-to.ts';
import { isNetError } from './error.ts';
import { openNetwork } from './open-network.ts';
import { isPrivateHost } from './private-address.ts';

const hosts: readonly (readonly [url: string, isPrivate: boolean])[] = [
  ['http://localhost', true],
  ['http://a.localhost.', true],
  ['http://127.9.9.9', true],
  ['http://2130706433', true],
  ['http://0x7f.1', true],
  ['http://0.0.0.0', true],
  ['http://10.1.2.3', true],
  ['http://172.16.0.1', true],
  ['http://172.32.0.1', false],
  ['http://192.168.1.1', true],
  ['http://192.0.2.1', true],
  ['http://192.0.3.1', false],
  ['http://100.64.0.1', true],
  ['http://100.128.0.1', false],
  ['http://169.254.169.254', true],
  ['http://198.18.0.1', true],
  ['http://198.51.100.1', true],
  ['http://198.51.101.1', false],
  ['http://203.0.113.1', true],
  ['http://203.0.114.1', false],
  ['http://224.0.0.1', true],
  ['http://255.255.255.255', true],
  ['http://93.184.216.34', false],
  ['http://[::1]', true],
  ['http://[::]', true],
  ['http://[::ffff:127.0.0.1]', true],
  ['http://[::ffff:93.184.216.34]', true],
  ['http://[64:ff9b::7f00:1]', true],
  ['http://[fe80::1]', true],
  ['http://[fd00::1]', true],
  ['http://[2002:7f00:1::]', true],
  ['http://[2001:0:1::]', true],
  ['http://[2001:db8::1]', true],
  ['http://[2001:db8:ffff::1]', true],
  ['http://[2001:db9::1]', false],
  ['http://[2001:db80::1]', false],
  ['http://[3fff::1]', true],
  ['http://[3fff:fff::1]', true],
  ['http://[3fff:1000::1]', false],
  ['http://[2606:2800:220:1::1]', false],
  ['http://example.org', false],
];

for (const [url, expected] of hosts) {
  test(`isPrivateHost() says ${expected} of ${url}`, () =>
    assert.equal(isPrivateHost(new URL(url).hostname), expected));
}

test('publicOnly refuses a private address, however it is named, and sends nothing', async (t) => {
  let requests = 0;
  await using server = await listen((_request, response) => {
    requests += 1;
    response.end();
  });
  await using network = openNetwork({ plainHttpHosts: ['rebound.example'] });
  const denied = (error: unknown): boolean => isNetError(error, 'DENIED');
  await assert.rejects(network.request({ url: server.url, publicOnly: true }), denied);
  await assert.rejects(network.request({ url: `http://localhost:${server.port}/`, publicOnly: true }), denied);
  assert.equal(requests, 0);

  const asked = resolveTo(t, '127.0.0.1');
  const url = `http://rebound.example:${server.port}/`;
  // A connection that was made without the check is there to be used again, and must not be.
  for await (const chunk of (await network.request({ url })).body) assert.fail(String(chunk));
  await setImmediate();
  assert.equal(requests, 1);
  await assert.rejects(network.request({ url, publicOnly: true }), denied);
  await assert.rejects(network.request({ url: url.replace('http:', 'https:'), publicOnly: true }), denied);
  assert.equal(requests, 1);
  assert.deepEqual(new Set(asked), new Set(['rebound.example']));
});
