import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../../base/logger.ts';
import { formatListenAddress } from '../../../net/listen-address.ts';
import { openOperatorServer } from './open-operator-server.ts';

test('the server tells health, readiness and metrics, and nothing else', async () => {
  const reasons = ['pods'];
  await using server = await openOperatorServer(
    { host: '127.0.0.1', port: 0 },
    {
      notReady: () => reasons,
      *metrics() {
        for (let at = 0; at < 50_000; at += 1) yield `series{at="${at}"} 1\n`;
      },
      logger: silentLogger,
    },
  );
  const ask = async (path: string, method = 'GET'): Promise<readonly [number, string]> => {
    const response = await fetch(`http://${formatListenAddress(server.address)}${path}`, { method });
    return [response.status, await response.text()];
  };
  assert.deepEqual(await ask('/healthz'), [200, 'ok\n']);
  assert.deepEqual(await ask('/readyz'), [503, 'not known yet: pods\n']);
  reasons.pop();
  assert.deepEqual(await ask('/readyz?verbose'), [200, 'ok\n']);
  const [status, text] = await ask('/metrics');
  assert.deepEqual([status, text.split('\n').length], [200, 50_001]);
  assert.deepEqual((await ask('/metrics', 'HEAD'))[1], '');
  assert.equal((await ask('/metrics', 'POST'))[0], 405);
  assert.equal((await ask('/debug'))[0], 404);
});
