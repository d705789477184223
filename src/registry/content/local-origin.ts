import { findRepository } from '../../store/metadata/repositories.ts';
import { listReferrers } from '../../store/metadata/referrers.ts';
import { listTags } from '../../store/metadata/tags.ts';
import { RegistryError } from '../error.ts';
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
    async listTags(name, { after, limit }) {
      const repository = await findRepository(content.database, name);
      if (repository === undefined) throw new RegistryError('NAME_UNKNOWN', 'There is no such repository');
      return { entries: limit === 0 ? [] : await listTags(content.database, repository, after, limit) };
    },
    async listReferrers(name, query) {
      const repository = await findRepository(content.database, name);
      if (repository === undefined || query.limit === 0) return { entries: [] };
      return { entries: await listReferrers(content.database, repository, query) };
    },
  };
}
