import type { Digest } from '../../oci/digest.ts';
import { findManifest, manifestsNaming } from '../../store/metadata/manifests.ts';
import { RegistryError } from '../error.ts';
import { type AskedManifest, askedOf } from './asked-manifest.ts';
import { gateLimits } from './limits.ts';
import type { GateParts } from './parts.ts';

/**
 * Judges a blob: it passes when one of the images that name it does. One that no manifest names is nobody's image yet, and is shown to
 * whoever just pushed it.
 *
 * @param decide throws RegistryError for a manifest that may not pass
 */
export async function judgeBlob(
  parts: GateParts,
  { repository, digest }: { readonly repository: string; readonly digest: Digest },
  decide: (asked: AskedManifest) => Promise<unknown>,
): Promise<void> {
  const { database } = parts.content;
  const holders = await manifestsNaming(database, repository, digest, 'blob', gateLimits.holders);
  let refusal: unknown;
  for (const holder of holders) {
    const record = await findManifest(database, repository, holder);
    if (record === undefined) continue;
    try {
      await decide(await askedOf(parts, repository, record));
      return;
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      refusal ??= error;
    }
  }
  if (refusal !== undefined) throw refusal;
}
