import { RegistryError } from '../error.ts';
import { type Answer, emptyAnswer } from '../http/answer.ts';
import { namesEtag } from '../http/etag.ts';
import { parseRange } from '../http/range.ts';
import type { Call } from '../pipeline/call.ts';
import type { FoundBlob } from '../pipeline/origin.ts';
import type { Passage } from '../pipeline/subject.ts';

/** GET and HEAD of a blob (distribution-spec, "Pulling blobs"); parts of it by `Range`. */
export async function getBlob(call: Call<'blob'>): Promise<Passage> {
  const { repository, digest } = call.route;
  const blob = await call.origin.findBlob(repository, digest, () => call.signal);
  return { subject: { kind: 'blob-out', repository, digest }, pass: () => send(call, blob) };
}

async function send({ content, route, request, method }: Call<'blob'>, blob: FoundBlob): Promise<Answer> {
  const { digest } = route;
  const etag = `"${digest}"`;
  const headers = {
    'accept-ranges': 'bytes',
    // What has this digest never changes; but who may see it does.
    'cache-control': 'private, max-age=31536000, immutable',
    'docker-content-digest': digest,
    etag,
  };
  if (namesEtag(request.headers['if-none-match'], etag)) return { status: 304, headers };
  if (method === 'HEAD') {
    await blob.keep();
    return { status: 200, headers: { ...headers, 'content-type': contentType, 'content-length': blob.size } };
  }
  if (content.redirects && blob.isStored && content.blobs.redirectUrl !== undefined) {
    // The address is good for as long as a slow client takes to begin; the client keeps its Range.
    const location = await content.blobs.redirectUrl(digest, redirectSeconds);
    return emptyAnswer(307, { location, 'docker-content-digest': digest, 'cache-control': 'no-store' });
  }
  const ifRange = request.headers['if-range'];
  const asked = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const range = parseRange(asked, blob.size);
  if (range === 'unsatisfiable') {
    throw new RegistryError('SIZE_INVALID', `The blob has ${blob.size} bytes, none of which are in this range`, {
      status: 416,
      headers: { 'content-range': `bytes */${blob.size}` },
    });
  }
  const open = await blob.open();
  if (range === undefined) {
    const whole = { ...headers, 'content-type': contentType, 'content-length': blob.size };
    return { status: 200, headers: whole, blob: { open, range } };
  }
  const { start, end } = range;
  const part = {
    'content-type': contentType,
    'content-length': end - start + 1,
    'content-range': `bytes ${start}-${end}/${blob.size}`,
  };
  return { status: 206, headers: { ...headers, ...part }, blob: { open, range } };
}

/** For which an address of the store holds. */
const redirectSeconds = 300;

const contentType = 'application/octet-stream';
