import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageVerdictDefinition, imageVerdictType } from '../../src/admission/resources/image-verdict.ts';
import { resourceTypes } from '../../src/admission/cluster/resource-types.ts';
import { ClusterVerdictStore } from '../../src/admission/verdict-cache/cluster-store.ts';
import type { KeptVerdict } from '../../src/admission/verdict-cache/model.ts';
import { pruneVerdicts } from '../../src/admission/verdict-cache/prune-verdicts.ts';
import { readSealKey } from '../../src/admission/verdict-cache/seal-key.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { listAll } from '../../src/kubernetes/list-all.ts';
import { systemClock as clock } from '../../src/net/clock.ts';
import { keptVerdict } from '../../testing/admission/kept-verdicts.ts';
import { clientOfServer } from '../../testing/kubernetes-server/client.ts';
import { makeNamespace } from '../../testing/kubernetes-server/objects.ts';
import { needsApiServer, startApiServer } from '../../testing/kubernetes-server/start-api-server.ts';

test('replicas share verdicts through a real API server', needsApiServer(), async () => {
  await using server = await startApiServer();
  await using client = await clientOfServer(server);
  await makeNamespace(server, 'security');
  const definition = {
    ...resourceTypes.namespaces,
    group: 'apiextensions.k8s.io',
    resource: 'customresourcedefinitions',
  };
  await client.create({ ...definition, kind: 'CustomResourceDefinition' }, imageVerdictDefinition());
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const found = (await client.discover()).resources.some(({ kind }) => kind === imageVerdictType.kind);
    if (found) break;
    await clock.sleep(50);
  }
  const ended = new AbortController();
  const { signal } = ended;
  const leads = (): boolean => true;
  const sealed = { client, namespace: 'security', name: 'seal', leads, clock, logger: silentLogger };
  const keys = await Promise.all([1, 2, 3].map(() => readSealKey(sealed, signal)));
  assert.equal(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size, 1);
  const replicas = keys.map((key) => {
    const known = new Map<string, KeptVerdict>();
    const parts = { client, key: () => Promise.resolve(key), clock, logger: silentLogger, leads, signal };
    const store = new ClusterVerdictStore(parts);
    return { known, store, following: store.follow((kept) => void known.set(kept.key, kept), signal) };
  });
  const now = Date.now();
  for (let at = 0; at < 60; at += 1)
    replicas[at % 3]?.store.put(keptVerdict(`v${at}`, { at: now, staleUntil: now + 60_000 }));
  // All at once, by every replica: each is applied, whoever is first.
  for (const { store } of replicas) store.put(keptVerdict('same', { at: now, staleUntil: now + 60_000 }));
  for (let attempt = 0; attempt < 400 && replicas.some(({ known }) => known.size < 61); attempt += 1)
    await clock.sleep(25);
  assert.deepEqual(
    replicas.map(({ known, store }) => [known.size, store.counts.dropped]),
    [1, 2, 3].map(() => [61, 0]),
  );
  assert.equal(await pruneVerdicts(client, keys[0] as Uint8Array, now), 0);
  assert.equal(await pruneVerdicts(client, keys[0] as Uint8Array, now + 60_000), 61);
  assert.equal((await listAll(client, imageVerdictType)).objects.length, 0);
  ended.abort();
  await Promise.all(replicas.map(({ following }) => following));
});
