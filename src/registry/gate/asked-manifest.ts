import type { Digest } from '../../oci/digest.ts';
import { limits } from '../../oci/limits.ts';
import type { ManifestRecord } from '../../store/metadata/manifests.ts';
import { findRepository } from '../../store/metadata/repositories.ts';
import { tagsAround } from '../../store/metadata/tags.ts';
import { manifestBytes } from '../content/read-manifest.ts';
import type { GateRules } from './model.ts';
import type { GateParts } from './parts.ts';

/** A manifest that the gate is to decide about. */
export interface AskedManifest {
  readonly gate: 'push' | 'pull';
  readonly repository: string;
  /** By which it was asked for, or is to be named; undefined where nobody here knows, and then rules about tags are about it. */
  readonly tags: readonly string[] | undefined;
  readonly digest: Digest;
  readonly mediaType: string;
  /** Its bytes, exactly. */
  readonly bytes: () => Promise<Uint8Array>;
  /** True while the registry does not keep it, so that a scan must be given its bytes. */
  readonly isNew: boolean;
}

/** What tells tags apart in a key: that none are known is not the same as that there are none. */
export function tagsKey(tags: readonly string[] | undefined): readonly string[] {
  return tags ?? ['?'];
}

/** A manifest that is pulled, by a tag or by its digest. */
export async function askedOf(
  parts: Pick<GateParts, 'content' | 'isCached'>,
  repository: string,
  { digest, mediaType }: Pick<ManifestRecord, 'digest' | 'mediaType'>,
  { policy }: GateRules,
  tag?: string,
): Promise<AskedManifest> {
  const bytes = (): Promise<Uint8Array> => manifestBytes(parts.content, repository, digest);
  const own = tag === undefined ? [] : [tag];
  const usesTags = policy.policy.rules.some(({ match }) => match?.tags !== undefined);
  const tags = usesTags ? await tagsOfManifest(parts, repository, digest, own) : own;
  return { gate: 'pull', repository, tags, digest, mediaType, bytes, isNew: false };
}

/** Whoever asks by digest gets what rules say of its tags, and of those of the indexes that it is in. */
async function tagsOfManifest(
  { content: { database }, isCached }: Pick<GateParts, 'content' | 'isCached'>,
  name: string,
  digest: Digest,
  own: readonly string[],
): Promise<readonly string[] | undefined> {
  const repository = await findRepository(database, name);
  const known = repository === undefined ? [] : await tagsAround(database, repository, digest, limits.indexDepth);
  const tags = [...new Set([...own, ...known])].sort();
  // Which tags an upstream has for what was only asked for by its digest, nobody here knows.
  return tags.length === 0 && isCached(name) ? undefined : tags;
}
