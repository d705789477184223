import assert from 'node:assert/strict';
import type { Digest } from '../../src/oci/digest.ts';
import { attachmentRevision } from '../../src/store/metadata/attachments.ts';
import { deleteManifest, insertManifest, type NewManifest } from '../../src/store/metadata/manifests.ts';
import { ensureRepository } from '../../src/store/metadata/repositories.ts';
import { deleteTag, setTag } from '../../src/store/metadata/tags.ts';
import { keepUpstreamList } from '../../src/store/metadata/upstream-lists.ts';
import type { SqlQueries } from '../../src/store/sql/database.ts';
import { digestOf } from './blob-data.ts';
import type { MetadataCheck } from './metadata-contract.ts';

function digest(text: string): Digest {
  return digestOf(Buffer.from(text));
}

function manifest(text: string, changed: Partial<NewManifest> = {}): NewManifest {
  const plain = { mediaType: 'a', size: 1, artifactType: undefined, subject: undefined, annotations: {}, links: [] };
  return { ...plain, digest: digest(text), ...changed };
}

/** Registers the tests of what counts the changes of attachments. */
export function registerAttachmentRecords(check: MetadataCheck): void {
  check('each way to attach something, or to take it away, is counted, and nothing else is', async (database) => {
    const app = await database.transaction((queries) => ensureRepository(queries, 'app', 1));
    const signatures = `${digest('image').replace(':', '-')}.sig`;
    const parent = { links: [{ target: digest('image'), kind: 'manifest' }] } as const;
    const steps: readonly (readonly [string, number, (queries: SqlQueries) => Promise<unknown>])[] = [
      ['an image', 0, (queries) => insertManifest(queries, app, manifest('image'), 1)],
      ['its tag', 0, (queries) => setTag(queries, app, 'v1', digest('image'), 1)],
      ['a document', 1, (queries) => insertManifest(queries, app, manifest('d', { subject: digest('image') }), 1)],
      ['a tag of signatures', 1, (queries) => setTag(queries, app, signatures, digest('d'), 1)],
      ['the same again, with others', 1, (queries) => setTag(queries, app, signatures, digest('image'), 1)],
      ['an index', 1, (queries) => insertManifest(queries, app, manifest('index', parent), 1)],
      ['the tag away', 1, (queries) => deleteTag(queries, app, signatures)],
      ['a tag that was not there', 0, (queries) => deleteTag(queries, app, signatures)],
      ['another tag away', 0, (queries) => deleteTag(queries, app, 'v1')],
      ['the document away', 1, (queries) => deleteManifest(queries, app, digest('d'))],
      ['what is not there', 0, (queries) => deleteManifest(queries, app, digest('d'))],
      ['a list of an upstream', 1, (queries) => keepUpstreamList(queries, 'app', digest('image'), '[1]', 1)],
      ['the same list', 0, (queries) => keepUpstreamList(queries, 'app', digest('image'), '[1]', 2)],
      ['another one', 1, (queries) => keepUpstreamList(queries, 'app', digest('image'), '[]', 3)],
      ['a list of tags', 0, (queries) => keepUpstreamList(queries, 'app', '', '[1]', 3)],
    ];
    let before = await attachmentRevision(database, 'app');
    for (const [what, more, run] of steps) {
      await database.transaction(run);
      const after = await attachmentRevision(database, 'app');
      assert.equal(after - before, more, what);
      before = after;
    }
    assert.equal(await attachmentRevision(database, 'other'), 0);
  });

  check('what is attached by several at once is counted for each', async (database, place) => {
    await using other = await place.open();
    const app = await database.transaction((queries) => ensureRepository(queries, 'app', 1));
    const subject = digest('image');
    await Promise.all(
      Array.from({ length: 16 }, (_, at) =>
        (at % 2 === 0 ? database : other).transaction((queries) =>
          insertManifest(queries, app, manifest(`${at}`, { subject }), 1),
        ),
      ),
    );
    assert.equal(await attachmentRevision(database, 'app'), 16);
  });
}
