import assert from 'node:assert/strict';
import test from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { startFakeApiServer } from '../../../testing/kubernetes/fake-api-server.ts';
import { builtInTypes } from '../../../testing/kubernetes/resource-types.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import { testHost } from '../../../testing/test-host.ts';
import { leaseType } from '../../kubernetes/leader/lease.ts';
import { ownLabels as labels } from '../../admission/ownership.ts';
import { imageVerdictType } from '../../admission/resources/image-verdict.ts';
import { removalOrder } from '../../admission/webhooks/remove-webhooks.ts';
import { type AdmissionCleanupOptions, admissionCleanupCommand } from './admission-cleanup.ts';

const name = 'seaworthy-admission';
const namespace = 'ours';

async function scene(): Promise<
  AsyncDisposable & {
    readonly api: Awaited<ReturnType<typeof startFakeApiServer>>;
    readonly cleanup: (options?: AdmissionCleanupOptions) => Promise<{ status: number; said: string }>;
  }
> {
  await using stack = new AsyncDisposableStack();
  const api = stack.use(await startFakeApiServer({ authorize: (_, { verb }) => verb !== 'list' }));
  const kubeconfig = stack.use(temporaryDirectory()).write('config', api.kubeconfig());
  const kept = stack.move();
  return {
    api,
    async cleanup(options = {}) {
      const host = testHost();
      const quiet = { debug: false, quiet: true };
      const status = await admissionCleanupCommand({ kubeconfig, ...options }, quiet, host, instantClock());
      return { status, said: host.said.join('') };
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

test('what goes is told by name, in the namespace that is registered, and then that nothing is there', async () => {
  await using at = await scene();
  const webhooks = [{ name: 'a.b.c', clientConfig: { service: { namespace, name } } }];
  for (const type of removalOrder) at.api.seed(type, { metadata: { name, labels }, webhooks });
  at.api.seed(leaseType, { metadata: { name, namespace, labels }, spec: { holderIdentity: '' } });
  const line = (kind: string, became: string): string => `${kind}: ${became}\n`;
  const kinds = [
    `ValidatingWebhookConfiguration ${name}`,
    `MutatingWebhookConfiguration ${name}`,
    `Lease ${namespace}/${name}`,
  ];
  const dry = await at.cleanup({ dryRun: true });
  assert.deepEqual(dry, { status: 0, said: kinds.map((kind) => line(kind, 'would be removed')).join('') });
  const done = await at.cleanup();
  assert.deepEqual(done, { status: 0, said: kinds.map((kind) => line(kind, 'removed')).join('') });
  assert.deepEqual(await at.cleanup({ namespace }), {
    status: 0,
    said: 'Nothing that the webhook made is there, in the namespace ours or in the cluster\n',
  });
});

test('what is not the webhook’s is told to stay, and what cannot be looked at is an error', async () => {
  await using at = await scene();
  at.api.register(imageVerdictType);
  at.api.seed(builtInTypes.secrets, { metadata: { name: `${name}-tls`, namespace } });
  const { status, said } = await at.cleanup({ namespace, all: true });
  assert.equal(status, 2);
  assert.match(said, /^Secret ours\/seaworthy-admission-tls: left as it is, since the webhook did not make it$/m);
  assert.match(said, /^ImageVerdict stays: error FORBIDDEN: /m);
});

test('to stop something is no dry run', async () => {
  await using at = await scene();
  await assert.rejects(at.cleanup({ stop: true, dryRun: true }), { code: 'SETTING_INVALID' });
  assert.deepEqual(at.api.calls, []);
});
