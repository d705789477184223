import type { Digest } from '../../oci/digest.ts';
import { readRepository, type StoredRepository } from '../../store/metadata/snapshot.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import type { BlobSize, RepositorySnapshot } from '../rule/retention/snapshot.ts';

/** A repository as rules judge it; undefined when it is not there. */
export async function takeSnapshot(queries: SqlQueries, name: string): Promise<RepositorySnapshot | undefined> {
  const stored = await readRepository(queries, name);
  return stored === undefined ? undefined : snapshotOf(name, stored);
}

function snapshotOf(repository: string, { tags, manifests, links }: StoredRepository): RepositorySnapshot {
  const blobs = new Map<Digest, BlobSize[]>();
  const parents = new Map<Digest, Digest[]>();
  for (const { manifest, target, kind, size } of links) {
    if (kind === 'manifest') listOf(parents, target).push(manifest);
    else if (size !== null) listOf(blobs, manifest).push({ digest: target, size });
  }
  return {
    repository,
    tags: tags.map(({ pulledAt, ...tag }) => ({ ...tag, pulledAt: pulledAt ?? undefined })),
    manifests: manifests.map(({ digest, size, pushedAt, pulledAt, subject }) => ({
      digest,
      size,
      pushedAt,
      pulledAt: pulledAt ?? undefined,
      subject: subject ?? undefined,
      blobs: blobs.get(digest) ?? [],
      referencedBy: parents.get(digest) ?? [],
    })),
  };
}

function listOf<Key, Value>(map: Map<Key, Value[]>, key: Key): Value[] {
  let list = map.get(key);
  if (list === undefined) {
    list = [];
    map.set(key, list);
  }
  return list;
}
