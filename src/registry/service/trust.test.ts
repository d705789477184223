import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trustLab } from '../../../testing/registry/gate/trust-lab.ts';
import { startServiceOf } from '../../../testing/registry/service-of-text.ts';
import { startTestSigstore } from '../../../testing/sigstore.ts';

const policy = `
apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  signers:
    - name: ci
      identities: [{ issuer: https://issuer.example, subject: somebody }]
  rules:
    - name: signed
      signatures: { signers: [ci] }
`;

test('a registry whose signers have identities starts without a network, and tells how old its trust is', async () => {
  await using sigstore = await startTestSigstore();
  await using lab = trustLab('', true);
  const textWith = (gate: string): string => `registry:
  listen: 127.0.0.1:0
  metrics: {listen: "127.0.0.1:0"}
  gate: {policies: [policy.yaml]${gate}}
`;
  const files = { 'policy.yaml': policy, 'root.json': JSON.stringify(sigstore.trustedRoot) };
  await using service = await startServiceOf(textWith(''), files, { more: { network: lab.network } });
  assert.deepEqual(lab.asked, []);
  assert.match(await service.metrics(), /^seaworthy_registry_trust_expires_seconds 0$/m);
  assert.match(await service.metrics(), /^seaworthy_registry_trust_refreshes_total\{outcome="refused"\} 0$/m);
  await service.apply(textWith(', trustedRoot: root.json'));
  assert.doesNotMatch(await service.metrics(), /^seaworthy_registry_trust_expires_seconds/m);
  await assert.rejects(
    service.apply(textWith(', trustedRoot: root.json, tufRoot: root.json')),
    /trustedRoot says whom/,
  );
  await assert.rejects(service.apply(textWith(', tufMirror: "https://tuf.example.com"')), /add gate\.tufRoot/);
});
