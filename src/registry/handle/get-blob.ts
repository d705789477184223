import { keepLease, openRecord, requireBlob } from '../content/read-blob.ts';
import { RegistryError } from '../error.ts';
import { type Answer, emptyAnswer } from '../http/answer.ts';
import { namesEtag } from '../http/etag.ts';
import { parseRange } from '../http/range.ts';
import type { Call } from '../pipeline/call.ts';

/** GET and HEAD of a blob (distribution-spec, "Pulling blobs"); parts of it by `Range`. */
export async function getBlob({ content, route, request, method }: Call<'blob'>): Promise<Answer> {
  const { repository, digest } = route;
  const record = await requireBlob(content, repository, digest);
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
    await keepLease(content, repository, digest, record);
    return { status: 200, headers: { ...headers, 'content-type': contentType, 'content-length': record.size } };
  }
  if (content.redirects && record.content === null && content.blobs.redirectUrl !== undefined) {
    // The address is good for as long as a slow client takes to begin; the client keeps its Range.
    const location = await content.blobs.redirectUrl(digest, redirectSeconds);
    return emptyAnswer(307, { location, 'docker-content-digest': digest, 'cache-control': 'no-store' });
  }
  const ifRange = request.headers['if-range'];
  const asked = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const range = parseRange(asked, record.size);
  if (range === 'unsatisfiable') {
    throw new RegistryError('SIZE_INVALID', `The blob has ${record.size} bytes, none of which are in this range`, {
      status: 416,
      headers: { 'content-range': `bytes */${record.size}` },
    });
  }
  const open = await openRecord(content, repository, digest, record);
  if (range === undefined) {
    const whole = { ...headers, 'content-type': contentType, 'content-length': record.size };
    return { status: 200, headers: whole, blob: { open, range } };
  }
  const { start, end } = range;
  const part = {
    'content-type': contentType,
    'content-length': end - start + 1,
    'content-range': `bytes ${start}-${end}/${record.size}`,
  };
  return { status: 206, headers: { ...headers, ...part }, blob: { open, range } };
}

/** For which an address of the store holds. */
const redirectSeconds = 300;

const contentType = 'application/octet-stream';
