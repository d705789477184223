import type { Digest } from '../../oci/digest.ts';
import type { ManifestRecord } from '../../store/metadata/manifests.ts';
import { findRepository } from '../../store/metadata/repositories.ts';
import { tagsOf } from '../../store/metadata/tags.ts';
import type { Content } from '../content/content.ts';
import { manifestBytes } from '../content/read-manifest.ts';
import type { GateRules } from './model.ts';
import type { GateParts } from './parts.ts';

/** A manifest that the gate is to decide about. */
export interface AskedManifest {
  readonly gate: 'push' | 'pull';
  readonly repository: string;
  /** By which it was asked for, or is to be named. */
  readonly tags: readonly string[];
  readonly digest: Digest;
  readonly mediaType: string;
  /** Its bytes, exactly. */
  readonly bytes: () => Promise<Uint8Array>;
  /** True while the registry does not keep it, so that a scan must be given its bytes. */
  readonly isNew: boolean;
}

/** A manifest that is pulled, by a tag or by its digest. */
export async function askedOf(
  { content }: Pick<GateParts, 'content'>,
  repository: string,
  { digest, mediaType }: Pick<ManifestRecord, 'digest' | 'mediaType'>,
  { policy }: GateRules,
  tag?: string,
): Promise<AskedManifest> {
  const bytes = (): Promise<Uint8Array> => manifestBytes(content, repository, digest);
  const own = tag === undefined ? [] : [tag];
  const usesTags = policy.policy.rules.some(({ match }) => match?.tags !== undefined);
  // Whoever asks by digest gets what rules say of its tags.
  const tags = usesTags ? [...new Set([...own, ...(await tagsOfManifest(content, repository, digest))])].sort() : own;
  return { gate: 'pull', repository, tags, digest, mediaType, bytes, isNew: false };
}

async function tagsOfManifest({ database }: Content, name: string, digest: Digest): Promise<readonly string[]> {
  const repository = await findRepository(database, name);
  return repository === undefined ? [] : tagsOf(database, repository, digest);
}
