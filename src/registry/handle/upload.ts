import type { UploadRecord } from '../../store/metadata/uploads.ts';
import { formatIdentity } from '../auth/identity.ts';
import { appendUpload, cancelUpload, finishUpload, requireUpload } from '../content/upload.ts';
import { RegistryError } from '../error.ts';
import { type Answer, emptyAnswer } from '../http/answer.ts';
import { parseContentRange } from '../http/range.ts';
import { bodyOf, contentLength } from '../http/read-body.ts';
import type { Call } from '../pipeline/call.ts';
import { blobAnswer, requiredDigest } from './start-upload.ts';
import { uploadAnswer, uploadHeaders } from './upload-answer.ts';

/** GET of an upload: where it stands. */
export async function uploadStatus(call: Call<'upload'>): Promise<Answer> {
  return uploadAnswer(204, call.route.repository, await ownUpload(call));
}

/** PATCH of an upload: the next chunk, or a stream of any length. */
export async function patchUpload(call: Call<'upload'>): Promise<Answer> {
  const upload = await ownUpload(call);
  checkPlace(call, upload);
  const size = await placed(call, upload, () => appendUpload(call.content, upload, incomingOf(call), call.signal));
  return uploadAnswer(202, call.route.repository, { id: upload.id, size });
}

/** PUT of an upload: its last chunk, which may be empty, and the digest of the whole. */
export async function putUpload(call: Call<'upload'>): Promise<Answer> {
  const { content, route, query, signal, journal } = call;
  const upload = await ownUpload(call);
  const digest = requiredDigest(query);
  checkPlace(call, upload);
  await placed(call, upload, () => finishUpload(content, upload, incomingOf(call), digest, signal, journal));
  return blobAnswer(route.repository, digest);
}

/** DELETE of an upload: the client gives it up. */
export async function deleteUpload(call: Call<'upload'>): Promise<Answer> {
  await cancelUpload(call.content, await ownUpload(call));
  return emptyAnswer(204);
}

function ownUpload({ content, route, identity }: Call<'upload'>): Promise<UploadRecord> {
  return requireUpload(content, route.repository, route.id, formatIdentity(identity));
}

function incomingOf({ request }: Call<'upload'>): {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly length: number | undefined;
} {
  return { chunks: bodyOf(request), length: contentLength(request) };
}

/** Every 416 says where the upload stands, and where to ask again. */
async function placed<Result>(
  { route }: Call<'upload'>,
  { id, size }: UploadRecord,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof RegistryError) || error.status !== 416) throw error;
    const headers = uploadHeaders(route.repository, id, size);
    throw new RegistryError(error.code, error.message, { status: 416, headers, cause: error });
  }
}

/** A chunk that says where it belongs must belong here, and be as long as it says. */
function checkPlace({ request, route }: Call<'upload'>, { id, size }: UploadRecord): void {
  const header = request.headers['content-range'];
  if (header === undefined) return;
  const range = parseContentRange(header);
  const length = contentLength(request);
  const fits = range?.start === size && (length === undefined || length === range.end - range.start + 1);
  // An empty last chunk may repeat the range of the one before (distribution-spec, "Pushing a blob in chunks").
  if (fits || length === 0) return;
  throw new RegistryError('BLOB_UPLOAD_INVALID', `The upload has ${size} bytes; go on from there`, {
    status: 416,
    headers: uploadHeaders(route.repository, id, size),
  });
}
