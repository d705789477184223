import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serviceNames } from '../../src/admission/certificates/model.ts';
import { planRotation } from '../../src/admission/certificates/plan-rotation.ts';
import { secretStore } from '../../src/admission/certificates/secret-store.ts';
import { clientOfServer } from '../../testing/kubernetes-server/client.ts';
import { makeNamespace } from '../../testing/kubernetes-server/objects.ts';
import { needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';

test('a real API server keeps certificates, for one of several who write', needsApiServer(), async () => {
  await using server = await startApiServer();
  await using client = await clientOfServer(server);
  await makeNamespace(server, 'security');
  const store = secretStore({ client, namespace: 'security', name: 'certificates' });
  const made = (): ReturnType<typeof planRotation>['state'] =>
    planRotation(undefined, Date.now(), { dnsNames: serviceNames('seaworthy', 'security') }).state;
  const states = [made(), made(), made()];
  assert.equal(await store.read(), undefined);
  const created = await Promise.all(states.map((state) => store.write(state, undefined)));
  assert.equal(created.filter(Boolean).length, 1);
  const first = await store.read();
  assert.deepEqual(first?.state, states[created.indexOf(true)]);
  const next = [made(), made(), made()];
  const replaced = await Promise.all(next.map((state) => store.write(state, first?.revision)));
  assert.equal(replaced.filter(Boolean).length, 1);
  assert.deepEqual((await store.read())?.state, next[replaced.indexOf(true)]);
  // One that an installer made empty is filled, and what it is stays.
  const empty = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'made-before' }, type: 'Opaque' };
  await server.ask({ method: 'POST', path: '/api/v1/namespaces/security/secrets', body: empty });
  const filled = secretStore({ client, namespace: 'security', name: 'made-before' });
  const found = await filled.read();
  assert.ok(found !== undefined && found.state === undefined);
  assert.equal(await filled.write(made(), found.revision), true);
});
