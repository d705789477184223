import { removeManifest, removeTag } from '../../../src/registry/content/delete.ts';
import { manifestBytes, requireManifest } from '../../../src/registry/content/read-manifest.ts';
import { limits } from '../../../src/registry/limits.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { parseManifest } from '../../../src/oci/manifest.ts';
import { findManifest } from '../../../src/store/metadata/manifests.ts';
import { digestOf } from '../../store/blob-data.ts';
import { manifestOf, noJournal, pushTestManifest, type TestManifest } from '../push-content.ts';
import { head, mount, push, read, watch } from './blob-operations.ts';
import { type Clients, nameOf, violation } from './clients.ts';
import { notes, tags as allTags } from './universe.ts';

/** Pushes an image as clients do: what is not there, by any way, and then the manifest, which must be taken if that was in time. */
export async function pushImage(clients: Clients, repository: string): Promise<void> {
  const { dice, digests } = clients.world;
  const since = clients.now;
  const blobs = [...new Set([dice.pick(digests), ...dice.some(digests, 2)])];
  const moved = blobs.map((digest) => watch(clients, nameOf(repository, digest)));
  for (const digest of blobs) {
    const isThere =
      (dice.chance(0.6) && (await head(clients, repository, digest))) ||
      (dice.chance(0.3) && (await mount(clients, repository, digest))) ||
      (await push(clients, repository, digest));
    if (!isThere) return;
  }
  const subject = dice.chance(0.2) ? await anyManifest(clients, repository) : undefined;
  const note = dice.pick(notes);
  const image = { blobs, ...(subject === undefined ? {} : { subject }), ...(note === undefined ? {} : { note }) };
  const isInTime = (): boolean => clients.now - since < (limits.lease * 3) / 4 && moved.every((isMoved) => !isMoved());
  await pushDocument(clients, repository, image, isInTime);
}

/** Pushes an index of what is there. */
export async function pushIndex(clients: Clients, repository: string): Promise<void> {
  const manifests = [await anyManifest(clients, repository), await anyManifest(clients, repository)];
  const there = [...new Set(manifests.filter((digest) => digest !== undefined))];
  await pushDocument(clients, repository, { manifests: there }, () => false);
}

async function pushDocument(
  clients: Clients,
  repository: string,
  document: TestManifest,
  isInTime: () => boolean,
): Promise<void> {
  const { dice } = clients.world;
  const tags = dice.some(allTags, 2);
  const digest = digestOf(manifestOf(document).bytes);
  const end = clients.manifests.begin(nameOf(repository, digest));
  const ends = tags.map((tag) => clients.tags.begin(nameOf(repository, tag)));
  const answer = await clients.ask('push manifest', ['MANIFEST_BLOB_UNKNOWN', 'TOOMANYREQUESTS'], (node) =>
    pushTestManifest(node, repository, document, tags),
  );
  if (answer !== 'lost' && 'refused' in answer && answer.refused === 'MANIFEST_BLOB_UNKNOWN' && isInTime()) {
    violation('A manifest was refused although all it names was promised', repository, document);
  }
  end(clients.ending(answer, () => ({ value: 'there' })));
  for (const endTag of ends) endTag(clients.ending(answer, () => ({ value: digest })));
}

/** Pulls by tag or digest: the manifest with all that it names, or an answer that it is not there. */
export async function pull(clients: Clients, repository: string): Promise<void> {
  const { dice } = clients.world;
  const digest = dice.chance(0.5) ? await anyManifest(clients, repository) : undefined;
  const name = digest === undefined ? { repository, tag: dice.pick(allTags) } : { repository, digest };
  const answer = await clients.ask('pull', ['MANIFEST_UNKNOWN'], async (node) => {
    const record = await requireManifest(node, name);
    const bytes = await manifestBytes(node, repository, record.digest);
    if (digestOf(bytes) !== record.digest) violation('A manifest has wrong bytes', repository, record.digest);
    return { record, manifest: parseManifest(bytes, record.mediaType) };
  });
  if (answer === 'lost' || !('value' in answer) || answer.value.manifest.kind === 'index') return;
  const { record, manifest } = answer.value;
  for (const blob of [manifest.config, ...manifest.layers]) {
    const isThere = await read(clients, repository, blob.digest);
    if (isThere !== false) continue;
    const still = await findManifest(clients.world.outside.database, repository, record.digest);
    // It may have been deleted, collected and pushed anew meanwhile.
    if (still?.pushedAt === record.pushedAt) violation('A blob of a manifest is not there', repository, record, blob);
  }
}

/** Deletes a tag. */
export async function dropTag(
  clients: Clients,
  repository: string,
  tag: string = clients.world.dice.pick(allTags),
): Promise<void> {
  const end = clients.tags.begin(nameOf(repository, tag));
  const answer = await clients.ask('delete tag', ['MANIFEST_UNKNOWN'], (node) =>
    removeTag(node, repository, tag, noJournal),
  );
  const isGone = answer !== 'lost' && 'refused' in answer;
  end(isGone ? { value: 'absent' } : clients.ending(answer, () => ({ value: 'absent' })));
}

/** Deletes a manifest, with the tags that name it. */
export async function dropManifest(clients: Clients, repository: string, digest: Digest): Promise<void> {
  const end = clients.manifests.begin(nameOf(repository, digest));
  const names = allTags.map((tag) => nameOf(repository, tag));
  const ends = names.map((name) => clients.tags.begin(name));
  const answer = await clients.ask('delete manifest', ['MANIFEST_UNKNOWN'], (node) =>
    removeManifest(node, repository, digest, noJournal),
  );
  end(
    answer !== 'lost' && 'refused' in answer
      ? { value: 'absent' }
      : clients.ending(answer, () => ({ value: 'absent' })),
  );
  for (const [at, endTag] of ends.entries()) {
    const before = clients.tags.before(names[at] as string)?.value;
    endTag(
      clients.ending(answer, () =>
        before === undefined ? 'unknown' : { value: before === digest ? 'absent' : before },
      ),
    );
  }
}

/** What retention does: deletes every manifest of a repository that no tag names. */
export async function dropUntagged(clients: Clients, repository: string): Promise<void> {
  const rows = await clients.world.outside.database.all<{ digest: Digest }>(
    `SELECT m.digest AS digest FROM manifests m JOIN repositories r ON r.id = m.repository WHERE r.name = ?
      AND NOT EXISTS (SELECT 1 FROM tags t WHERE t.repository = m.repository AND t.digest = m.digest)
      ORDER BY m.digest LIMIT 100`,
    repository,
  );
  for (const { digest } of rows) await dropManifest(clients, repository, digest);
}

/** A manifest that a repository has. */
export async function anyManifest(clients: Clients, repository: string): Promise<Digest | undefined> {
  const rows = await clients.world.outside.database.all<{ digest: Digest }>(
    `SELECT m.digest AS digest FROM manifests m JOIN repositories r ON r.id = m.repository WHERE r.name = ?
      ORDER BY m.digest LIMIT 100`,
    repository,
  );
  return rows.length === 0 ? undefined : clients.world.dice.pick(rows).digest;
}
