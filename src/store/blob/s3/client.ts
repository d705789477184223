import { createHash } from 'node:crypto';
import { isNetError } from '../../../net/error.ts';
import type { Network, NetworkResponse } from '../../../net/network.ts';
import { backoffMs } from '../../../net/retry.ts';
import { type AwsCredentials, presignAwsUrl, signAwsRequest } from '../../../net/sigv4.ts';
import { brokenAnswer, isPassingFailure, S3Failure } from './failure.ts';
import { passingFailureRetries, maxDocumentBytes, maxErrorBytes } from './limits.ts';
import { parseXml, textOf, type XmlElement } from './xml.ts';

/** Where a bucket is, and as whom it is asked. */
export interface S3Place {
  readonly network: Network;
  /** Scheme, host and port. */
  readonly endpoint: URL;
  readonly region: string;
  readonly bucket: string;
  /** Whether the bucket stands in the path, or before the host. */
  readonly addressing: 'path' | 'virtual-host';
  readonly credentials: () => Promise<AwsCredentials>;
  /** The endpoint as clients see it. */
  readonly publicEndpoint: URL;
}

/** One request about the bucket or an object in it. */
export interface S3Request {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** The bucket itself by default. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as they are, and again when the request is. */
  readonly body?: readonly Uint8Array[];
  readonly signal?: AbortSignal | undefined;
  /** Most bytes that are answered. */
  readonly maxBytes?: number;
}

/**
 * Asks a store in the way of Amazon S3. The bytes that are sent are hashed, and the hash is signed: every store takes that,
 * over plain HTTP too, and bytes that change on the way are refused. Every request may be sent twice, and is after 503.
 */
export class S3Client {
  readonly #place: S3Place;

  constructor(place: S3Place) {
    this.#place = place;
  }

  /** Waits, for what is tried again. */
  get clock(): Network['clock'] {
    return this.#place.network.clock;
  }

  /** What `x-amz-copy-source` says of an object of this bucket. */
  source(key: string): string {
    return `/${this.#place.bucket}/${key}`;
  }

  /** Sends a request and hands over a good answer. @throws S3Failure, NetError, or the signal's reason */
  async send(request: S3Request): Promise<NetworkResponse> {
    const { network, region, credentials } = this.#place;
    const { method = 'GET', key = '', query = {}, headers = {}, body, signal, maxBytes = maxDocumentBytes } = request;
    signal?.throwIfAborted();
    const url = this.#url(this.#place.endpoint, key, query);
    const hash = createHash('sha256');
    for (const chunk of body ?? []) hash.update(chunk);
    const sha256 = hash.digest('hex');
    const scope = { region, service: 's3', now: new Date(network.clock.now()) };
    const toSign = { method, url, headers: { ...headers, 'x-amz-content-sha256': sha256 }, body: { sha256 } };
    const { host: _host, ...signed } = signAwsRequest(toSign, await credentials(), scope);
    const length = (body ?? []).reduce((sum, chunk) => sum + chunk.length, 0);
    const sends = body !== undefined || method === 'PUT' || method === 'POST';
    const response = await network.request({
      method,
      url,
      headers: sends ? { ...signed, 'content-length': String(length) } : signed,
      ...(body === undefined ? {} : { body: () => streamOf(body) }),
      signal,
      idempotent: true,
      // An answer that tells of an error may be longer than the one that was hoped for.
      limits: { maxBodyBytes: Math.max(maxBytes, maxErrorBytes) },
    });
    if (response.status >= 200 && response.status < 300) return response;
    throw await failureOf(response);
  }

  /** Sends a request whose answer says nothing more. */
  async act(request: S3Request): Promise<ReadonlyMap<string, string>> {
    return await this.again(async () => {
      const response = await this.send(request);
      response.discard();
      return response.headers;
    });
  }

  /** Sends a request that is answered with a document. A failure may come in one, after a good status. */
  async ask(request: S3Request, rootName: string): Promise<XmlElement> {
    return await this.again(async () => {
      const response = await this.send(request);
      const root = parseXml((await collect(response)).toString('utf8'));
      if (root?.name === rootName) return root;
      throw new S3Failure(response.status, root?.name === 'Error' ? codeOf(root) : '');
    });
  }

  /** Asks again, a few times, after what may pass and the network does not ask again for. */
  async again<Result>(ask: () => Promise<Result>): Promise<Result> {
    for (let retry = 0; ; retry += 1) {
      try {
        return await ask();
      } catch (error) {
        if (!isPassingFailure(error) || retry === passingFailureRetries) throw error;
        await this.clock.sleep(backoffMs(retry, this.clock));
      }
    }
  }

  /** An address at which an object may be fetched for some seconds. */
  async presign(key: string, seconds: number): Promise<string> {
    const { network, region, credentials, publicEndpoint } = this.#place;
    const scope = { region, service: 's3', now: new Date(network.clock.now()) };
    return presignAwsUrl(this.#url(publicEndpoint, key, {}), seconds, await credentials(), scope).href;
  }

  #url(endpoint: URL, key: string, query: Readonly<Record<string, string>>): URL {
    const { bucket, addressing } = this.#place;
    const url = new URL(endpoint);
    if (addressing === 'virtual-host') url.hostname = `${bucket}.${url.hostname}`;
    url.pathname = addressing === 'path' ? `/${bucket}/${key}` : `/${key}`;
    const pairs = Object.entries(query).map(
      ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    );
    url.search = pairs.join('&');
    return url;
  }
}

/** All bytes of an answer, which was bounded when it was asked for. @throws S3Failure when it broke off */
export async function collect({ status, body }: NetworkResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of body) chunks.push(chunk);
  } catch (error) {
    throw isNetError(error, 'RESET', 'TIMEOUT', 'TOO_SLOW')
      ? new S3Failure(status, brokenAnswer, { cause: error })
      : error;
  }
  return Buffer.concat(chunks);
}

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, undefined> {
  yield* chunks;
}

/** What an answer tells of an error; an answer to HEAD has no body, so that only its status is known. */
async function failureOf(response: NetworkResponse): Promise<S3Failure> {
  const root = parseXml((await collect(response)).toString('utf8'));
  return new S3Failure(response.status, root?.name === 'Error' ? codeOf(root) : '');
}

/** It goes into messages. */
function codeOf(root: XmlElement): string {
  return /^[A-Za-z0-9.]{1,80}$/.exec(textOf(root, 'Code')?.trim() ?? '')?.[0] ?? '';
}
