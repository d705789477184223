import { removeBlob, removeManifest, removeTag } from '../content/delete.ts';
import { type Answer, emptyAnswer } from '../http/answer.ts';
import type { Call } from '../pipeline/call.ts';

/** DELETE of a tag or a manifest (distribution-spec, "Deleting tags", "Deleting Manifests"). */
export async function deleteManifest({ content, route, journal }: Call<'manifest'>): Promise<Answer> {
  if ('tag' in route) await removeTag(content, route.repository, route.tag, journal);
  else await removeManifest(content, route.repository, route.digest, journal);
  return emptyAnswer(202);
}

/** DELETE of a blob (distribution-spec, "Deleting Blobs"). */
export async function deleteBlob({ content, route, journal }: Call<'blob'>): Promise<Answer> {
  await removeBlob(content, route.repository, route.digest, journal);
  return emptyAnswer(202);
}
