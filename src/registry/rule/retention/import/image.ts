import type { ManifestView } from '../repository-view.ts';

/** When an image was last pulled, by its digest or any of its tags; undefined when no pull is known. */
export function lastPull({ manifest, tags }: ManifestView): number | undefined {
  let last = manifest.pulledAt;
  for (const { tag } of tags) {
    if (tag.pulledAt !== undefined) last = Math.max(last ?? -Infinity, tag.pulledAt);
  }
  return last;
}

/** When an image, or one of its tags, was last pushed. */
export function lastPush({ manifest, tags }: ManifestView): number {
  let last = manifest.pushedAt;
  for (const { tag } of tags) last = Math.max(last, tag.pushedAt);
  return last;
}
