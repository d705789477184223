import type { Digest } from '../../oci/digest.ts';
import { limits } from '../../oci/limits.ts';
import { manifestUsing, unlinkBlob } from '../../store/metadata/blobs.ts';
import { deleteManifest, findManifest } from '../../store/metadata/manifests.ts';
import { findRepository } from '../../store/metadata/repositories.ts';
import { deleteTag, findTag, tagsAround } from '../../store/metadata/tags.ts';
import { RegistryError } from '../error.ts';
import type { Content, Journal } from './content.ts';

/**
 * Takes a tag away, and leaves its manifest.
 *
 * @throws RegistryError MANIFEST_UNKNOWN, DENIED
 */
export async function removeTag(content: Content, name: string, tag: string, journal: Journal): Promise<void> {
  await content.database.transaction(async (queries) => {
    const repository = await findRepository(queries, name);
    const current = repository === undefined ? undefined : await findTag(queries, repository, tag);
    if (repository === undefined || current === undefined) {
      throw new RegistryError('MANIFEST_UNKNOWN', 'This repository has no such tag', { detail: { tag } });
    }
    const refusal = content.guard.refusal({ repository: name, tag, current, next: undefined, now: content.now() });
    if (refusal !== undefined) throw refusal;
    await deleteTag(queries, repository, tag);
    await journal(queries, { action: 'delete', repository: name, tag, digest: current.digest });
  });
}

/**
 * Takes a manifest away, with every tag that names it.
 *
 * @throws RegistryError MANIFEST_UNKNOWN, DENIED when one of these tags, or of an index that lists it, may not go
 */
export async function removeManifest(content: Content, name: string, digest: Digest, journal: Journal): Promise<void> {
  await content.database.transaction(async (queries) => {
    const repository = await findRepository(queries, name);
    const unknown = (): RegistryError =>
      new RegistryError('MANIFEST_UNKNOWN', 'This repository has no such manifest', { detail: { digest } });
    if (repository === undefined) throw unknown();
    // An image of an index is what the index's tags give to its platform.
    for (const tag of await tagsAround(queries, repository, digest, limits.indexDepth)) {
      const current = await findTag(queries, repository, tag);
      const refusal = content.guard.refusal({ repository: name, tag, current, next: undefined, now: content.now() });
      if (refusal !== undefined) throw refusal;
    }
    const manifest = await findManifest(queries, name, digest);
    if (manifest === undefined) throw unknown();
    await deleteManifest(queries, repository, digest);
    await journal(queries, { action: 'delete', repository: name, digest, mediaType: manifest.mediaType });
  });
}

/**
 * Takes a blob from a repository.
 *
 * @throws RegistryError BLOB_UNKNOWN, or DENIED while a manifest of the repository names it
 */
export async function removeBlob(content: Content, name: string, digest: Digest, journal: Journal): Promise<void> {
  await content.database.transaction(async (queries) => {
    const repository = await findRepository(queries, name);
    const unknown = (): RegistryError =>
      new RegistryError('BLOB_UNKNOWN', 'This repository has no such blob', { detail: { digest } });
    if (repository === undefined) throw unknown();
    const user = await manifestUsing(queries, repository, digest);
    if (user !== undefined) {
      throw new RegistryError('DENIED', `The manifest ${user} needs this blob; delete the manifest first`, {
        status: 409,
      });
    }
    if (!(await unlinkBlob(queries, repository, digest))) throw unknown();
    await journal(queries, { action: 'delete', repository: name, digest });
  });
}
