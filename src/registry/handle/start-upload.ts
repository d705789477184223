import { formatIdentity } from '../auth/identity.ts';
import { mountBlob } from '../content/mount-blob.ts';
import { finishUpload, requireUpload, startUpload } from '../content/upload.ts';
import { RegistryError } from '../error.ts';
import { type Answer, emptyAnswer, type RefusedPart } from '../http/answer.ts';
import { bodyOf, contentLength } from '../http/read-body.ts';
import type { Call } from '../pipeline/call.ts';
import { checkDigest, checkName } from '../route/names.ts';
import { uploadAnswer } from './upload-answer.ts';

/**
 * POST of an upload (distribution-spec, "Pushing blobs"): begins one, or takes the whole blob (`digest`), or one that is
 * already here (`mount`, with or without `from`). A mount that cannot be, or that the gate refuses, becomes an upload.
 */
export async function startUploads(call: Call<'uploads'>): Promise<Answer> {
  const { content, route, query, identity, request, signal, journal } = call;
  const { repository } = route;
  const mount = query.get('mount');
  let refused: RefusedPart | undefined;
  if (mount !== null) {
    const digest = checkDigest(mount);
    const from = query.get('from') ?? undefined;
    if (from !== undefined) checkName(from);
    const mayPull = (name: string): boolean => call.may('pull', name);
    const refusal = (name: string): Promise<Error | undefined> =>
      call.refusal({ kind: 'mount', repository: name, digest });
    const mounted = await mountBlob(content, { repository, digest, from, mayPull, refusal }, journal);
    if (mounted.mounted) return blobAnswer(repository, digest);
    ({ refused } = mounted);
  }
  const whole = query.get('digest');
  const digest = whole === null || mount !== null ? undefined : checkDigest(whole);
  const owner = formatIdentity(identity);
  const id = await startUpload(content, repository, owner);
  if (digest === undefined) {
    const answer = uploadAnswer(202, repository, { id, size: 0 });
    return refused === undefined ? answer : { ...answer, refused };
  }
  const upload = await requireUpload(content, repository, id, owner);
  const incoming = { chunks: bodyOf(request), length: contentLength(request) };
  await finishUpload(content, upload, incoming, digest, signal, journal);
  return blobAnswer(repository, digest);
}

/** What a blob is answered with that is now there. */
export function blobAnswer(repository: string, digest: string): Answer {
  return emptyAnswer(201, { location: `/v2/${repository}/blobs/${digest}`, 'docker-content-digest': digest });
}

/** A digest that must stand in the query. */
export function requiredDigest(query: URLSearchParams): ReturnType<typeof checkDigest> {
  const digest = query.get('digest');
  if (digest !== null) return checkDigest(digest);
  throw new RegistryError('DIGEST_INVALID', 'The parameter digest is missing; say which digest the blob has');
}
