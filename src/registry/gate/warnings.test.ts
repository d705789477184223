import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImage, buildIndex } from '../../../testing/image/image-builder.ts';
import { makeFinding } from '../../../testing/policy/make-evidence.ts';
import { noCriticals, startGatedRegistry } from '../../../testing/registry/gate/gated-registry.ts';
import type { OwnAnswer } from '../../../testing/registry/own-registry.ts';
import { startServiceOf } from '../../../testing/registry/service-of-text.ts';

const warns = { ...noCriticals, name: 'criticals', action: 'warn' } as const;

const known = (severe: boolean, revision = '1') =>
  ({
    state: 'known',
    facts: { findings: severe ? [makeFinding()] : [], incomplete: [] },
    at: 0,
    revision,
  }) as const;

test('what a rule warns of is told in headers to whoever pulls or pushes, and noted', async () => {
  await using gated = await startGatedRegistry({ rules: [warns, { ...warns, name: 'noted', action: 'audit' }] });
  const content = buildImage({ layers: [{ tar: [{ name: 'a', body: 'b' }] }] });
  const digest = await gated.push('app', 'v1', content);
  gated.scans.set(digest, known(true));
  const { mediaType } = content.descriptor;
  const body = content.blobs.get(digest) as Buffer;
  const ask = (method: string, path: string): Promise<OwnAnswer> =>
    gated.own.ask(method, path, method === 'PUT' ? { body, headers: { 'content-type': mediaType } } : {});
  for (const [method, path] of [
    ['GET', 'app/manifests/v1'],
    ['HEAD', 'app/manifests/v1'],
    ['GET', `app/manifests/${digest}`],
    ['PUT', 'app/manifests/v2'],
  ] as const) {
    gated.events.length = 0;
    const { status, headers } = await ask(method, path);
    assert.ok(status === 200 || status === 201, `${method} ${path}: ${status}`);
    const told = headers.get('warning') ?? '';
    assert.match(told, /^299 - "[^"]*criticals[^"]*CVE-2026-1000[^"]*3\.0\.9[^"]*"$/, `${method} ${path}`);
    const about = { repository: 'app', digest };
    assert.deepEqual(gated.events, [
      { kind: 'warned', ...about, rules: ['criticals'] },
      { kind: 'audited', ...about, rules: ['noted'] },
    ]);
  }
  // Its layers say nothing more.
  gated.events.length = 0;
  const layer = await gated.own.ask('GET', `app/blobs/${content.layers[0]?.digest}`);
  assert.deepEqual([layer.status, layer.headers.get('warning')], [200, null]);
  assert.deepEqual(gated.events, []);
  gated.scans.set(digest, known(false, '2'));
  assert.equal((await ask('GET', 'app/manifests/v1')).headers.get('warning'), null);
});

test('what a rule that only warns could not decide yet is decided by the next pull', async () => {
  await using gated = await startGatedRegistry({ rules: [warns] });
  const content = buildImage({ layers: [{ tar: [{ name: 'a', body: 'b' }] }] });
  const digest = await gated.push('app', 'v1', content);
  const pull = (): Promise<OwnAnswer> => gated.own.ask('GET', 'app/manifests/v1');
  const early = await pull();
  assert.equal(early.status, 200, 'nobody is held for a warning');
  assert.match(early.headers.get('warning') ?? '', /criticals/);
  gated.scans.set(digest, known(false));
  assert.equal((await pull()).headers.get('warning'), null);
});

test('an index warns of each of its images, once', async () => {
  await using gated = await startGatedRegistry({ rules: [] });
  gated.use({ rules: [warns] }, { platforms: ['linux/amd64', 'linux/arm64'] });
  const children = (['amd64', 'arm64'] as const).map((architecture) => ({
    content: buildImage({
      layers: [{ tar: [{ name: architecture, body: 'x' }] }],
      platform: { os: 'linux', architecture },
    }),
    platform: { os: 'linux', architecture },
  }));
  for (const { content } of children) gated.scans.set(content.descriptor.digest, known(true));
  await gated.push('app', 'v1', buildIndex(children));
  const { headers } = await gated.own.ask('HEAD', 'app/manifests/v1');
  assert.equal(headers.get('warning')?.match(/299 - /g)?.length, 1);
  assert.deepEqual(gated.events.at(-1)?.rules, ['criticals']);
});

test('a registry counts warnings, and writes them into its audit trail', async () => {
  const policy = `
apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  rules: [{name: from-elsewhere, action: warn, source: {allow: [registry.example.com/**]}}]
`;
  await using service = await startServiceOf(
    `registry:
  listen: 127.0.0.1:0
  metrics: {listen: 127.0.0.1:0}
  gate: {policies: [policy.yaml]}
`,
    { 'policy.yaml': policy },
  );
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests: [] });
  const sent = { body, headers: { 'content-type': mediaType } };
  const put = await service.ask('PUT', '/v2/app/manifests/v1', sent);
  assert.equal(put.status, 201, put.body);
  assert.match(put.headers.get('warning') ?? '', /^299 - ".*from-elsewhere/);
  assert.match(await service.metrics(), /seaworthy_registry_gate_events_total\{[^}]*kind="warned"[^}]*\} 1/);
  const { database } = service.service.registry.content;
  let entries: readonly { entry: string }[] = [];
  // What is noted is written a moment later.
  for (const deadline = Date.now() + 10_000; entries.length === 0 && Date.now() < deadline;) {
    entries = await database.all<{ entry: string }>(`SELECT entry FROM audit WHERE action = 'gate' LIMIT 10`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.match(entries[0]?.entry ?? '', /Let pass with a warning: from-elsewhere/);
});
