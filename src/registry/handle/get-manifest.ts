import type { ManifestRecord } from '../../store/metadata/manifests.ts';
import { manifestBytes } from '../content/read-manifest.ts';
import type { Answer, AnswerHeaders } from '../http/answer.ts';
import { namesEtag } from '../http/etag.ts';
import type { Call } from '../pipeline/call.ts';
import type { Passage } from '../pipeline/subject.ts';

/**
 * GET and HEAD of a manifest (distribution-spec, "Pulling manifests"): the bytes that were pushed, whatever the client says
 * it accepts, since another form would have another digest.
 */
export async function getManifest(call: Call<'manifest'>): Promise<Passage> {
  const { route, origin } = call;
  const { record, headers = {} } = await origin.findManifest(route, () => call.signal);
  const tag = 'tag' in route ? { tag: route.tag } : {};
  return {
    subject: { kind: 'manifest-out', repository: route.repository, ...tag, record },
    pass: () => send(call, record, headers),
  };
}

async function send(
  { content, route, request, method }: Call<'manifest'>,
  { digest, mediaType, size }: ManifestRecord,
  more: AnswerHeaders,
): Promise<Answer> {
  const etag = `"${digest}"`;
  if (namesEtag(request.headers['if-none-match'], etag))
    return { status: 304, headers: { etag, 'docker-content-digest': digest, ...more } };
  const headers = { 'content-type': mediaType, 'content-length': size, 'docker-content-digest': digest, etag, ...more };
  if (method === 'HEAD') return { status: 200, headers };
  return { status: 200, headers, body: await manifestBytes(content, route.repository, digest) };
}
