import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AwsCredentials } from '../../src/net/sigv4.ts';
import { listen, type Listening } from '../registry/listen.ts';
import { document, errorAnswer, listPage, multipartPage, readParts, type S3Answer, xml } from './s3-answers.ts';
import { Bucket, type StoredObject } from './s3-bucket.ts';
import { checkSignature, queryOf } from './s3-signature.ts';

/** A way in which the stand-in misbehaves, so many times. */
export interface S3Fault {
  readonly method?: string;
  /** A part of path and query. */
  readonly target: string;
  /**
   * `error` answers so without looking; `late-error` does what is asked and then tells of a failure after a good status;
   * `lost` does what is asked and breaks the connection instead of answering; `cut` breaks off in the middle of a body;
   * `short` ends it early without a break; `no-range` answers with all bytes.
   */
  readonly kind: 'error' | 'late-error' | 'lost' | 'cut' | 'short' | 'no-range';
  readonly code?: string;
  readonly after?: number;
  times: number;
}

/** How the stand-in is set up. */
export interface S3ServerOptions {
  /** Items on a page of a list. */
  readonly pageSize?: number;
  readonly credentials?: AwsCredentials;
  readonly now?: () => number;
  /** Buckets stand before this host, in requests that come as to a proxy. */
  readonly virtualHost?: string;
}

/** A store in memory that speaks as Amazon S3 does, and checks signatures. */
export interface S3Server extends Listening {
  readonly bucket: Bucket;
  readonly credentials: AwsCredentials;
  /** Method and target of each request so far. */
  readonly requests: string[];
  readonly faults: S3Fault[];
}

/** The only bucket of the stand-in, and its region. */
export const bucketName = 'a-bucket';
export const region = 'eu-test-1';

