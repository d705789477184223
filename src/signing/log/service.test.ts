import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSeaworthyError } from '../../base/error.ts';
import { systemClock } from '../../net/clock.ts';
import { NetError, type NetErrorCode } from '../../net/error.ts';
import type { Network, NetworkRequest } from '../../net/network.ts';
import { askLog } from './service.ts';

/** A network on which every request fails so; it keeps what was asked. */
function failing(code: NetErrorCode, asked: NetworkRequest[] = []): Network {
  return {
    clock: systemClock,
    request(request) {
      asked.push(request);
      return Promise.reject(new NetError(code, 'log.example', 'log.example did not answer in time'));
    },
    plainHttp: () => undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function codeOf(network: Network): Promise<string> {
  try {
    await askLog({ network, baseUrl: 'https://log.example/a' }, { path: 'b', json: {}, accepted: [200] });
  } catch (error) {
    assert.ok(isSeaworthyError(error), String(error));
    return error.code;
  }
  return 'answered';
}

test('askLog() tells a log that is away from one that talks nonsense, and leaves what the user decided', async () => {
  const wanted: Readonly<Record<NetErrorCode, string>> = {
    UNRESOLVED: 'SERVICE_UNAVAILABLE',
    REFUSED: 'SERVICE_UNAVAILABLE',
    UNREACHABLE: 'SERVICE_UNAVAILABLE',
    TIMEOUT: 'SERVICE_UNAVAILABLE',
    RESET: 'SERVICE_UNAVAILABLE',
    TOO_SLOW: 'SERVICE_UNAVAILABLE',
    TLS: 'SERVICE_UNAVAILABLE',
    NOT_TLS: 'SERVICE_UNAVAILABLE',
    PROXY: 'SERVICE_UNAVAILABLE',
    PROTOCOL: 'SERVICE_PROTOCOL',
    REDIRECT: 'SERVICE_PROTOCOL',
    TOO_LARGE: 'SERVICE_PROTOCOL',
    OFFLINE: 'OFFLINE',
    URL_INVALID: 'URL_INVALID',
    INSECURE: 'INSECURE',
    DENIED: 'DENIED',
  };
  for (const [code, expected] of Object.entries(wanted)) {
    assert.equal(await codeOf(failing(code as NetErrorCode)), expected, code);
  }
});

test('askLog() gives a log half a minute, and a bound to what it sends', async () => {
  const asked: NetworkRequest[] = [];
  await codeOf(failing('TIMEOUT', asked));
  const [{ method, url, limits, idempotent } = assert.fail()] = asked;
  assert.deepEqual([method, String(url), idempotent], ['POST', 'https://log.example/a/b', true]);
  assert.deepEqual(limits, { headersMs: 30_000, idleMs: 30_000, maxBodyBytes: 8_388_608 });
});
