import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { listen } from '../../../testing/registry/listen.ts';
import { startTestSigstore } from '../../../testing/sigstore.ts';
import { openNetwork } from '../../net/open-network.ts';
import { parseTrustedRoot } from '../trust/parse-trusted-root.ts';
import { timestampClient } from './client.ts';
import { verifyTimestamp } from './verify.ts';

const sigstore = await startTestSigstore();
const network = openNetwork({ clock: instantClock() });
after(async () => {
  await network[Symbol.asyncDispose]();
  await sigstore[Symbol.asyncDispose]();
});
const message = Buffer.from('a signature');
const { timestampAuthorities } = parseTrustedRoot(Buffer.from(JSON.stringify(sigstore.trustedRoot)), 'of the test');

test('timestampClient() gets a stamp of the message and of nothing else', async () => {
  const stamp = await timestampClient(network, sigstore.tsaUrl)(message);
  const { time } = verifyTimestamp(stamp, message, timestampAuthorities);
  assert.equal(Math.abs(Date.now() - time.getTime()) < 60_000, true);
  assert.throws(() => verifyTimestamp(stamp, Buffer.from('another'), timestampAuthorities), {
    code: 'TIMESTAMP_WRONG',
  });
});

for (const what of ['tsa.wrong-nonce', 'tsa.no-nonce', 'tsa.rejection', 'tsa.protocol'] as const) {
  test(`timestampClient() refuses ${what}`, async () => {
    sigstore.faults.add({ kind: 'spoil', what });
    await assert.rejects(timestampClient(network, sigstore.tsaUrl)(message), { code: 'SERVICE_PROTOCOL' });
    sigstore.faults.clear();
  });
}

test('timestampClient() says when there is no answer, and ends with its signal', async () => {
  for (const [status, code] of [
    [500, 'SERVICE_UNAVAILABLE'],
    [429, 'SERVICE_UNAVAILABLE'],
    [400, 'SERVICE_REFUSED'],
  ] as const) {
    sigstore.faults.add({ kind: 'status', service: 'tsa', status });
    await assert.rejects(timestampClient(network, sigstore.tsaUrl)(message), { code });
    sigstore.faults.clear();
  }
  await using silent = await listen(() => undefined);
  const reason = new Error('enough');
  const answer = timestampClient(network, silent.url)(message, abortedSoon(reason));
  await assert.rejects(answer, (error) => error === reason);
});

function abortedSoon(reason: Error): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 20);
  return controller.signal;
}