interface S3Request {
  readonly method: string;
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** Starts the stand-in on loopback. */
export async function startS3Server(options: S3ServerOptions = {}): Promise<S3Server> {
  const { now = Date.now, pageSize = 1000, virtualHost } = options;
  const credentials = options.credentials ?? { accessKeyId: 'AKIDTEST', secretAccessKey: 'a secret/of+this=test' };
  const bucket = new Bucket(now);
  const requests: string[] = [];
  const faults: S3Fault[] = [];

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request;
    const url = new URL(request.url ?? '', `http://${headers.host}`);
    const target = `${url.pathname}${url.search}`;
    requests.push(`${method} ${target}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const fault = faults.find(
      (one) => one.times > 0 && target.includes(one.target) && (one.method ?? method) === method,
    );
    if (fault !== undefined) fault.times -= 1;
    if (fault?.kind === 'error') return reply(response, method, errorAnswer(fault.code ?? 'SlowDown'));
    const refusal = checkSignature({ method, target, headers, body }, { credentials, region, now });
    if (refusal !== undefined) return reply(response, method, errorAnswer(refusal));
    const [name, key] = virtualHost === undefined ? splitPath(url.pathname) : splitHost(url, virtualHost);
    if (name !== bucketName) return reply(response, method, errorAnswer('NoSuchBucket'));
    const asked = fault?.kind === 'no-range' ? { ...headers, range: undefined } : headers;
    const done = act(bucket, { method, key, query: new Map(queryOf(target)), headers: asked, body }, pageSize);
    if (fault?.kind === 'late-error') return reply(response, method, errorAnswer(fault.code ?? 'InternalError', 200));
    if (fault?.kind === 'lost') return void request.socket.destroy();
    reply(response, method, done, fault);
  }

  const server = await listen((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  return { ...server, bucket, credentials, requests, faults };
}

function splitPath(path: string): readonly [string, string] {
  const [, bucket = '', ...key] = path.split('/');
  return [bucket, decodeURIComponent(key.join('/'))];
}

function splitHost({ hostname, pathname }: URL, virtualHost: string): readonly [string, string] {
  const suffix = `.${virtualHost}`;
  return [hostname.endsWith(suffix) ? hostname.slice(0, -suffix.length) : '', decodeURIComponent(pathname.slice(1))];
}

function act(bucket: Bucket, request: S3Request, pageSize: number): S3Answer {
  const { method, key, query } = request;
  if (key === '') {
    if (method !== 'GET') return errorAnswer('MethodNotAllowed');
    if (query.has('uploads')) return multipartPage(bucket, query, pageSize);
    return query.get('list-type') === '2' ? listPage(bucket, query, pageSize) : errorAnswer('NotImplemented', 501);
  }
  if (query.has('uploads') || query.has('uploadId')) return actOnMultipart(bucket, request);
  if (method === 'PUT') return put(bucket, request);
  if (method === 'DELETE') {
    bucket.objects.delete(key);
    return { status: 204 };
  }
  const object = bucket.objects.get(key);
  if (method !== 'GET' && method !== 'HEAD') return errorAnswer('MethodNotAllowed');
  return object === undefined ? errorAnswer('NoSuchKey') : get(object, request.headers.range);
}

function put(bucket: Bucket, { key, headers, body }: S3Request): S3Answer {
  if (headers['if-none-match'] === '*' && bucket.objects.has(key)) return errorAnswer('PreconditionFailed');
  const source = sourceOf(bucket, headers);
  if (source === 'NoSuchKey') return errorAnswer(source);
  const { etag, modified } = bucket.put(key, source?.bytes ?? body);
  if (source === undefined) return { status: 200, headers: { etag } };
  const time = new Date(modified).toISOString();
  return document('CopyObjectResult', `<ETag>${xml(etag)}</ETag><LastModified>${time}</LastModified>`);
}

function actOnMultipart(bucket: Bucket, { method, key, query, headers, body }: S3Request): S3Answer {
  if (method === 'POST' && query.has('uploads')) {
    const names = `<Bucket>${bucketName}</Bucket><Key>${xml(key)}</Key>`;
    return document('InitiateMultipartUploadResult', `${names}<UploadId>${bucket.begin(key)}</UploadId>`);
  }
  const id = query.get('uploadId') ?? '';
  if (method === 'DELETE') {
    const code = bucket.abort(id, key);
    return code === undefined ? { status: 204 } : errorAnswer(code);
  }
  if (method === 'PUT') {
    const source = sourceOf(bucket, headers);
    if (source === 'NoSuchKey') return errorAnswer(source);
    const part = bucket.putPart(id, key, Number(query.get('partNumber')), source?.bytes ?? body);
    if (typeof part === 'string') return errorAnswer(part);
    if (source === undefined) return { status: 200, headers: { etag: part.etag } };
    return document('CopyPartResult', `<ETag>${xml(part.etag)}</ETag>`);
  }
  const parts = readParts(body);
  const object = parts === undefined ? 'MalformedXML' : bucket.complete(id, key, parts);
  if (typeof object === 'string') return errorAnswer(object);
  return document('CompleteMultipartUploadResult', `<Key>${xml(key)}</Key><ETag>${xml(object.etag)}</ETag>`);
}

function sourceOf(bucket: Bucket, headers: IncomingMessage['headers']): StoredObject | 'NoSuchKey' | undefined {
  const source = headers['x-amz-copy-source'];
  if (source === undefined) return undefined;
  const [name, key] = splitPath(`/${String(source).replace(/^\//, '')}`);
  return (name === bucketName ? bucket.objects.get(key) : undefined) ?? 'NoSuchKey';
}

function get({ bytes, etag, modified }: StoredObject, range: string | undefined): S3Answer {
  const headers = { etag, 'last-modified': new Date(modified).toUTCString(), 'accept-ranges': 'bytes' };
  const match = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  if (match === null) return { status: 200, headers, body: bytes };
  const start = Number(match[1]);
  if (start >= bytes.length) return errorAnswer('InvalidRange');
  const end = Math.min(match[2] === '' ? Infinity : Number(match[2]), bytes.length - 1);
  const named = { ...headers, 'content-range': `bytes ${start}-${end}/${bytes.length}` };
  return { status: 206, headers: named, body: bytes.subarray(start, end + 1) };
}

function reply(
  response: ServerResponse,
  method: string,
  { status, headers, body = '' }: S3Answer,
  fault?: S3Fault,
): void {
  const bytes = Buffer.from(body as Buffer);
  const length = { 'content-length': String(bytes.length) };
  if (status === 204) return void response.writeHead(status, headers).end();
  if (fault?.kind === 'short') return void response.writeHead(status, headers).end(bytes.subarray(0, fault.after));
  response.writeHead(status, { ...headers, ...length });
  if (method === 'HEAD') return void response.end();
  if (fault?.kind !== 'cut') return void response.end(bytes);
  response.write(bytes.subarray(0, fault.after), () => response.destroy());
}
