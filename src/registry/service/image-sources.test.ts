import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { putBuilt } from '../../../testing/registry/put-built.ts';
import { startServiceOf } from '../../../testing/registry/service-of-text.ts';
import { startTestRegistry } from '../../../testing/registry/test-registry.ts';
import { generateKeyPair } from '../../signing/key/private-key.ts';

const image = buildImage({ layers: [{ tar: [{ name: 'note', body: 'from far away' }] }] });

const policyOf = (lines: readonly string[]): string =>
  ['apiVersion: seaworthy.dev/v1alpha1', 'kind: Policy', 'spec:', ...lines.map((line) => `  ${line}`), ''].join('\n');

test('rules about sources name an upstream by its host, whatever it is called here', async () => {
  await using upstream = await startTestRegistry();
  putBuilt(upstream.store, 'team/app', image, 'v1');
  const { host } = new URL(upstream.url);
  for (const [rule, status] of [
    [`deny: ['${host}/**']`, 403],
    [`allow: ['${host}/team/*']`, 200],
    [`allow: ['mirror/**']`, 403],
    [`deny: ['mirror/**']`, 200],
  ] as const) {
    await using service = await startServiceOf(
      `registry:
  listen: 127.0.0.1:0
  gate: {policies: [policy.yaml]}
  upstreams: {registries: [{host: "${host}", name: mirror, url: "${upstream.url}", allowPrivate: true}]}
`,
      { 'policy.yaml': policyOf(['rules:', `  - { name: sources, source: { ${rule} } }`]) },
    );
    for (const path of ['mirror/team/app/manifests/v1', `team/app/manifests/v1?ns=${host}`])
      assert.equal((await service.ask('GET', `/v2/${path}`)).status, status, `${rule}: ${path}`);
  }
});

test('signatures in another repository of an upstream are looked for there, whatever it is called here', async () => {
  await using upstream = await startTestRegistry();
  putBuilt(upstream.store, 'team/app', image, 'v1');
  const { host } = new URL(upstream.url);
  const { publicKey } = await generateKeyPair('ecdsa-p256');
  const pem = publicKey.key.export({ type: 'spki', format: 'pem' }).toString();
  const signers = ['signers:', `  - { name: us, keys: [{ file: us.pub }], repository: '${host}/team/signatures' }`];
  const policy = `apiVersion: seaworthy.dev/v1
kind: ImagePolicy
metadata: { name: signed }
spec:
  gates: [pull]
  ${signers.join('\n  ')}
  signatures: [{ signers: [us] }]
`;
  await using service = await startServiceOf(
    `registry:
  listen: 127.0.0.1:0
  gate: {policies: [policy.yaml], logKeys: false}
  upstreams: {registries: [{host: "${host}", name: mirror, url: "${upstream.url}", allowPrivate: true}]}
`,
    { 'policy.yaml': policy, 'us.pub': pem },
  );
  const { status, body } = await service.ask('GET', '/v2/mirror/team/app/manifests/v1');
  assert.equal(status, 403, body);
  assert.ok(upstream.requests.some(({ path }) => path.startsWith('/v2/team/signatures/')));
});
