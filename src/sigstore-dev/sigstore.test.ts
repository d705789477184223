import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signMessage, startTestSigstore } from '../../testing/sigstore.ts';
import { SigstoreDevError } from './error.ts';
import { FaultPlan } from './fault.ts';
import { openServer } from './http/server.ts';
import { freshKeyRing } from './key/key-ring.ts';
import { startSigstore } from './sigstore.ts';

test('a start that fails gives its port back', async () => {
  const first = await openServer({ port: 0, faults: new FaultPlan() });
  const { port } = first;
  await first.close();
  const keys = {
    ...freshKeyRing(),
    key: () => {
      throw new SigstoreDevError('KEYS_UNREADABLE', 'no keys');
    },
  };
  await assert.rejects(startSigstore({ port, keys }), { code: 'KEYS_UNREADABLE' });
  await using sigstore = await startSigstore({ port });
  assert.equal(sigstore.url, `http://127.0.0.1:${port}`);
});

test('everything is dated by the clock that it is given', async () => {
  const now = new Date('2031-02-03T04:05:06Z');
  await using sigstore = await startTestSigstore({ now: () => now });
  const bundle = await signMessage(sigstore, Buffer.from('message'));
  const [entry] = bundle.verificationMaterial.tlogEntries;
  assert.equal(entry.integratedTime, String(now.getTime() / 1000));
  const root = JSON.stringify(sigstore.trustedRoot);
  assert.match(root, /"start":"2031-02-03T03:05:06\.000Z"/);
  const { signed } = JSON.parse(sigstore.tufRoot.toString()) as { signed: { expires: string } };
  assert.match(signed.expires, /^2041-/);
});

test('keys that are kept are trusted after a new start', async () => {
  const keys = freshKeyRing();
  const rootOf = async (): Promise<unknown> => {
    await using sigstore = await startTestSigstore({ keys });
    const { certificateAuthorities, ctlogs, tlogs } = sigstore.trustedRoot as Record<string, { publicKey?: unknown }[]>;
    const ids = [...(ctlogs ?? []), ...(tlogs ?? [])].map((log) => (log as { logId?: unknown }).logId);
    const chains = certificateAuthorities?.map((authority) => (authority as { certChain?: unknown }).certChain);
    return { ids, chains, root: sigstore.tufRoot };
  };
  assert.deepEqual(await rootOf(), await rootOf());
});
