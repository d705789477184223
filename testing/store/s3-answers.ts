import { parseXml, elementsOf, textOf } from '../../src/store/blob/s3/xml.ts';
import type { Bucket } from './s3-bucket.ts';

/** What is answered. */
export interface S3Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

const statuses: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  ConditionalRequestConflict: 409,
  ExistingObjectIsDirectory: 409,
  InvalidAccessKeyId: 403,
  InternalError: 500,
  InvalidRange: 416,
  MethodNotAllowed: 405,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NoSuchUpload: 404,
  OperationAborted: 409,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  SignatureDoesNotMatch: 403,
  SlowDown: 503,
};

/** An answer that tells of an error. */
export function errorAnswer(code: string, status: number = statuses[code] ?? 400): S3Answer {
  return document('Error', `<Code>${code}</Code><Message>not so</Message>`, status);
}

/** An answer that is a document. */
export function document(root: string, inner: string, status = 200): S3Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</${root}>`;
  return { status, headers: { 'content-type': 'application/xml' }, body };
}

/** A page of the objects of a bucket (ListObjectsV2). */
export function listPage(bucket: Bucket, query: ReadonlyMap<string, string>, pageSize: number): S3Answer {
  const { prefix, page, last, rest } = pick([...bucket.objects], ([key]) => key, query, 'continuation-token', pageSize);
  const items = page.map(([key, { bytes, etag, modified }]) => {
    const time = new Date(modified).toISOString();
    const facts = `<LastModified>${time}</LastModified><ETag>${xml(etag)}</ETag><Size>${bytes.length}</Size>`;
    return `<Contents><Key>${encodeURIComponent(key)}</Key>${facts}</Contents>`;
  });
  const next = rest ? `<NextContinuationToken>${Buffer.from(last).toString('base64')}</NextContinuationToken>` : '';
  const head = `<Prefix>${xml(prefix)}</Prefix><IsTruncated>${rest}</IsTruncated>`;
  return document('ListBucketResult', `${head}${items.join('')}${next}`);
}

/** A page of the multipart uploads of a bucket (ListMultipartUploads). */
export function multipartPage(bucket: Bucket, query: ReadonlyMap<string, string>, pageSize: number): S3Answer {
  const all = [...bucket.multiparts];
  const marker = query.has('key-marker') ? `${query.get('key-marker')} ${query.get('upload-id-marker')}` : undefined;
  const asked = new Map([...query, ...(marker === undefined ? [] : ([['marker', marker]] as const))]);
  const { page, rest } = pick(all, ([id, { key }]) => `${key} ${id}`, asked, 'marker', pageSize);
  const items = page.map(
    ([id, { key, begun }]) =>
      `<Upload><Key>${encodeURIComponent(key)}</Key><UploadId>${id}</UploadId><Initiated>${new Date(begun).toISOString()}</Initiated></Upload>`,
  );
  const [id, upload] = page.at(-1) ?? [];
  const next = `<NextKeyMarker>${encodeURIComponent(upload?.key ?? '')}</NextKeyMarker><NextUploadIdMarker>${id}</NextUploadIdMarker>`;
  return document(
    'ListMultipartUploadsResult',
    `<IsTruncated>${rest}</IsTruncated>${rest ? next : ''}${items.join('')}`,
  );
}

/** The parts that a request to complete names; undefined when it is no such document. */
export function readParts(body: Buffer): { number: number; etag: string }[] | undefined {
  const root = parseXml(body.toString('utf8'));
  if (root?.name !== 'CompleteMultipartUpload') return undefined;
  return elementsOf(root, 'Part').map((part) => ({
    number: Number(textOf(part, 'PartNumber')),
    etag: textOf(part, 'ETag') ?? '',
  }));
}

interface Page<Item> {
  readonly prefix: string;
  readonly page: readonly Item[];
  readonly last: string;
  readonly rest: boolean;
}

function pick<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  query: ReadonlyMap<string, string>,
  tokenName: string,
  pageSize: number,
): Page<Item> {
  const prefix = query.get('prefix') ?? '';
  const token = query.get(tokenName);
  const after = tokenName === 'marker' ? token : token && Buffer.from(token, 'base64').toString();
  const sorted = items
    .filter((item) => nameOf(item).startsWith(prefix) && (after === undefined || nameOf(item) > after))
    .toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
  const page = sorted.slice(0, pageSize);
  const last = page.at(-1);
  return { prefix, page, last: last === undefined ? '' : nameOf(last), rest: sorted.length > page.length };
}

/** Text in a document. */
export function xml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
