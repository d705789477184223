import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { startDockerRegistry } from '../../testing/registry/docker-registry.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';
import { digestOfText, startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { openNetwork } from '../../src/net/open-network.ts';
import { RegistryClient } from '../../src/oci/client/registry-client.ts';
import { importContent } from '../../src/registry/import/import-content.ts';
import { openImportSource } from '../../src/registry/import/open-source.ts';
import { syncRegistries } from '../../src/registry/sync/sync-registries.ts';

const types = {
  image: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
} as const;

interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

async function send(method: string, url: string, mediaType: string, body: Uint8Array | string): Promise<Response> {
  return await fetch(url, { method, body, headers: { 'content-type': mediaType } });
}

/** Pushes as a client does that knows nothing but the base of the specification. */
async function pushBlob(
  host: string,
  repository: string,
  bytes: Uint8Array | string,
): Promise<Omit<Described, 'mediaType'>> {
  const digest = digestOfText(bytes);
  const begun = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' });
  const place = new URL(begun.headers.get('location') ?? '', `http://${host}`);
  place.searchParams.set('digest', digest);
  assert.equal((await send('PUT', place.href, 'application/octet-stream', bytes)).status, 201);
  return { digest, size: Buffer.byteLength(bytes) };
}

async function pushManifest(
  host: string,
  repository: string,
  tag: string | undefined,
  document: object,
): Promise<Described> {
  const { mediaType } = document as { readonly mediaType: string };
  const body = JSON.stringify(document);
  const digest = digestOfText(body);
  const { status } = await send('PUT', `http://${host}/v2/${repository}/manifests/${tag ?? digest}`, mediaType, body);
  assert.equal(status, 201);
  return { mediaType, digest, size: body.length };
}

async function pushImage(
  host: string,
  repository: string,
  tag: string | undefined,
  content: Uint8Array,
  extra: object = {},
): Promise<Described> {
  const config = { mediaType: types.config, ...(await pushBlob(host, repository, '{}')) };
  const layers = [{ mediaType: types.layer, ...(await pushBlob(host, repository, content)) }];
  return await pushManifest(host, repository, tag, {
    schemaVersion: 2,
    mediaType: types.image,
    config,
    layers,
    ...extra,
  });
}

/** Reads what a tag or digest names whole, and checks every byte of it; gives the digests. */
async function readWhole(host: string, repository: string, reference: string): Promise<readonly string[]> {
  const accept = `${types.image}, ${types.index}`;
  const answer = await fetch(`http://${host}/v2/${repository}/manifests/${reference}`, { headers: { accept } });
  assert.equal(answer.status, 200, `${host} ${repository} ${reference}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const digest = digestOfText(bytes);
  assert.equal(answer.headers.get('docker-content-digest'), digest);
  const document = JSON.parse(bytes.toString()) as {
    manifests?: Described[];
    config?: Described;
    layers?: Described[];
  };
  const found = [digest];
  for (const child of document.manifests ?? []) found.push(...(await readWhole(host, repository, child.digest)));
  for (const blob of [document.config, ...(document.layers ?? [])]) {
    if (blob === undefined) continue;
    const hash = createHash('sha256');
    const body = (await fetch(`http://${host}/v2/${repository}/blobs/${blob.digest}`)).body ?? [];
    for await (const chunk of body as AsyncIterable<Uint8Array>) hash.update(chunk);
    assert.equal(`sha256:${hash.digest('hex')}`, blob.digest);
    found.push(blob.digest);
  }
  return found;
}

/** `team/app` with a tagged image, an index, a referrer that only the fallback tag lists, and cosign's older tags. */
async function pushAll(
  host: string,
): Promise<{ readonly app: Described; readonly referrer: Described; readonly tags: readonly string[] }> {
  const repository = 'team/app';
  const app = await pushImage(host, repository, 'v1', Buffer.alloc(300_000, 'app'));
  const arm = await pushImage(host, repository, undefined, Buffer.alloc(100, 'arm'));
  const index = { schemaVersion: 2, mediaType: types.index, manifests: [app, arm] };
  await pushManifest(host, repository, 'multi', index);
  const artifactType = 'application/spdx+json';
  const referrer = await pushImage(host, repository, undefined, Buffer.from('{"spdx":1}'), {
    subject: app,
    artifactType,
  });
  const fallback = app.digest.replace(':', '-');
  const list = { schemaVersion: 2, mediaType: types.index, manifests: [{ ...referrer, artifactType }] };
  await pushManifest(host, repository, fallback, list);
  const attached = ['.sig', '.att', '.sbom'].map((end) => `${fallback}${end}`);
  for (const tag of attached) await pushImage(host, repository, tag, Buffer.from(`what is at ${tag}`));
  return { app, referrer, tags: ['v1', 'multi', ...attached] };
}

async function listedFor(host: string, digest: string): Promise<readonly string[]> {
  const answer = await fetch(`http://${host}/v2/team/app/referrers/${digest}`);
  assert.equal(answer.status, 200);
  const { manifests } = (await answer.json()) as { readonly manifests: readonly Described[] };
  return manifests.map((one) => one.digest);
}

test(
  'from docker-registry, where referrers have a tag alone, and back: each byte is the same, and referrers are found',
  needsProgram('docker-registry'),
  async () => {
    await using old = await startDockerRegistry();
    await using own = await startOwnRegistry();
    await using second = await startOwnRegistry();
    await using back = await startDockerRegistry();
    await using network = openNetwork();
    const { app, referrer, tags } = await pushAll(old.host);
    const hosts = [old.host, own.host, second.host, back.host];
    for (const [at, host] of hosts.slice(1).entries()) {
      const from = new RegistryClient(network, hosts[at] as string);
      const to = new RegistryClient(network, host);
      const options = { repositories: [], tags: [], overwrite: false };
      assert.deepEqual((await syncRegistries(from, to, options)).problems, []);
      for (const tag of tags) {
        assert.deepEqual(await readWhole(host, 'team/app', tag), await readWhole(old.host, 'team/app', tag), tag);
      }
      const again = await syncRegistries(from, to, options);
      assert.deepEqual([again.copied, again.unchanged, again.problems], [0, 2, []]);
    }
    for (const { host } of [own, second]) assert.deepEqual(await listedFor(host, app.digest), [referrer.digest]);
    const list = await readWhole(back.host, 'team/app', app.digest.replace(':', '-'));
    assert.ok(list.includes(referrer.digest));
  },
);

test(
  'the folder of docker-registry is taken over with what is attached by tags alone',
  needsProgram('docker-registry'),
  async () => {
    await using old = await startDockerRegistry();
    await using own = await startOwnRegistry();
    const { app, referrer, tags } = await pushAll(old.host);
    const source = await openImportSource(old.storage, undefined);
    const report = await importContent(own.registry.content, source, { journal: () => Promise.resolve() });
    assert.deepEqual(report.problems, []);
    for (const tag of [...tags, app.digest.replace(':', '-')]) {
      assert.deepEqual(await readWhole(own.host, 'team/app', tag), await readWhole(old.host, 'team/app', tag), tag);
    }
    assert.deepEqual(await listedFor(own.host, app.digest), [referrer.digest]);
  },
);
