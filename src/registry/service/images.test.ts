import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { buildImage, buildIndex, type BuiltContent } from '../../../testing/image/image-builder.ts';
import { apkDatabase, osRelease } from '../../../testing/package-files.ts';
import { type OwnRegistry, startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { type ServiceAnswer, startServiceOf } from '../../../testing/registry/service-of-text.ts';
import {
  advisoryUpdate,
  makeAdvisory,
  makeAffected,
  temporaryFolder,
} from '../../../testing/vulnerability-database.ts';
import type { Digest } from '../../oci/digest.ts';
import { buildDatabase } from '../../vulndb/build.ts';

const policy = `
apiVersion: seaworthy.dev/v1alpha1
kind: Policy
spec:
  exceptionHelp: Ask the platform team.
  rules:
    - name: no-fixable-flaws
      vulnerabilities: { fixable: true }
`;

/** An image of Alpine with a version of musl. */
function alpine(musl: string): BuiltContent {
  const layer = { tar: [osRelease('alpine', '3.19.1'), apkDatabase({ musl })] };
  const other = { tar: [{ name: 'padding', body: Buffer.alloc(300_000, musl) }] };
  const image = buildImage({ layers: [layer, other] });
  return buildIndex([{ content: image, platform: { os: 'linux', architecture: 'amd64' } }]);
}

async function publish(upstream: OwnRegistry, tag: string, { descriptor, blobs }: BuiltContent): Promise<void> {
  const documents = [...blobs].filter(
    ([, bytes]) => bytes[0] === 0x7b && /"(?:layers|manifests)":/.test(bytes.toString()),
  );
  const names = new Set(documents.map(([digest]) => digest));
  for (const [digest, bytes] of blobs) if (!names.has(digest)) await upstream.pushBlob('library/app', bytes);
  const put = async (name: string, bytes: Buffer): Promise<void> => {
    const { mediaType } = JSON.parse(bytes.toString()) as { mediaType: string };
    const headers = { 'content-type': mediaType };
    const { status } = await upstream.ask('PUT', `library/app/manifests/${name}`, { body: bytes, headers });
    assert.equal(status, 201);
  };
  for (const [digest, bytes] of documents) if (digest !== descriptor.digest) await put(digest, bytes);
  await put(tag, blobs.get(descriptor.digest) as Buffer);
}

/** The manifest of an index's one image. */
function childOf({ descriptor, blobs }: BuiltContent): Digest {
  const index = JSON.parse((blobs.get(descriptor.digest) as Buffer).toString()) as { manifests: [{ digest: Digest }] };
  return index.manifests[0].digest;
}

/** A vulnerability database that knows one flaw of musl. */
async function knowingMusl(): Promise<ReturnType<typeof temporaryFolder>> {
  const folder = temporaryFolder();
  const advisory = makeAdvisory({
    id: 'ALPINE-CVE-2026-1',
    aliases: ['CVE-2026-1'],
    affected: [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])],
  });
  await buildDatabase(folder.path, [advisoryUpdate([advisory])], { clock: () => new Date() });
  return folder;
}

/** A cache of an upstream with the gate before it; `files` are its `policy.yaml` and what that names. */
function startCache(
  upstream: OwnRegistry,
  vulnerabilityDatabase: string,
  files: Readonly<Record<string, string>>,
): ReturnType<typeof startServiceOf> {
  const settings = `registry:
  listen: 127.0.0.1:0
  scanning: {enabled: true, cache: 0B}
  gate: {policies: [policy.yaml], hold: 60s, platforms: [linux/amd64]}
  upstreams:
    registries:
      - {host: "${upstream.host}", name: example.org, url: "${upstream.url}", allowPrivate: true, ttl: 1s}
`;
  return startServiceOf(settings, files, { more: { vulnerabilityDatabase } });
}

test('a push is kept with the request for its scan, or not at all', async () => {
  await using service = await startServiceOf(
    `registry:
  listen: 127.0.0.1:0
  metrics: {listen: "127.0.0.1:0"}
  scanning: {enabled: true, cache: 0B, attach: false}
`,
  );
  // It has no vulnerability database, and takes and serves images all the same.
  const ready = await service.ask('GET', '/readyz');
  assert.deepEqual(
    [ready.status, JSON.parse(ready.body)],
    [200, { status: 'degraded', missing: ['vulnerability-database'] }],
  );
  assert.match(await service.metrics(), /^seaworthy_registry_degraded\{missing="vulnerability-database"\} 1$/m);
  const { database } = service.service.registry.content;
  const { descriptor, blobs } = alpine('1.2.4-r2');
  const child = childOf({ descriptor, blobs });
  for (const [digest, bytes] of blobs) {
    if (digest === descriptor.digest || digest === child) continue;
    const { headers } = await service.ask('POST', '/v2/app/blobs/uploads/');
    const place = new URL(headers.get('location') ?? '', service.url);
    assert.equal((await service.ask('PUT', `${place.pathname}?digest=${digest}`, { body: bytes })).status, 201);
  }
  const put = async (): Promise<number> => {
    const bytes = blobs.get(child) as Buffer;
    const { mediaType } = JSON.parse(bytes.toString()) as { mediaType: string };
    const answer = await service.ask('PUT', '/v2/app/manifests/v1', {
      body: bytes,
      headers: { 'content-type': mediaType },
    });
    return answer.status;
  };
  await database.run("CREATE TRIGGER full BEFORE INSERT ON scans BEGIN SELECT RAISE(ABORT, 'no scan'); END");
  assert.equal(await put(), 500);
  assert.equal((await service.ask('GET', '/v2/app/manifests/v1')).status, 404);
  await database.run('DROP TRIGGER full');
  assert.equal(await put(), 201);
  assert.equal((await database.all('SELECT id FROM scans WHERE digest = ?', child)).length, 1);
});

