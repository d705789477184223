import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeIndexOf } from '../../../testing/registry/attached.ts';
import { openStage, sources } from '../../../testing/registry/copy-stage.ts';
import { fallbackTag } from '../../oci/referrer.ts';
import { findAttachments } from './attachments.ts';
import { cleanAttachments, type CleanType } from './clean.ts';

for (const [type, left] of [
  ['signature', ['sbom tag']],
  ['sbom', ['signature bundle', 'signature tag']],
  ['attestation', ['sbom tag', 'signature bundle', 'signature tag']],
  ['referrer', ['sbom tag', 'signature tag']],
  ['all', []],
] satisfies (readonly [CleanType, readonly string[]])[]) {
  test(`cleanAttachments() removes ${type} and leaves the rest`, async () => {
    for (const options of [{}, { referrers: false }, { referrers: false, deletion: 'digest' }] as const) {
      await using stage = await openStage(options);
      await cleanAttachments(stage.from, stage.digest, type);
      const { attachments, problems } = await findAttachments(stage.from, stage.digest);
      assert.deepEqual(problems, []);
      assert.deepEqual(attachments.map(({ kind, form }) => `${kind} ${form}`).sort(), left);
      assert.equal(stage.source.store.manifest(sources, 'v1')?.digest, stage.digest);
    }
  });
}

test('cleanAttachments() removes what hangs on what it removes, and takes lost entries off the list', async () => {
  await using stage = await openStage({ referrers: false });
  const { store } = stage.source;
  const { removed } = await cleanAttachments(stage.from, stage.child, 'all');
  assert.deepEqual(
    removed.map(({ kind, form }) => `${kind} ${form}`),
    ['signature tag', 'sbom referrer', 'attestation bundle'],
  );
  const gone = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${'00'.repeat(32)}`,
    size: 2,
  };
  storeIndexOf(store, sources, fallbackTag(stage.child), [gone]);
  const cleaned = await cleanAttachments(stage.from, stage.child, 'all');
  assert.deepEqual(
    cleaned.problems.map(({ code }) => code),
    ['REFERRER_IMAGE_NOT_FOUND'],
  );
  assert.equal(store.manifest(sources, fallbackTag(stage.child)), undefined);
});

test('cleanAttachments() says so when the registry deletes nothing', async () => {
  await using stage = await openStage({ deletion: 'none' });
  await assert.rejects(cleanAttachments(stage.from, stage.digest, 'all'), {
    name: 'OciError',
    code: 'DELETE_UNSUPPORTED',
  });
});
