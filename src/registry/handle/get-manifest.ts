import { manifestBytes, requireManifest } from '../content/read-manifest.ts';
import type { Answer } from '../http/answer.ts';
import { namesEtag } from '../http/etag.ts';
import type { Call } from '../pipeline/call.ts';

/**
 * GET and HEAD of a manifest (distribution-spec, "Pulling manifests"): the bytes that were pushed, whatever the client says
 * it accepts, since another form would have another digest.
 */
export async function getManifest({ content, route, request, method }: Call<'manifest'>): Promise<Answer> {
  const { digest, mediaType, size } = await requireManifest(content, route);
  const etag = `"${digest}"`;
  if (namesEtag(request.headers['if-none-match'], etag))
    return { status: 304, headers: { etag, 'docker-content-digest': digest } };
  const headers = { 'content-type': mediaType, 'content-length': size, 'docker-content-digest': digest, etag };
  if (method === 'HEAD') return { status: 200, headers };
  return { status: 200, headers, body: await manifestBytes(content, route.repository, digest) };
}