test('a vulnerable image of an upstream is never served, not the first time either, and its fixed rebuild is', async () => {
  using database = await knowingMusl();
  await using upstream = await startOwnRegistry();
  const [bad, good] = [alpine('1.2.4-r2'), alpine('1.2.4-r3')];
  await publish(upstream, 'v1', bad);
  await using service = await startCache(upstream, database.path, { 'policy.yaml': policy });
  const ask = (path: string): Promise<ServiceAnswer> => service.ask('GET', path);
  assert.deepEqual(JSON.parse((await ask('/readyz')).body), { status: 'ok' });
  const names = ['v1', bad.descriptor.digest, childOf(bad)];
  const first = await ask('/v2/example.org/library/app/manifests/v1');
  assert.equal(first.status, 403, first.body);
  for (const word of ['no-fixable-flaws', 'CVE-2026-1', '1.2.4-r3', 'Ask the platform team.']) {
    assert.ok(first.body.includes(word), first.body);
  }
  for (const name of names) {
    assert.equal((await ask(`/v2/example.org/library/app/manifests/${name}`)).status, 403, name);
    assert.equal((await ask(`/v2/library/app/manifests/${name}?ns=${upstream.host}`)).status, 403, name);
  }
  const layers = [...bad.blobs].filter(([, bytes]) => bytes[0] === 0x1f).map(([digest]) => digest);
  assert.equal(layers.length, 2);
  for (const digest of layers) assert.equal((await ask(`/v2/example.org/library/app/blobs/${digest}`)).status, 403);
  // The upstream mends it, under the same tag.
  await publish(upstream, 'v1', good);
  const deadline = Date.now() + 20_000;
  let now = await ask('/v2/example.org/library/app/manifests/v1');
  while (now.status !== 200 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    now = await ask('/v2/example.org/library/app/manifests/v1');
  }
  assert.equal(now.status, 200, now.body);
  assert.equal(now.body, (good.blobs.get(good.descriptor.digest) as Buffer).toString());
  assert.equal((await ask(`/v2/example.org/library/app/manifests/${childOf(good)}`)).status, 200);
  for (const name of names.slice(1))
    assert.equal((await ask(`/v2/example.org/library/app/manifests/${name}`)).status, 403);
});

test('signatures that the gate fetches of an upstream are no images of which nothing is known', async () => {
  using database = await knowingMusl();
  await using upstream = await startOwnRegistry();
  const image = alpine('1.2.4-r3');
  const mediaType = 'application/vnd.dev.cosign.simplesigning.v1+json';
  const signature = buildImage({ layers: [{ tar: [], stored: Buffer.from('{"critical":{}}'), mediaType }] });
  await publish(upstream, 'v1', image);
  const signed = [image.descriptor.digest, childOf(image)].map((digest) => `${digest.replace(':', '-')}.sig`);
  for (const tag of signed) await publish(upstream, tag, signature);
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rule = '    - {name: signed, action: audit, signatures: {signers: [us]}}\n';
  await using service = await startCache(upstream, database.path, {
    'policy.yaml': `${policy}${rule}  signers: [{name: us, keys: [{file: us.pub}]}]\n`,
    'us.pub': publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  });
  assert.equal((await service.ask('GET', '/v2/example.org/library/app/manifests/v1')).status, 200);
  const { database: metadata } = service.service.registry.content;
  const kept = await metadata.all('SELECT digest FROM manifests WHERE digest = ?', signature.descriptor.digest);
  assert.equal(kept.length, 1);
  const unscanned = async (): Promise<unknown> => {
    const { status, body } = await service.ask('GET', '/api/v1/triage?query=musl%40*');
    assert.equal(status, 200, body);
    return (JSON.parse(body) as { readonly unknown: { readonly unscanned: number } }).unknown.unscanned;
  };
  const deadline = Date.now() + 20_000;
  while ((await unscanned()) !== 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await unscanned(), 0);
});

test('clients that are sent away to try again are counted', async () => {
  await using upstream = await startOwnRegistry();
  await publish(upstream, 'v1', alpine('1.2.4-r2'));
  await using service = await startServiceOf(
    `registry:
  listen: 127.0.0.1:0
  metrics: {listen: "127.0.0.1:0"}
  scanning: {enabled: true, cache: 0B}
  gate: {policies: [policy.yaml], hold: 0s, platforms: [linux/amd64]}
  upstreams:
    registries:
      - {host: "${upstream.host}", name: example.org, url: "${upstream.url}", allowPrivate: true}
`,
    { 'policy.yaml': policy },
  );
  const { status, headers } = await service.ask('GET', '/v2/example.org/library/app/manifests/v1');
  assert.deepEqual([status, headers.get('retry-after')], [429, '10']);
  assert.match(await service.metrics(), /^seaworthy_registry_gate_events_total\{kind="held"\} 1$/m);
});
