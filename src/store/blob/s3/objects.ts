import { StoreError } from '../../error.ts';
import { collect, type S3Client } from './client.ts';
import { isAbsent, S3Failure } from './failure.ts';
import { elementsOf, textOf, type XmlElement } from './xml.ts';

/** An object as a list names it. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/**
 * The size of an object, or undefined when it is not there. An answer to HEAD does not say whether the object or the whole
 * bucket is missing, so a second question does.
 */
export async function sizeOfObject(client: S3Client, key: string): Promise<number | undefined> {
  try {
    return readLength((await client.act({ method: 'HEAD', key })).get('content-length'));
  } catch (error) {
    if (!(error instanceof S3Failure) || error.status !== 404) throw error;
  }
  const object = await getWhole(client, key, 1, 'bytes=0-0');
  // It came between the two questions.
  return object === undefined
    ? undefined
    : readLength((await client.act({ method: 'HEAD', key })).get('content-length'));
}

/** All bytes of a small object, or undefined when it is not there. */
export async function getWhole(
  client: S3Client,
  key: string,
  maxBytes: number,
  range?: string,
): Promise<Buffer | undefined> {
  try {
    const headers = range === undefined ? {} : { range };
    return await client.again(async () => await collect(await client.send({ key, maxBytes, headers })));
  } catch (error) {
    if (isAbsent(error)) return undefined;
    // Of an object without bytes there is no first one (RFC 9110, 15.5.17).
    if (range !== undefined && error instanceof S3Failure && error.status === 416) return Buffer.alloc(0);
    throw error;
  }
}

/** Writes an object whole. */
export async function putObject(
  client: S3Client,
  key: string,
  body: readonly Uint8Array[],
  signal?: AbortSignal,
): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream' };
  await client.act({ method: 'PUT', key, body, headers, signal });
}

/** Removes an object; nothing is wrong when it is not there. */
export async function deleteObject(client: S3Client, key: string): Promise<void> {
  try {
    await client.act({ method: 'DELETE', key });
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

/** Copies an object inside the store; of 5 GiB at most. */
export async function copyObject(client: S3Client, from: string, to: string): Promise<void> {
  const headers = { 'x-amz-copy-source': client.source(from) };
  await client.ask({ method: 'PUT', key: to, headers, body: [] }, 'CopyObjectResult');
}

/** All objects whose keys start so, in pages. */
export async function* listObjects(
  client: S3Client,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<ListedObject, void, undefined> {
  let token: string | undefined;
  do {
    // Keys come encoded, since XML has no way to write some of their characters.
    const query = { 'list-type': '2', prefix, 'encoding-type': 'url' };
    const more = token === undefined ? {} : { 'continuation-token': token };
    const page = await client.ask({ query: { ...query, ...more }, signal }, 'ListBucketResult');
    for (const element of elementsOf(page, 'Contents')) {
      const object = readListed(element);
      if (object !== undefined) yield object;
    }
    const next = textOf(page, 'IsTruncated') === 'true' ? textOf(page, 'NextContinuationToken') : undefined;
    if (next !== undefined && next === token) throw new S3Failure(200, '');
    token = next;
  } while (token !== undefined);
}

/** A key that was encoded for a list; undefined when it is no such text. */
export function decodeKey(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function readListed(element: XmlElement): ListedObject | undefined {
  const key = decodeKey(textOf(element, 'Key'));
  const size = textOf(element, 'Size') ?? '';
  const modified = Date.parse(textOf(element, 'LastModified') ?? '');
  if (key === undefined || !/^\d{1,15}$/.test(size) || Number.isNaN(modified)) return undefined;
  return { key, size: Number(size), modified };
}

function readLength(text: string | undefined): number {
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  throw new StoreError(
    'STORE_UNAVAILABLE',
    'the object store told no size of an object; see whether a proxy changes answers',
  );
}
