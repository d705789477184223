import { isDigest } from '../digest.ts';
import type { RegistryClient } from './registry-client.ts';

/** What registries answer when they have deleted something, or will (distribution-spec, "Deleting Manifests": 202). */
const deletedStatuses: ReadonlySet<number> = new Set([200, 202, 204]);

/**
 * Deletes a tag, or by its digest a manifest with all tags that name it.
 *
 * @returns false when the registry says that it is not there
 * @throws OciError DELETE_UNSUPPORTED where the registry deletes nothing so, and the codes of other answers
 */
export async function deleteManifest(
  client: RegistryClient,
  repository: string,
  reference: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const response = await client.request({
    method: 'DELETE',
    path: `${repository}/manifests/${reference}`,
    access: { repository, actions: 'delete' },
    signal,
  });
  const { status } = response;
  const deleted = deletedStatuses.has(status);
  if (deleted || status === 404) {
    response.discard();
    return deleted;
  }
  const name = `${client.registry}/${repository}${isDigest(reference) ? '@' : ':'}${reference}`;
  throw await client.explain(response, { kind: 'deletion', name });
}
