import { isTag } from '../../oci/reference.ts';
import type { Content, Journal } from '../content/content.ts';
import { keepManifest, type PreparedPush, preparePush } from '../content/push-manifest.ts';
import { RegistryError } from '../error.ts';
import { type Answer, emptyAnswer } from '../http/answer.ts';
import { readBody } from '../http/read-body.ts';
import { limits } from '../limits.ts';
import type { Call } from '../pipeline/call.ts';
import type { Passage } from '../pipeline/subject.ts';

/**
 * PUT of a manifest by tag or digest (distribution-spec, "Pushing Manifests"), by digest with any number of `tag` parameters
 * ("Pushing Manifests with Tags").
 */
export async function putManifest({ content, route, request, query, journal }: Call<'manifest'>): Promise<Passage> {
  const { repository } = route;
  const tags = 'tag' in route ? [route.tag] : tagParameters(query);
  const bytes = await readBody(request, content.manifestBytes, 'manifest');
  const push = preparePush({
    repository,
    digest: 'tag' in route ? undefined : route.digest,
    tags,
    contentType: request.headers['content-type'],
    bytes,
  });
  return { subject: { kind: 'manifest-in', push }, pass: () => keep(content, push, journal, 'digest' in route) };
}

async function keep(content: Content, push: PreparedPush, journal: Journal, byDigest: boolean): Promise<Answer> {
  const { repository, tags } = push;
  const { digest, subject } = await keepManifest(content, push, journal);
  return emptyAnswer(201, {
    location: `/v2/${repository}/manifests/${digest}`,
    'docker-content-digest': digest,
    ...(subject === undefined ? {} : { 'oci-subject': subject }),
    ...(byDigest && tags.length > 0 ? { 'oci-tag': tags } : {}),
  });
}

function tagParameters(query: URLSearchParams): readonly string[] {
  const tags = [...new Set(query.getAll('tag'))];
  if (tags.length > limits.tagParameters) {
    throw new RegistryError('MANIFEST_INVALID', `At most ${limits.tagParameters} tags are set at once; push in parts`, {
      status: 414,
    });
  }
  const wrong = tags.find((tag) => !isTag(tag));
  if (wrong === undefined) return tags;
  throw new RegistryError('MANIFEST_INVALID', 'One of the tag parameters is no tag', {
    detail: { tag: wrong.slice(0, 200) },
  });
}
