import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { startServiceOf } from '../../../testing/registry/service-of-text.ts';
import type { Digest } from '../../oci/digest.ts';
import { wholeTrail } from '../audit/read-trail.ts';

const policy = `
apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  rules:
    - name: labelled
      match: { gates: [pull] }
      config: { labels: { owner: 'team-*' } }
`;

test('a mount that the gate refuses is written down as what it is, and its client uploads', async () => {
  await using service = await startServiceOf(
    `registry:
  listen: 127.0.0.1:0
  metrics: {listen: "127.0.0.1:0"}
  gate: {policies: [policy.yaml]}
`,
    { 'policy.yaml': policy },
  );
  const { descriptor, blobs, layers } = buildImage({ layers: [{ tar: [{ name: 'a', body: 'a secret' }] }] });
  for (const [digest, body] of blobs) {
    if (digest === descriptor.digest) continue;
    await service.ask('POST', `/v2/team/app/blobs/uploads/?digest=${digest}`, { body });
  }
  const headers = { 'content-type': descriptor.mediaType };
  const body = blobs.get(descriptor.digest) as Buffer;
  assert.equal((await service.ask('PUT', '/v2/team/app/manifests/v1', { body, headers })).status, 201);
  const layer = layers[0]?.digest as Digest;
  const begun = await service.ask('POST', `/v2/mine/blobs/uploads/?mount=${layer}&from=team/app`);
  assert.deepEqual([begun.status, begun.body], [202, '']);
  assert.equal((await service.ask('GET', `/v2/mine/blobs/${layer}`)).status, 404);
  const place = `${begun.headers.get('location')}?digest=${layer}`;

  assert.equal((await service.ask('PUT', place, { body: blobs.get(layer) as Buffer })).status, 201);
  const { database } = service.service.registry.content;
  let told: string[] = [];
  for (let look = 0; told.length === 0 && look < 500; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    for await (const { entry } of wholeTrail(database)) {
      if (entry.outcome === 'denied') told.push(`${entry.action} ${entry.repository} ${entry.digest} ${entry.reason}`);
    }
  }
  assert.equal(told.length, 1);
  assert.match(told[0] ?? '', new RegExp(`^mount team/app ${layer} .*labelled`));
  assert.match(await service.metrics(), /^seaworthy_registry_gate_events_total\{kind="denied"\} 1$/m);
});
