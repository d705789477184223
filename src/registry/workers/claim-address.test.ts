import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import test from 'node:test';
import { claimAddress } from './claim-address.ts';

test('claimAddress() chooses a port, and takes none that others share', async () => {
  const { port } = await claimAddress({ host: '127.0.0.1', port: 0 });
  assert.ok(port > 0);
  const other = createServer();
  const reusePort = process.platform === 'linux';
  await new Promise<void>((resolve) => {
    other.listen({ host: '127.0.0.1', port: 0, reusePort, exclusive: true }, resolve);
  });
  const taken = (other.address() as AddressInfo).port;
  await assert.rejects(claimAddress({ host: '127.0.0.1', port: taken }), { code: 'ADDRESS_IN_USE' });
  await new Promise((resolve) => other.close(resolve));
});
