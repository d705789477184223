import assert from 'node:assert/strict';
import test from 'node:test';
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
