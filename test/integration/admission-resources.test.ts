import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imagePolicyDefinition, imagePolicyType } from '../../src/admission/resources/image-policy.ts';
import { imageVerdictDefinition } from '../../src/admission/resources/image-verdict.ts';
import { writePolicyStatus } from '../../src/admission/resources/policy-status.ts';
import type { KubernetesObject } from '../../src/kubernetes/model.ts';
import { clientOfServer } from '../../testing/kubernetes-server/client.ts';
import { needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';

test(
  'a real API server takes the definitions, policies of them, and what is said of a policy',
  needsApiServer(),
  async () => {
    await using server = await startApiServer();
    await using client = await clientOfServer(server);
    const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    for (const body of [imagePolicyDefinition(), imageVerdictDefinition()]) {
      const made = await server.ask({ method: 'POST', path, body });
      assert.equal(made.status, 201, JSON.stringify(made.body));
    }
    // What is no structural schema is told of in a condition, a moment later.
    for (let attempt = 0; ; attempt += 1) {
      const names = [imagePolicyDefinition(), imageVerdictDefinition()].map(({ metadata }) => metadata.name);
      const found = await Promise.all(names.map((name) => server.ask({ method: 'GET', path: `${path}/${name}` })));
      const all = found.map(
        ({ body }) => (body['status'] as { conditions?: { type: string; status: string }[] }).conditions ?? [],
      );
      assert.ok(!all.flat().some(({ type }) => type === 'NonStructuralSchema'), JSON.stringify(all));
      if (all.every((each) => each.some(({ type, status }) => type === 'Established' && status === 'True'))) break;
      assert.ok(attempt < 200);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const spec = {
      images: ['ghcr.io/org/**', { glob: 'registry.test/*' }],
      signers: [{ name: 'team', keys: [{ pem: 'PEM' }] }],
      signatures: [{ signers: ['team', { signers: ['team'], require: 'any' }], require: 1 }],
    };
    const policy = { apiVersion: 'seaworthy.dev/v1', kind: 'ImagePolicy', metadata: { name: 'signed' }, spec };
    const list = '/apis/seaworthy.dev/v1/imagepolicies?fieldValidation=Strict';
    let answer = await server.ask({ method: 'POST', path: list, body: policy });
    for (let attempt = 0; answer.status === 404 && attempt < 100; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      answer = await server.ask({ method: 'POST', path: list, body: policy });
    }
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.deepEqual(answer.body['spec'], spec);
    const wrong = { ...policy, metadata: { name: 'wrong' }, spec: { ...spec, signatuers: [] } };
    assert.equal((await server.ask({ method: 'POST', path: list, body: wrong })).status, 400);
    // Who asks for no strict validation is only warned: kubectl does by itself, and other clients may not.
    const noted = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ spec: wrong.spec }) };
    const lax = { ...wrong, metadata: { name: 'lax', annotations: noted } };
    const dropped = await server.ask({ method: 'POST', path: list.replace('Strict', 'Warn'), body: lax });
    assert.equal(dropped.status, 201);
    assert.match(dropped.warnings.join(), /unknown field .*spec\.signatuers/);
    assert.deepEqual(dropped.body['spec'], spec);
    const kept = (await client.get(imagePolicyType, 'lax')) as KubernetesObject;
    assert.equal(await writePolicyStatus(client, kept, [], Date.now()), true);
    assert.match(
      JSON.stringify((await client.get(imagePolicyType, 'lax'))?.['status']),
      /dropped it: spec\.signatuers"/,
    );
    const odd = { ...policy, metadata: { name: 'odd' }, spec: { ...spec, enforcement: 'perhaps' } };
    assert.equal((await server.ask({ method: 'POST', path: list, body: odd })).status, 422);
    const found = (await client.get(imagePolicyType, 'signed')) as KubernetesObject;
    assert.equal(await writePolicyStatus(client, found, ['a mistake'], Date.now()), true);
    const told = (await client.get(imagePolicyType, 'signed')) as KubernetesObject;
    assert.deepEqual((told['status'] as { mistakes: unknown }).mistakes, ['a mistake']);
  },
);
