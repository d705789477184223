import type { Origin } from '../pipeline/origin.ts';
import type { Content } from './content.ts';
import { keepLease, openRecord, requireBlob } from './read-blob.ts';
import { requireManifest } from './read-manifest.ts';

/** What the registry keeps itself. */
export function localOrigin(content: Content): Origin {
  return {
    findManifest: async (name) => ({ record: await requireManifest(content, name) }),
    async findBlob(repository, digest) {
      const record = await requireBlob(content, repository, digest);
      return {
        size: record.size,
        isStored: record.content === null,
        open: () => openRecord(content, repository, digest, record),
        keep: () => keepLease(content, repository, digest, record),
      };
    },
  };
}
