import { firstLink, type LinkKey, nextLinks, unlinkUnused, unusedLinks } from '../../store/metadata/garbage.ts';
import { type Collection, rest } from './collection.ts';
import { garbageLimits } from './limits.ts';

/** First step: takes blobs from repositories whose manifests do not name them, and that no client used for the grace. */
export async function unlinkAll(collection: Collection): Promise<void> {
  const { content, tally, before, dryRun } = collection;
  let after = firstLink;
  for (;;) {
    const stretch = await nextLinks(content.database, after, garbageLimits.stretch);
    if (stretch === undefined) return;
    const unused = await unusedLinks(content.database, stretch, before);
    if (dryRun) tally.unlinked += unused.length;
    else await unlink(collection, unused);
    tally.lookedAtLinks += stretch.rows;
    after = stretch.last;
    await rest(collection);
  }
}

async function unlink(collection: Collection, unused: readonly LinkKey[]): Promise<void> {
  const { content, tally, before } = collection;
  for (let at = 0; at < unused.length; at += garbageLimits.batch) {
    const batch = Map.groupBy(unused.slice(at, at + garbageLimits.batch), ({ repository }) => repository);
    // Once they are unlinked they may be swept, which waits until all before it survives a power cut.
    tally.unlinked += await content.database.transaction(
      async (queries) => {
        let count = 0;
        for (const [repository, links] of batch) {
          const digests = links.map(({ digest }) => digest);
          count += await unlinkUnused(queries, repository, digests, before);
        }
        return count;
      },
      { durable: false },
    );
    await rest(collection);
  }
}
