import type { S3Client } from './client.ts';
import { isAbsent, S3Failure } from './failure.ts';
import { decodeKey } from './objects.ts';
import { elementsOf, textOf, type XmlElement } from './xml.ts';

/** A part of a multipart upload, as the store knows it. */
export interface UploadedPart {
  readonly number: number;
  readonly etag: string;
}

/** A multipart upload that was begun and is not over. */
export interface PendingMultipart {
  readonly key: string;
  readonly uploadId: string;
  /** Milliseconds since 1970. */
  readonly begun: number;
}

/** Begins a multipart upload, of which nothing is seen before it is completed. */
export async function beginMultipart(client: S3Client, key: string): Promise<string> {
  const headers = { 'content-type': 'application/octet-stream' };
  const query = { uploads: '' };
  return need(await client.ask({ method: 'POST', key, query, headers }, 'InitiateMultipartUploadResult'), 'UploadId');
}

/** Sends a part. */
export async function sendPart(
  client: S3Client,
  key: string,
  uploadId: string,
  number: number,
  body: readonly Uint8Array[],
): Promise<UploadedPart> {
  const query = { partNumber: String(number), uploadId };
  const etag = (await client.act({ method: 'PUT', key, query, body })).get('etag');
  if (etag === undefined) throw new S3Failure(200, '');
  return { number, etag };
}

/** Makes a whole object a part, inside the store. */
export async function copyPart(
  client: S3Client,
  key: string,
  uploadId: string,
  number: number,
  from: string,
): Promise<UploadedPart> {
  const query = { partNumber: String(number), uploadId };
  const headers = { 'x-amz-copy-source': client.source(from) };
  const request = { method: 'PUT', key, query, headers, body: [] } as const;
  const etag = need(await client.ask(request, 'CopyPartResult'), 'ETag');
  return { number, etag };
}

/** Makes an object of the parts, at once. */
export async function completeMultipart(
  client: S3Client,
  key: string,
  uploadId: string,
  parts: readonly UploadedPart[],
): Promise<void> {
  const list = parts.map(
    ({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`,
  );
  const space = 'http://s3.amazonaws.com/doc/2006-03-01/';
  const document = `<CompleteMultipartUpload xmlns="${space}">${list.join('')}</CompleteMultipartUpload>`;
  const headers = { 'content-type': 'application/xml' };
  const request = { method: 'POST', key, query: { uploadId }, headers, body: [Buffer.from(document)] } as const;
  await client.ask(request, 'CompleteMultipartUploadResult');
}

/** Gives a multipart upload up; nothing is wrong when it is over. */
export async function abortMultipart(client: S3Client, key: string, uploadId: string): Promise<void> {
  try {
    await client.act({ method: 'DELETE', key, query: { uploadId } });
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** All multipart uploads under keys that start so, in pages. */
export async function* listMultiparts(
  client: S3Client,
  prefix: string,
): AsyncGenerator<PendingMultipart, void, undefined> {
  let markers: Record<string, string> | undefined = {};
  while (markers !== undefined) {
    const query = { uploads: '', prefix, 'encoding-type': 'url', ...markers };
    const page = await client.ask({ query }, 'ListMultipartUploadsResult');
    for (const element of elementsOf(page, 'Upload')) {
      const pending = readPending(element);
      if (pending?.key.startsWith(prefix) === true) yield pending;
    }
    const [key, id] = [decodeKey(textOf(page, 'NextKeyMarker')), textOf(page, 'NextUploadIdMarker')];
    const isOver = textOf(page, 'IsTruncated') !== 'true' || key === undefined || id === undefined;
    if (!isOver && markers['key-marker'] === key && markers['upload-id-marker'] === id) throw new S3Failure(200, '');
    markers = isOver ? undefined : { 'key-marker': key, 'upload-id-marker': id };
  }
}

function readPending(element: XmlElement): PendingMultipart | undefined {
  const [key, uploadId] = [decodeKey(textOf(element, 'Key')), textOf(element, 'UploadId')];
  const begun = Date.parse(textOf(element, 'Initiated') ?? '');
  if (key === undefined || uploadId === undefined || Number.isNaN(begun)) return undefined;
  return { key, uploadId, begun };
}

function need(element: XmlElement, name: string): string {
  const text = textOf(element, name);
  if (text === undefined || text === '') throw new S3Failure(200, '');
  return text;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
