import assert from 'node:assert/strict';
import test from 'node:test';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { digestOfText, type OwnRegistry, startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import { syncRegistries, type SyncOptions, type SyncReport } from './sync-registries.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';

/** Pushes an image under a tag, or attached to another; gives its digest. */
async function pushImage(
  own: OwnRegistry,
  repository: string,
  tag: string | undefined,
  content: string,
  extra: object = {},
): Promise<{ readonly digest: string; readonly size: number; readonly mediaType: string }> {
  const config = await own.pushBlob(repository, `{"of":"${content}"}`);
  const layer = await own.pushBlob(repository, content);
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: imageType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar', ...layer }],
    ...extra,
  });
  const digest = digestOfText(body);
  const headers = { 'content-type': imageType };
  const { status } = await own.ask('PUT', `${repository}/manifests/${tag ?? digest}`, { body, headers });
  assert.equal(status, 201);
  return { digest, size: body.length, mediaType: imageType };
}

test('syncRegistries() brings images, with what is attached to them, and only what is wanted', async () => {
  await using source = await startOwnRegistry();
  await using target = await startOwnRegistry();
  await using network = openNetwork();
  const sync = (options: Partial<SyncOptions> = {}): Promise<SyncReport> =>
    syncRegistries(new RegistryClient(network, source.host), new RegistryClient(network, target.host), {
      repositories: [],
      tags: [],
      overwrite: false,
      ...options,
    });
  const app = await pushImage(source, 'team/app', 'v1', 'one');
  await pushImage(source, 'team/app', 'dev', 'two');
  const attached = await pushImage(source, 'team/app', undefined, 'attached', {
    subject: app,
    artifactType: 'application/x',
  });
  const signatureTag = `${app.digest.replace(':', '-')}.sig`;
  await pushImage(source, 'team/app', signatureTag, 'signature');
  await pushImage(source, 'other', 'v1', 'three');

  assert.deepEqual(await sync({ repositories: ['team/**'], tags: ['v*'] }), {
    repositories: 1,
    copied: 1,
    unchanged: 0,
    problems: [],
    leftOut: [],
  });
  assert.equal((await target.ask('GET', 'team/app/manifests/v1')).headers.get('docker-content-digest'), app.digest);
  const referrers = (await target.ask('GET', `team/app/referrers/${app.digest}`)).json() as {
    manifests: { digest: string }[];
  };
  assert.deepEqual(
    referrers.manifests.map(({ digest }) => digest),
    [attached.digest],
  );
  assert.equal((await target.ask('HEAD', `team/app/manifests/${signatureTag}`)).status, 200);
  assert.equal((await target.ask('GET', '_catalog')).body.toString(), '{"repositories":["team/app"]}');

  const all = await sync({ prefix: 'copies/' });
  assert.deepEqual([all.repositories, all.copied, all.problems], [2, 3, []]);
  const again = await sync({ prefix: 'copies/' });
  assert.deepEqual([again.copied, again.unchanged], [0, 3]);

  await pushImage(target, 'other', 'v1', 'something else');
  const refused = await sync({ repositories: ['other', 'none'] });
  assert.deepEqual(refused.problems.map(({ code, subject }) => `${subject} ${code}`).sort(), [
    'none IMAGE_NOT_FOUND',
    'other:v1 IMAGE_EXISTS',
  ]);
  assert.equal((await sync({ repositories: ['other'], overwrite: true })).copied, 1);
});

test('syncRegistries() tells what it would copy, and copies nothing', async () => {
  await using source = await startOwnRegistry();
  await using target = await startOwnRegistry();
  await using network = openNetwork();
  const clients = [new RegistryClient(network, source.host), new RegistryClient(network, target.host)] as const;
  const { digest } = await pushImage(source, 'app', 'v1', 'one');
  await pushImage(source, 'app', 'v2', 'two');
  await pushImage(target, 'app', 'v2', 'another');
  const seen: string[] = [];
  const options: SyncOptions = {
    repositories: [],
    tags: [],
    overwrite: false,
    dryRun: true,
    onTag: ({ repository, tag, digest: found, outcome }) => seen.push(`${repository}:${tag}@${found} ${outcome}`),
  };
  const { copied, problems } = await syncRegistries(...clients, options);
  assert.deepEqual([copied, seen], [1, [`app:v1@${digest} would be copied`]]);
  assert.deepEqual(
    problems.map(({ code, subject }) => `${subject} ${code}`),
    ['app:v2 IMAGE_EXISTS'],
  );
  assert.equal((await target.ask('HEAD', 'app/manifests/v1')).status, 404);
});

