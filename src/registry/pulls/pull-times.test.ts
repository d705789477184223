import assert from 'node:assert/strict';
import test from 'node:test';
import { digestOfText, startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { silentLogger } from '../../base/logger.ts';
import type { Digest } from '../../oci/digest.ts';
import { findManifest, findTagged } from '../../store/metadata/manifests.ts';
import { PullTimes } from './pull-times.ts';

test('PullTimes writes the last pull of a manifest and its tag, and no earlier one over it', async () => {
  await using own = await startOwnRegistry();
  const { database } = own.registry.content;
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.empty.v1+json', ...(await own.pushBlob('app', '{}')) },
    layers: [],
  });
  const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
  await own.ask('PUT', 'app/manifests/v1', { body, headers });
  await own.ask('PUT', 'app/manifests/v2', { body, headers });
  const digest = digestOfText(body) as Digest;
  const pull = { repository: 'app', digest };
  {
    await using times = new PullTimes({ database, logger: silentLogger, interval: 3_600_000 });
    for (const at of [100, 300]) times.add({ ...pull, tag: 'v1', at });
    times.add({ ...pull, tag: undefined, at: 200 });
    times.add({ ...pull, tag: 'v2', at: 250 });
    times.add({ ...pull, repository: 'none', tag: 'v1', at: 900 });
  }
  assert.equal((await findManifest(database, 'app', digest))?.pulledAt, 300);
  const tagTimes = await database.all('SELECT name, pulled_at AS at FROM tags ORDER BY name');
  assert.deepEqual(
    tagTimes.map((row) => ({ ...row })),
    [
      { name: 'v1', at: 300 },
      { name: 'v2', at: 250 },
    ],
  );
  await using later = new PullTimes({ database, logger: silentLogger, interval: 3_600_000 });
  later.add({ ...pull, tag: 'v1', at: 50 });
  await later.flush();
  assert.equal((await findTagged(database, 'app', 'v1'))?.pulledAt, 300);
});