test('syncRegistries() brings images without a tag that something is attached to, and what outlived its image', async () => {
  await using source = await startOwnRegistry();
  await using target = await startOwnRegistry();
  await using network = openNetwork();
  const sync = (tags: readonly string[]): Promise<SyncReport> =>
    syncRegistries(new RegistryClient(network, source.host), new RegistryClient(network, target.host), {
      repositories: [],
      tags,
      overwrite: false,
    });
  const untagged = await pushImage(source, 'app', undefined, 'untagged');
  const tagOf = (digest: string, suffix: string): string => `${digest.replace(':', '-')}${suffix}`;
  const signature = tagOf(untagged.digest, '.sig');
  await pushImage(source, 'app', signature, 'signature');
  const orphan = tagOf(digestOfText('gone'), '.att');
  await pushImage(source, 'app', orphan, 'attestation');
  await pushImage(source, 'app', 'v1', 'one');

  assert.deepEqual((await sync(['v1'])).problems, []);
  assert.equal((await target.ask('HEAD', `app/manifests/${signature}`)).status, 404);
  assert.deepEqual((await sync([])).problems, []);
  for (const reference of [untagged.digest, signature, orphan]) {
    assert.equal((await target.ask('HEAD', `app/manifests/${reference}`)).status, 200, reference);
  }
});

test('syncRegistries() goes on where it was stopped', async () => {
  await using source = await startOwnRegistry();
  await using target = await startOwnRegistry();
  await using network = openNetwork();
  for (const tag of ['v1', 'v2', 'v3', 'v4', 'v5', 'v6']) await pushImage(source, 'app', tag, `content of ${tag}`);
  const stopped = new AbortController();
  const sync = (options: Partial<SyncOptions>): Promise<SyncReport> =>
    syncRegistries(new RegistryClient(network, source.host), new RegistryClient(network, target.host), {
      repositories: [],
      tags: [],
      overwrite: false,
      ...options,
    });
  const stop = sync({ signal: stopped.signal, onTag: () => stopped.abort(new Error('Stopped')) });
  await assert.rejects(stop, /Stopped/);
  const { copied, unchanged, problems } = await sync({});
  assert.deepEqual([copied + unchanged, problems], [6, []]);
  assert.ok(unchanged > 0);
});

test('syncRegistries() writes one manifest of a repository at a time, and sends no blob twice', async () => {
  await using source = await startOwnRegistry();
  await using target = await startOwnRegistry();
  await using network = openNetwork();
  const tags = ['v1', 'v1.0', 'v1.0.0', 'latest', 'stable', 'lts'];
  const layer = 'x'.repeat(2_000_000);
  for (const tag of tags) await pushImage(source, 'app', tag, layer);
  const { digest } = await pushImage(source, 'app', 'v2', layer, { annotations: { of: 'v2' } });
  await pushImage(source, 'app', `${digest.replace(':', '-')}.sig`, 'signature');
  const counts = { manifests: 0, under: 0, most: 0, blobs: 0 };
  target.registry.server.server.on('request', ({ method, url = '' }: IncomingMessage, response: ServerResponse) => {
    if (method !== 'PUT') return;
    if (url.includes('/blobs/')) counts.blobs += 1;
    if (!url.includes('/manifests/')) return;
    counts.manifests += 1;
    counts.under += 1;
    counts.most = Math.max(counts.most, counts.under);
    response.once('finish', () => (counts.under -= 1));
  });
  const clients = [new RegistryClient(network, source.host), new RegistryClient(network, target.host)] as const;
  const report = await syncRegistries(...clients, { repositories: [], tags: [], overwrite: false });
  assert.deepEqual([report.copied, report.problems], [7, []]);
  assert.ok(counts.manifests >= 10);
  assert.deepEqual([counts.most, counts.blobs], [1, 4]);
});
